"""What is printed: golden outputs written by hand from each format's definition, and readers that read them back."""
