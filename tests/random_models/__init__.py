"""Random models over every family, every field and every place where a layer may stand."""
