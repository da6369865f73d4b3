"""Predictions confirmed by a NumPy run."""
