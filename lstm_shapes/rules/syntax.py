"""The file is not YAML, or not JSON

A bracket that is not closed, a missing comma, a tab where spaces should be: from there on nobody can say what the
author means, so this one mistake is reported alone. The place is where reading stopped; the cause may stand a little
before. A file whose name ends in .json is read as JSON, which has no comments and no comma behind the last item.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32}
```
"""
