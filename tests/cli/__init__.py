"""The command line from outside: what is printed, where, and what is loaded for it."""
