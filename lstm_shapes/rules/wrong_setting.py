"""Settings do not go together

Each value may stand where it stands, but not with the others: a projection as wide as the layer (PyTorch: "proj_size
has to be smaller than hidden_size"), two directions that read the same way (Keras: "Forward layer and backward layer
should have different `go_backwards` value"), an add of one input (Keras: "A merge layer should be called on a list of
inputs").

Example:

```yaml
framework: torch
input_dim: 8
layers:
  - {type: lstm, units: 32, proj_size: 32}
```

Instead:

```yaml
framework: torch
input_dim: 8
layers:
  - {type: lstm, units: 32, proj_size: 16}
```
"""
