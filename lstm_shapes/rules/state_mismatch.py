"""States go to a layer that they do not fit

An LSTM begins with h and c, each (batch, units); a GRU with h alone. The states of an encoder fit a decoder of the
same kind and the same units. Keras builds the model all the same: an LSTM then fails when it runs ("mat1 and mat2
shapes cannot be multiplied (2x16 and 32x128)"), and a GRU that is given h and c takes h and drops c without a word.
PyTorch says "Expected hidden[0] size (1, 5, 16), got [1, 5, 32]".

Example:

```yaml
inputs: {x: [B, T, 8], y: [B, S, 8]}
layers:
  - {type: lstm, name: encoder, units: 16, return_state: true, inputs: x}
  - {type: lstm, name: decoder, units: 32, inputs: y, initial_state: [encoder.h, encoder.c]}
```

Instead:

```yaml
inputs: {x: [B, T, 8], y: [B, S, 8]}
layers:
  - {type: lstm, name: encoder, units: 16, return_state: true, inputs: x}
  - {type: lstm, name: decoder, units: 16, inputs: y, initial_state: [encoder.h, encoder.c]}
```
"""
