"""What a file may ask for before it is refused: decided while reading, before anything is built."""

MAX_BYTES = 16 * 1024 * 1024
MAX_NODES = 500_000
"""Values in a file, an alias counting as often as it is used."""
MAX_DEPTH = 100
MAX_DIGITS = 40
