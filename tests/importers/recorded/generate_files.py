"""Writes the files of old Keras: ``python generate_files.py FOLDER`` in an environment with the version in question.

Keras 1.2.2 (Theano), Keras 2.2.4 (TensorFlow 1.15) and tf.keras 2.15.1 wrote those that lie here. The number of
parameters, which the test compares, is printed. Runs under Python 3.7 too.
"""

import sys

import keras
from keras import layers
from keras.models import Sequential

VERSION = keras.__version__
OLD = VERSION.startswith("1.")


def convolution(filters, size):
    if OLD:
        return layers.Convolution1D(filters, size, border_mode="same")
    return layers.Conv1D(filters, size, padding="same")


def model():
    """Every kind of arrays: gates, both directions, a wrapper, statistics, a model inside, an optimizer's state."""
    wrappers = layers.wrappers if hasattr(layers, "wrappers") else layers
    inner = Sequential()
    inner.add(layers.GRU(3, return_sequences=True, input_shape=(7, 4), name="inner_gru"))
    inner.add(layers.BatchNormalization(name="inner_norm"))
    outer = Sequential()
    outer.add(layers.Embedding(11, 2, input_length=7, name="tokens"))
    outer.add(convolution(3, 3))
    outer.add(wrappers.Bidirectional(layers.LSTM(2, return_sequences=True), name="both"))
    outer.add(wrappers.TimeDistributed(layers.Dense(4), name="each"))
    outer.add(inner)
    outer.add(layers.SimpleRNN(2, name="last"))
    outer.add(layers.Dense(1, name="out"))
    outer.compile("adam", "mse")
    return outer


if __name__ == "__main__":
    made = model()
    suffix = "keras" if VERSION >= "2.12" and not VERSION.startswith("2.2") else "h5"
    name = "{}/keras_{}.{}".format(sys.argv[1], VERSION.replace(".", "_"), suffix)
    made.save(name)
    print(name, int(made.count_params()))
