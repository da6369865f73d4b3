"""The framework has no such layer

torch.nn has LSTM, GRU and RNN (torch/nn/modules/rnn.py), and no convolutional kind of them; Keras has ConvLSTM1D, 2D
and 3D. There is then no count that would be PyTorch's.

Example:

```yaml
framework: torch
inputs: {film: [B, T, 28, 28, 1]}
layers:
  - {type: conv_lstm2d, filters: 8, kernel_size: 3}
```

Instead:

```yaml
framework: keras
inputs: {film: [B, T, 28, 28, 1]}
layers:
  - {type: conv_lstm2d, filters: 8, kernel_size: 3}
```
"""
