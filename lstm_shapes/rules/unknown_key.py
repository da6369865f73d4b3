"""A layer or a model has no such key

A key that nobody reads does nothing, and a typo would leave the default in force. Keras and PyTorch refuse it when
the layer is built: "Unrecognized keyword arguments passed to LSTM: {'unit': 3}", "got an unexpected keyword
argument". The hint has the nearest key that there is. Names of both houses are known: ``hidden_size`` is ``units``,
``use_bias`` is ``bias``.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, unit: 32}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32}
```
"""
