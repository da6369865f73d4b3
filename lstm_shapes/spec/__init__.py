"""Our own spec file: from a Document to a model, with every mistake of the file."""
