"""A style as a model that runs without this package: in TensorFlow Serving and elsewhere."""
