"""A figure is not what the author expects

``expect`` says what must hold exactly: ``output``, ``params``, ``trainable_params``, ``macs``, ``bytes``, ``states``,
of the model or of a layer. When a change was meant, write the new figure beside it, so that the reviewer sees both.
The right number depends on the framework: PyTorch keeps a second bias per gate, 4*units more than Keras for an LSTM.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32, expect: {params: 5376}}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32, expect: {params: 5248}}
```
"""
