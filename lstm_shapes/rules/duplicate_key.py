"""A key stands twice in one mapping

Both YAML 1.2 and RFC 8259 want the keys of a mapping to be unique, but PyYAML and Python's json take the last one
without a word: of ``{units: 32, units: 64}`` a training script sees 64, and a reader may see 32. Keep one.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32, units: 64}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 64}
```
"""
