"""Arrays and strings as `TensorProto`, without TensorFlow.

Source: tensorflow/core/framework/tensor.proto.
"""

import numpy as np
import protos  # noqa: F401 - puts the package of the messages in place
from tensorflow.core.framework import types_pb2
from tensorflow.core.framework.tensor_pb2 import TensorProto

# Arrays, and strings as a list (of one dimension) or an array of objects.
Value = np.ndarray | list[bytes]

# Number of the type, its array type, and the field for values that do not come as bytes.
KINDS = (
    (types_pb2.DT_FLOAT, np.dtype(np.float32), "float_val"),
    (types_pb2.DT_DOUBLE, np.dtype(np.float64), "double_val"),
    (types_pb2.DT_INT32, np.dtype(np.int32), "int_val"),
    (types_pb2.DT_UINT8, np.dtype(np.uint8), "int_val"),
    (types_pb2.DT_INT64, np.dtype(np.int64), "int64_val"),
)
ARRAY_TYPES = {number: dtype for number, dtype, _ in KINDS}
NUMBERS = {dtype: number for number, dtype, _ in KINDS}
FIELDS = {number: field for number, _, field in KINDS}


def message_of(value: Value) -> TensorProto:
    """An array, or strings, as a message."""
    message = TensorProto()
    for side in [len(value)] if isinstance(value, list) else value.shape:
        message.tensor_shape.dim.add(size=side)
    if isinstance(value, list) or value.dtype == object:
        message.dtype = types_pb2.DT_STRING
        message.string_val.extend(value if isinstance(value, list) else value.flat)
        return message
    message.dtype = NUMBERS[value.dtype]
    message.tensor_content = np.ascontiguousarray(value).tobytes()
    return message


def value_of(message: TensorProto) -> np.ndarray:
    """The array of a message; strings have the type `object`.

    Raises:
        ValueError: type, shape and content do not go together.
    """
    shape = [dim.size for dim in message.tensor_shape.dim]
    if min(shape, default=0) < 0 or message.tensor_shape.unknown_rank:
        raise ValueError(f"a tensor of unknown shape: {shape}")
    if message.dtype == types_pb2.DT_STRING:
        strings = np.empty(len(message.string_val), object)
        strings[:] = list(message.string_val)
        return strings.reshape(shape)
    if message.dtype not in ARRAY_TYPES:
        raise ValueError(f"tensors of type {message.dtype} are not taken")
    dtype = ARRAY_TYPES[message.dtype]
    if message.tensor_content:
        return np.frombuffer(message.tensor_content, dtype).reshape(shape)
    values = np.array(getattr(message, FIELDS[message.dtype]), dtype)
    # One value stands for all.
    return np.full(shape, values[0]) if values.size == 1 else values.reshape(shape)
