"""Whether it holds depends on a symbol

A bound or an expectation on a figure with symbols in it is neither kept nor broken. The message says where it holds:
``macs <= 1,000,000 holds for B*T <= 195``. Where a figure grows with a single symbol, or with a single product of
symbols, the last value that fits is found by exact search; otherwise the condition itself is printed.

Give the symbols numbers, with ``dims``, with ``--set``, or where the size stands, to have it decided.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: H}
budget: {params: 20000}
```

Instead:

```yaml
input_dim: 8
dims: {H: 58}
layers:
  - {type: lstm, units: H}
budget: {params: 20000}
```
"""
