"""A layer says how many features reach it, and others do

``input_dim`` on a layer, or ``input_size``, which PyTorch wants on each, is a promise about what the layer above
passes on. PyTorch finds a broken one in the first batch: "input.size(-1) must be equal to input_size. Expected 8, got
7". A count that was made with the promised number would be wrong.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32, return_sequences: true}
  - {type: lstm, units: 16, input_dim: 64}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32, return_sequences: true}
  - {type: lstm, units: 16, input_dim: 32}
```
"""
