"""Two layers have one name

A name that stands twice does not say which layer ``inputs`` means. Keras refuses: "The name 'a' is used 2 times in
the model. All operation names should be unique." A layer without a name gets its type and a number.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, name: encoder, units: 32, return_sequences: true}
  - {type: lstm, name: encoder, units: 16}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, name: encoder, units: 32, return_sequences: true}
  - {type: lstm, name: summary, units: 16}
```
"""
