"""Sizes do not come out even

A reshape keeps every number: 80 of them cannot become 3 rows of 5. Keras says "The total size of the tensor must be
unchanged", PyTorch "shape '[3, 5]' is invalid for input of size 80". A kernel that is larger than the picture it
slides over is reported here as well. With symbols the sizes must agree whatever their values.

Example:

```yaml
timesteps: 10
input_dim: 8
layers:
  - {type: reshape, target_shape: [3, 5]}
```

Instead:

```yaml
timesteps: 10
input_dim: 8
layers:
  - {type: reshape, target_shape: [16, 5]}
```
"""
