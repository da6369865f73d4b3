"""A model as a graph of layers: the data, shape inference, and the NumPy run."""
