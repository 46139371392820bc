"""Targets to eigenpairs."""
