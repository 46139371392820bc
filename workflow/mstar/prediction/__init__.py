"""Predictions from counts alone, and how well trained runs agree with them."""
