"""Flax linen: the same modules as nnx, which are given their tensors when they are called."""

from __future__ import annotations

from lstm_shapes.analysis.verify.against.flax import FlaxBuilder, imported
from lstm_shapes.frameworks.flax_linen import FLAX_LINEN


def connect() -> FlaxBuilder:
    """Flax linen and JAX, imported."""
    return imported("flax-linen", FLAX_LINEN, "linen")
