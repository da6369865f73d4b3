"""The topics of ``explain``, one a file; ``explain.TOPICS`` is the list."""
