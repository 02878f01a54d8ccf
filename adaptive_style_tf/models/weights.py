"""Weights of a model by stable names, the same in every file that this package writes."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import numpy.typing as npt


def named_weights(model: keras.layers.Layer) -> dict[str, Any]:
    """The model's variables by their path inside it, such as `encoder/conv_1/kernel`."""
    # A part that was used before the whole was built has a path without the whole's name.
    return {variable.path.removeprefix(f"{model.name}/"): variable for variable in model.weights}


def read_weights(model: keras.layers.Layer) -> dict[str, npt.NDArray[Any]]:
    """The values of `named_weights`, copied to NumPy arrays."""
    return {name: read_value(variable) for name, variable in named_weights(model).items()}


def read_value(variable: Any) -> npt.NDArray[Any]:
    """A copy of a Keras variable's value."""
    return np.array(keras.ops.convert_to_numpy(variable.value))


def assign_weights(model: keras.layers.Layer, values: Mapping[str, npt.NDArray[Any]]) -> None:
    """Sets every weight of a built model.

    Raises:
        ValueError: if a weight is missing, unexpected or of another shape; none is assigned then.
    """
    variables = named_weights(model)
    faults = [f"missing: {name}" for name in variables if name not in values]
    faults += [f"unexpected: {name}" for name in values if name not in variables]
    faults += [
        f"{name}: shape {tuple(values[name].shape)} instead of {tuple(variable.shape)}"
        for name, variable in variables.items()
        if name in values and tuple(values[name].shape) != tuple(variable.shape)
    ]
    if faults:
        raise ValueError("Weights do not fit the model: " + "; ".join(faults))
    for name, variable in variables.items():
        variable.assign(values[name])
