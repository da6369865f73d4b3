"""Outputs taken once from the real frameworks, so that a wrong equation fails where none of them is installed."""
