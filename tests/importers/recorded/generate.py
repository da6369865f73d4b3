"""Writes the files in this folder, each with the release of Keras that it is named after. Never run by the tests.

Keras 2.2.4 (TensorFlow 1.15.5) and 1.2.2 (Theano) need Python 3.7, TensorFlow 2.3.4 3.8, 2.15.1 3.11. In an
environment with one of them, ``KERAS_BACKEND=theano python generate.py`` for Keras 1, or ``python generate.py``, writes
``keras_2_2_4.json`` and so on: for each model its ``config`` as ``to_json()`` writes it, the parameters of the model
and of every layer, and the shapes of what each layer passes on.
"""

import json
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
try:
    import tensorflow

    modern = tensorflow.__version__.startswith("2")
except ImportError:
    modern = False
if modern:
    from tensorflow import keras

    version = tensorflow.__version__
else:
    if os.environ.get("KERAS_BACKEND") == "theano":
        import theano.ifelse  # noqa: F401  Keras 1 uses it without importing it
    import keras

    version = keras.__version__
L, Sequential, Model = keras.layers, keras.models.Sequential, keras.models.Model
Input = L.Input
FIRST = version.startswith("1.")


def sentiment():
    return Sequential([L.Embedding(100, 8, input_length=12), L.LSTM(5, **dropouts()), dense(1, "sigmoid")])


def stacked_gru():
    return Sequential([L.GRU(6, return_sequences=True, input_shape=(None, 4)), L.Dropout(0.3), L.GRU(3), dense(2)])


def both_ways():
    layers = [L.Bidirectional(L.LSTM(5, return_sequences=True), input_shape=(7, 4))]
    layers += [L.Bidirectional(L.GRU(3), merge_mode="sum"), L.BatchNormalization(), dense(2, "softmax")]
    return Sequential(layers)


def every_step():
    layers = [L.Masking(input_shape=(9, 3)), L.SimpleRNN(4, return_sequences=True), L.TimeDistributed(dense(5))]
    return Sequential([*layers, L.GRU(3), dense(1)])


def frozen():
    model = Sequential([L.LSTM(4, input_shape=(5, 3), return_sequences=True), L.LSTM(2), dense(1)])
    model.layers[0].trainable = False
    return model


def stateful():
    return Sequential([L.LSTM(4, batch_input_shape=(2, 5, 3), stateful=True), dense(1)])


def nested():
    inner = Sequential([L.LSTM(4, input_shape=(6, 3)), dense(5)])
    left, right = Input((6, 3)), Input((6, 3))
    return model_of([left, right], dense(1)(joined([inner(left), inner(right)])))


def shared():
    left, right = Input((6, 3)), Input((6, 3))
    rnn = L.LSTM(4)
    return model_of([left, right], dense(1)(joined([rnn(left), rnn(right)])))


def convolutions():
    if FIRST:
        layers = [L.Convolution1D(8, 3, border_mode="same", input_shape=(16, 4)), L.MaxPooling1D(2)]
    else:
        layers = [L.Conv1D(8, 3, padding="same", input_shape=(16, 4)), L.MaxPooling1D(2)]
    return Sequential([*layers, L.LSTM(5), L.RepeatVector(4), L.GRU(3, return_sequences=True), L.Activation("tanh")])


def pictures():
    conv = L.Convolution2D(4, 3, 3, dim_ordering="tf") if FIRST else L.Conv2D(4, 3)
    pool = L.MaxPooling2D((2, 2), dim_ordering="tf") if FIRST else L.MaxPooling2D((2, 2))
    layers = [L.TimeDistributed(conv, input_shape=(5, 12, 12, 3)), L.TimeDistributed(pool)]
    return Sequential([*layers, L.TimeDistributed(L.Flatten()), L.LSTM(6), dense(2)])


def recurrent_pictures():
    settings = {"input_shape": (5, 12, 12, 3), "return_sequences": True}
    if FIRST:
        layer = L.ConvLSTM2D(4, 3, 3, border_mode="same", dim_ordering="tf", **settings)
    else:
        layer = L.ConvLSTM2D(4, (3, 3), padding="same", **settings)
    return Sequential([layer, L.BatchNormalization(), L.Flatten(), dense(1)])


def old_merge():
    left = Sequential([L.LSTM(4, input_shape=(6, 3))])
    right = Sequential([L.Embedding(50, 5, input_length=7), L.GRU(4)])
    return Sequential([L.Merge([left, right], mode="concat"), dense(3), L.Highway(), L.MaxoutDense(2, nb_feature=3)])


def old_dense():
    return Sequential(
        [
            L.LSTM(4, input_dim=3, input_length=6, return_sequences=True),
            L.TimeDistributedDense(2),
            L.Activation("softmax"),
        ]
    )


def old_modes():
    left, right = Input((6, 3)), Input((6, 3))
    a, b = L.LSTM(4)(left), L.GRU(4)(right)
    tensors = [L.merge([a, b], mode=mode) for mode in ("sum", "mul", "ave", "max", "concat")]
    tensors.append(L.merge([a, b], mode="dot", dot_axes=1))
    return Model([left, right], L.merge(tensors, mode="concat"))


def translation():
    source, target = Input((None, 5)), Input((None, 6))
    _, h, c = L.LSTM(7, return_state=True)(source)
    passed, _, _ = L.LSTM(7, return_sequences=True, return_state=True)(target, initial_state=[h, c])
    return Model([source, target], dense(6, "softmax")(passed))


def two_way_translation():
    source, target = Input((None,)), Input((None, 6))
    embedded = L.Embedding(30, 5)(source)
    _, h, c, h_back, c_back = L.Bidirectional(L.LSTM(4, return_state=True))(embedded)
    start = [L.Concatenate()([h, h_back]), L.Concatenate()([c, c_back])]
    return Model([source, target], L.LSTM(8, return_sequences=True)(target, initial_state=start))


def cells():
    stack = L.RNN([L.LSTMCell(4), L.GRUCell(3)], return_sequences=True, input_shape=(6, 3))
    return Sequential([stack, L.RNN(L.SimpleRNNCell(2)), dense(1)])


def cudnn():
    if modern:
        recurrent = [tensorflow.compat.v1.keras.layers.CuDNNLSTM, tensorflow.compat.v1.keras.layers.CuDNNGRU]
    else:
        recurrent = [L.CuDNNLSTM, L.CuDNNGRU]
    return Sequential([recurrent[0](4, return_sequences=True, input_shape=(6, 3)), recurrent[1](3), dense(1)])


def merging():
    x, y = Input((6, 3)), Input((6, 3))
    tensors = [layer()([x, y]) for layer in (L.Add, L.Multiply, L.Average, L.Maximum, L.Concatenate)]
    dot = L.Dot(axes=2)([L.LSTM(4, return_sequences=True)(tensors[4]), L.GRU(4, return_sequences=True)(tensors[0])])
    return Model([x, y], [L.GlobalMaxPooling1D()(dot), tensors[1], tensors[2], L.Permute((2, 1))(tensors[3])])


def with_lambda():
    x = Input((6, 3))
    mean = L.Lambda(lambda tensor: tensor[:, 0], output_shape=(3,))(L.LSTM(3, return_sequences=True)(x))
    return Model(x, dense(2)(mean))


def encoder_and_decoder():
    source, target = Input((None, 5)), Input((None, 6))
    _, h, c = L.LSTM(7, return_state=True)(source)
    encoder = Model(source, [h, c])
    one, two, first = Input((7,)), Input((7,)), Input((None, 6))
    passed = L.LSTM(7, return_sequences=True)(first, initial_state=[one, two])
    decoder = Model([first, one, two], L.Dense(6)(passed))
    return Model([source, target], decoder([target, *encoder(source)]))


def operations():
    x = Input((7, 4))
    every, h, c = L.LSTM(3, return_sequences=True, return_state=True)(x)
    last = every[:, -1, :] + L.LSTM(3)(every, initial_state=[h, c])
    joined_ = tensorflow.concat([1 - last * 2.0, tensorflow.reduce_mean(every, axis=1)], axis=-1)
    moved = tensorflow.squeeze(tensorflow.nn.relu(tensorflow.expand_dims(joined_, 1)), 1)
    grown = tensorflow.expand_dims(moved, 2)
    product = tensorflow.matmul(grown, tensorflow.transpose(grown, [0, 2, 1]))
    return Model(x, [product, every[:, 1:3], dense(2)(moved)])


def reshaped():
    x = Input((6, 4))
    folded = tensorflow.reshape(L.LSTM(6, return_sequences=True)(x), [-1, 3, 12])
    return Model(x, L.GRU(2)(folded))


def attention():
    x = Input((7, 4))
    every = L.GRU(6, return_sequences=True)(x)
    own = L.MultiHeadAttention(2, 3)(every, every)
    plain = L.Attention()([every, own])
    additive = L.AdditiveAttention()([plain, every])
    normal = L.LayerNormalization()(L.Add()([additive, every]))
    return Model(x, dense(1)(L.GlobalAveragePooling1D()(normal)))


def dropouts():
    return {"dropout_W": 0.2, "dropout_U": 0.1} if FIRST else {"dropout": 0.2, "recurrent_dropout": 0.1}


def dense(units, activation="linear"):
    return L.Dense(units, activation=activation)


def joined(tensors):
    return L.merge(tensors, mode="concat") if FIRST else L.Concatenate()(tensors)


def model_of(inputs, outputs):
    return Model(inputs, outputs) if not FIRST else Model(input=inputs, output=outputs)


EVERY = [sentiment, stacked_gru, both_ways, every_step, frozen, stateful, nested, shared, convolutions, pictures]
EVERY += [recurrent_pictures]
OLD = [old_merge, old_dense, old_modes]
LATER = [translation, two_way_translation, cells, cudnn, merging, with_lambda, encoder_and_decoder]
TENSORFLOW = [operations]
LATEST = [reshaped, attention]


def shapes(layer):
    """The shapes of what the layer passes on in its first call; none where it is not called."""
    try:
        found = layer.get_output_at(0)
    except (AttributeError, RuntimeError, ValueError):
        return []
    if FIRST:
        found = layer.get_output_shape_at(0)
        every = found if isinstance(found, list) else [found]
        return [[None if axis is None else int(axis) for axis in shape] for shape in every]
    tensors = found if isinstance(found, (list, tuple)) else [found]
    shape = keras.backend.int_shape
    return [[None if axis is None else int(axis) for axis in shape(tensor)] for tensor in tensors]


def described(build):
    """A model with what Keras says of it; its names are counted from the beginning."""
    if not FIRST:
        keras.backend.clear_session()
    model = build()
    return {
        "config": model.to_json(),
        "params": int(model.count_params()),
        "layers": [
            [layer.name, int(layer.count_params()), shapes(layer)]
            for layer in model.layers
            if type(layer).__name__ != "InputLayer"
        ],
    }


def main():
    chosen = (
        EVERY
        + (OLD if FIRST else LATER)
        + (TENSORFLOW if modern else [])
        + (LATEST if modern and version.startswith("2.1") else [])
    )
    models = {build.__name__: described(build) for build in chosen}
    name = ("tf_keras_" if modern else "keras_") + version.replace(".", "_").replace("-tf", "") + ".json"
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), "w") as file:
        json.dump({"version": version, "models": models}, file, indent=1, sort_keys=True)
        file.write("\n")
    print(name, len(models))


if __name__ == "__main__":
    main()
