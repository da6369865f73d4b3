"""The file asks for more than a model has

Read are files of up to 16 MiB, with up to 500,000 values, nested up to 100 levels deep, and models of up to 60,000
layers, those of repeated and nested blocks counted as often as they occur. A few lines of YAML can stand for billions
of values, and the check is meant to run on files that strangers send. A real model is far below: split one that is
not.

Example:

```yaml
input_dim: 8
layers:
  - {type: dense, units: 8, repeat: 200000}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: dense, units: 8, repeat: 200}
```
"""
