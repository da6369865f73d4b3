"""The framework's layer has no such setting

The figures are right for a layer with this setting, but the framework has none: neither Keras 3 nor PyTorch has
peepholes, and Keras 3 has no projection ("Unrecognized keyword arguments passed to LSTM: {'proj_size': 3}").
TensorFlow 1's LSTMCell has both. A GRU of PyTorch always resets after the product.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32, peephole: true}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32}
```
"""
