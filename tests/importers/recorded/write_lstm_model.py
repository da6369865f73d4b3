"""Writes lstm_model.h5, which the README shows, with Keras 2.2.4 (Python 3.7). Never run by the tests.

``count_params()`` is 5,609: 3,200 of the Embedding, 1,600 of the Bidirectional, 800 of the LSTM, 9 of the Dense.
"""

from keras.layers import LSTM, Bidirectional, Dense, Embedding
from keras.models import Sequential

model = Sequential(name="sentiment")
model.add(Embedding(200, 16, input_length=40))
model.add(Bidirectional(LSTM(8, return_sequences=True)))
model.add(LSTM(8))
model.add(Dense(1, activation="sigmoid"))
model.save("lstm_model.h5", include_optimizer=False)
