"""Predictions from counts alone, and their comparison with trained runs."""
