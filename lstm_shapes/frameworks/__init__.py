"""Frameworks: what is read from a Document, and how each framework keeps its tensors. ``FRAMEWORKS`` is the list."""

from lstm_shapes.frameworks.keras import KERAS
from lstm_shapes.frameworks.layout import Framework
from lstm_shapes.frameworks.torch import TORCH

FRAMEWORKS: dict[str, Framework] = {framework.name: framework for framework in (KERAS, TORCH)}
