"""Runs of these equations, all recorded alike."""
