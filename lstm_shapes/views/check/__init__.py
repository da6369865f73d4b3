"""The formats of the command check."""
