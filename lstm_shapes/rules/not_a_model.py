"""The file holds something else than a model

A model is a mapping with ``layers``. A bare list of layers has no place for ``input_dim``, and a saved model (a
.keras or .h5 file, a pickle) is not a spec.

Example:

```yaml
- {type: lstm, units: 32}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32}
```
"""
