"""The generators need old releases of Keras, so that pytest must not import them."""

collect_ignore = ["generate.py", "generate_files.py", "write_lstm_model.py"]
