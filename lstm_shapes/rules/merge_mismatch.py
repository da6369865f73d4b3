"""Tensors of unequal shapes cannot be merged

Add, multiply, average and subtract work number by number; concatenate may differ along its axis alone. Keras says
"Inputs have incompatible shapes. Received shapes (10, 8) and (10, 16)".

The directions of a bidirectional layer are merged too: ``merge: sum`` needs both of one width. Keras 3 builds a layer
with unequal ones, since it asks the forward layer alone (keras-team/keras#23688), and fails when it runs: "The size
of tensor a (4) must match the size of tensor b (5)".

Example:

```yaml
inputs: {x: [B, T, 8], y: [B, T, 16]}
layers:
  - {type: add, inputs: [x, y]}
```

Instead:

```yaml
inputs: {x: [B, T, 8], y: [B, T, 16]}
layers:
  - {type: concatenate, inputs: [x, y]}
```
"""
