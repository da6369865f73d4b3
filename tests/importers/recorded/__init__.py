"""Files that old releases of Keras wrote, with what these releases said of them."""
