"""The input has too many or too few axes

A recurrent layer reads (batch, time, features). An image has four axes, the last step of another layer has two. Keras
says "expected ndim=3, found ndim=4", PyTorch "LSTM: Expected input to be 2D or 3D, got 4D instead". Where the cause
is a layer above that keeps only its last step, there is a rule of its own.

Example:

```yaml
inputs: {image: [B, 28, 28, 1]}
layers:
  - {type: lstm, units: 32}
```

Instead:

```yaml
inputs: {image: [B, 28, 28, 1]}
layers:
  - {type: reshape, target_shape: [28, 28]}
  - {type: lstm, units: 32}
```
"""
