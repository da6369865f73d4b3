"""An answer as people and programs read it: page, JSON data and CSV rows, one file a command."""
