"""The rules: an inferred model -> findings, and a page that explains each kind of finding.

``shapes`` and ``expectations`` report what makes a figure wrong, in every command; ``lint/`` has the rules that only
``check`` runs, one file each; ``pages/`` has a Markdown page for each kind in ``findings.kinds``; ``catalog`` lists
them all.
"""
