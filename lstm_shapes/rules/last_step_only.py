"""The layer above keeps only its last step, where a sequence is needed

A Keras LSTM passes on the hidden state of its last timestep alone, (batch, units), unless it is told to pass on all
of them. A recurrent layer above another needs the sequence. Keras reports the symptom, "expected ndim=3, found
ndim=2", and names neither the layer above nor ``return_sequences``. torch.nn.LSTM always passes on the sequence.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, name: encoder, units: 32}
  - {type: lstm, name: decoder, units: 16}
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, name: encoder, units: 32, return_sequences: true}
  - {type: lstm, name: decoder, units: 16}
```
"""
