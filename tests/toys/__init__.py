"""A small layer, framework, rule, topic and command, which ``test_contributing.py`` adds to a copy of the package."""
