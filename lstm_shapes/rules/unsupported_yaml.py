"""A part of YAML that a model does not need

Tags, merge keys (``<<``), keys that are not text, and a second document are not read. Tags are how a YAML file makes
an unsafe loader run code (``!!python/object``); merge keys belong to YAML 1.1. Anchors and aliases are read. Layers
that are alike are better written with ``repeat``.

Example:

```yaml
input_dim: 8
layers:
  - &recurrent {type: lstm, units: 32, return_sequences: true}
  - {<<: *recurrent, type: lstm, units: 32}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32, return_sequences: true, repeat: 2}
```
"""
