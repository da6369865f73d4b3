"""Layers read each other in a circle

No layer of a circle can be computed first, so none has a shape. What goes round in a recurrent network is its state,
and that is inside the layer: between layers ``initial_state`` hands it on, in one direction. Names inside a nested
model are its own.

Example:

```yaml
input_dim: 8
layers:
  - {type: dense, name: a, units: 8, inputs: b}
  - {type: dense, name: b, units: 8, inputs: a}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: dense, name: a, units: 8, inputs: input}
  - {type: dense, name: b, units: 8, inputs: a}
```
"""
