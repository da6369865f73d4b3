"""A figure is above its bound

``budget`` bounds ``params``, ``trainable_params``, ``macs`` and ``bytes`` from above, of the model or of a layer; the
message says by how much the bound is exceeded. An LSTM grows with the square of its units, so doubling them makes up
to four times the parameters.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 64}
budget: {params: 10000}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32}
budget: {params: 10000}
```
"""
