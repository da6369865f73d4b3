"""Forms for what is said: each file turns pages or rows into text of one kind."""
