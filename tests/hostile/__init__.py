"""Input that nobody should trust, given to the real command; beside each hostile case its harmless twin."""
