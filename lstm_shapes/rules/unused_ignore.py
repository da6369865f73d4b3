"""A comment ignores what is not there

``# lstm-shapes: ignore[LS202] reason`` silences a rule on its line, or on the next one when it stands alone;
``ignore-file`` silences it in the whole file. One that silences nothing is left over from a mistake that has been
mended, or names the wrong rule, and would hide the next one. ``check`` alone reports it.

Example:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32}  # lstm-shapes: ignore[LS202] the decoder needs the last step alone
```

Instead:

```yaml
input_dim: 8
layers:
  - {type: lstm, units: 32}
```
"""
