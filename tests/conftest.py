"""Settings that must stand before NumPy is loaded, and how much random input the tests are given."""

import os

from .profiles import register

for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ.setdefault(f"{library}_NUM_THREADS", "1")

register()
