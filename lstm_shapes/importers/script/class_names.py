"""The names that Keras gives layers that have none."""

from __future__ import annotations

import re


def snake(name: str) -> str:
    """The name that Keras gives a layer of a class.

    >>> snake("ConvLSTM2D"), snake("SimpleRNN"), snake("LSTM")
    ('conv_lstm2d', 'simple_rnn', 'lstm')
    """
    text = re.sub(r"\W+", "", name)
    text = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", text)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", text).lower()
