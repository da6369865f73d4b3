"""A value is of the wrong kind

A size is a positive integer, a symbol or an expression; a flag is true or false; a fraction lies between 0 and 1.
YAML makes text of ``"32"`` in quotes, of ``20_000`` and of ``yes``. Keras finds some of these late and some never: it
builds ``LSTM(True)`` as a layer of one unit and ``LSTM(4, dropout=20)`` as if that were a fraction; PyTorch says
"hidden_size should be of type int, got: str". The hint has the literal to write.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: "32"}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32}
```
"""
