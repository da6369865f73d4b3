"""A name leads to no layer and no input

``inputs``, ``initial_state``, ``outputs`` and ``use`` name layers or inputs of the same model; ``use`` names one that
stands above. Without ``inputs`` a layer reads the one above it. Names are taken as they are written, capitals
included.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, name: encoder, units: 32}
  - {type: dense, units: 1, inputs: encodr}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, name: encoder, units: 32}
  - {type: dense, units: 1, inputs: encoder}
```
"""
