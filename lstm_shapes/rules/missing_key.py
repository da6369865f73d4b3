"""A key is missing that has no default

Without ``units`` an LSTM has no width, and nothing behind it has a shape. Keras says "LSTM.__init__() missing 1
required positional argument: 'units'". The model itself needs ``input_dim``, the features per timestep, unless an
embedding comes first; a symbol such as ``input_dim: D`` will do.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, return_sequences: true}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32, return_sequences: true}
```
"""
