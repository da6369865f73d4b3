r"""The file is not text in UTF-8

YAML as it is used between programs, and JSON always (RFC 8259, section 8.1), are written in UTF-8. A byte that is not
UTF-8 mostly comes from an editor that saved in Latin-1 or Windows-1252: an ü is then one byte, 0xfc. The same bytes
mean another letter on another machine, so they are not guessed. Save the file again as UTF-8.

Example:

```python
b'name: gr\xfcn\ninput_dim: 8\nlayers:\n  - {type: lstm, units: 32}\n'
```

Instead:

```yaml
name: grün
input_dim: 8
layers:
  - {type: lstm, units: 32}
```
"""
