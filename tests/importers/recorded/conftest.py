"""The generator needs old releases of Keras, so that pytest must not import it."""

collect_ignore = ["generate.py", "generate_files.py"]
