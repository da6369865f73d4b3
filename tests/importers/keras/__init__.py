"""Tests of the Keras importer."""
