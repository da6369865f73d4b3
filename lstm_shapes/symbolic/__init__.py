"""Sizes that may hold symbols: exact arithmetic, parsing, inequalities, and formulas in the words of the field."""
