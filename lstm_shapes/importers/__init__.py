"""Foreign documents translated into the spec: a Keras config, an ONNX graph, a state dict, a script."""
