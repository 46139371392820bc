"""Intervals, power laws and the Marchenko-Pastur law."""
