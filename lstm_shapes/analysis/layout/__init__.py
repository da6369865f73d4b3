"""How each tensor of a layer in one framework becomes those of another, and the NumPy function that does it."""
