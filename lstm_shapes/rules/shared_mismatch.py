"""A layer is used again on an input of another width

Weights are made for the first input that a layer sees. Used again, the layer has the same weights, so what reaches it
must be as wide. Keras says "expected axis -1 of input shape to have value 8, but received input with shape (None,
9)".

Example:

```yaml
inputs: {x: [B, 8], y: [B, 9]}
layers:
  - {type: dense, name: first, units: 4, inputs: x}
  - {use: first, name: again, inputs: y}
outputs: [first, again]
```

Instead:

```yaml
inputs: {x: [B, 8], y: [B, 8]}
layers:
  - {type: dense, name: first, units: 4, inputs: x}
  - {use: first, name: again, inputs: y}
outputs: [first, again]
```
"""
