"""The check of many files: which to read, what is asked of them, what is left out, and what was found."""
