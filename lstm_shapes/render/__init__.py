"""Output formats: each file turns pages or rows into text of its kind."""
