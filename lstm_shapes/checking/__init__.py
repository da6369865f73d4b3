"""Checking many files: which files, with which settings, what is ignored, baselines and git revisions."""
