"""A layer does not pass on what is asked of it

``encoder.h`` is the last hidden state of encoder, and there with ``return_state: true`` alone: a Keras layer returns
its states only when it is told to. A bidirectional layer has ``forward_h``, ``backward_h`` and so on; with ``merge:
none`` its outputs are ``forward`` and ``backward``.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, name: encoder, units: 32}
outputs: [encoder, encoder.h]
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, name: encoder, units: 32, return_state: true}
outputs: [encoder, encoder.h]
```
"""
