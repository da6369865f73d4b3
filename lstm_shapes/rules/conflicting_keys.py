"""Two keys contradict each other, or say the same twice

``units`` and ``hidden_size`` are one field, and so are ``bias`` and ``use_bias``: if both stand there, one of them is
not what the author believes. ``merge`` without ``bidirectional``, and ``input_dim`` beside ``inputs``, would have no
effect.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32, hidden_size: 64}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 64}
```
"""
