"""There is no layer of this type

Types are known by our names, by Keras' and by PyTorch's: ``lstm`` is ``LSTM``, ``dense`` is ``Linear``. Keras answers
a config with an unknown class by "Could not locate class 'LSMT'". A layer of your own is ``type: custom``, with its
output and its params as you declare them.

Example:

```yaml
input_dim: 8
layers:
  - {type: lsmt, units: 32}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32}
```
"""
