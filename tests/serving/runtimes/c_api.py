"""Runs signatures of a SavedModel by TensorFlow's C library, as a server does: no Python inside.

Source: tensorflow/c/c_api.h, tf_tensor.h and tf_tstring.h.
"""

import ctypes
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ctypes import POINTER, c_char_p, c_int, c_int64, c_size_t, c_void_p

import numpy as np
import numpy.random  # with its compiled parts, whose import crashes after the libraries'
from protos import WHEEL
from tensorflow.core.protobuf.meta_graph_pb2 import MetaGraphDef

# Arrays, and strings as a list (of one dimension) or an array of objects.
Value = np.ndarray | list[bytes]

# Numbers of TF_DataType.
FLOAT, DOUBLE, INT32, UINT8, STRING, INT64 = 1, 2, 3, 4, 7, 9
NUMPY_TYPES = {
    FLOAT: np.dtype(np.float32),
    DOUBLE: np.dtype(np.float64),
    INT32: np.dtype(np.int32),
    UINT8: np.dtype(np.uint8),
    INT64: np.dtype(np.int64),
}
NUMBERS = {dtype: number for number, dtype in NUMPY_TYPES.items()}
STRING_BYTES = 24  # sizeof(TF_TString)


class LibraryError(Exception):
    """What the library says when it does not run something; `code` is its TF_Code."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Buffer(ctypes.Structure):
    """TF_Buffer."""

    _fields_ = (("data", c_void_p), ("length", c_size_t), ("release", c_void_p))


class Output(ctypes.Structure):
    """TF_Output."""

    _fields_ = (("operation", c_void_p), ("index", c_int))


def load_library() -> ctypes.CDLL:
    """The C API of the installed wheel, with the signatures of what is used."""
    ctypes.CDLL(str(WHEEL / "libtensorflow_framework.so.2"), ctypes.RTLD_GLOBAL)
    library = ctypes.CDLL(str(WHEEL / "libtensorflow_cc.so.2"), ctypes.RTLD_GLOBAL)
    signatures = {
        "TF_NewStatus": (c_void_p,),
        "TF_DeleteStatus": (None, c_void_p),
        "TF_GetCode": (c_int, c_void_p),
        "TF_Message": (c_char_p, c_void_p),
        "TF_NewGraph": (c_void_p,),
        "TF_NewSessionOptions": (c_void_p,),
        "TF_NewBuffer": (POINTER(Buffer),),
        "TF_LoadSessionFromSavedModel": (
            *(c_void_p, c_void_p, c_void_p, c_char_p, POINTER(c_char_p), c_int, c_void_p),
            *(POINTER(Buffer), c_void_p),
        ),
        "TF_GraphOperationByName": (c_void_p, c_void_p, c_char_p),
        "TF_SessionRun": (
            *(None, c_void_p, c_void_p, POINTER(Output), POINTER(c_void_p), c_int),
            *(POINTER(Output), POINTER(c_void_p), c_int, c_void_p, c_int, c_void_p, c_void_p),
        ),
        "TF_AllocateTensor": (c_void_p, c_int, POINTER(c_int64), c_int, c_size_t),
        "TF_DeleteTensor": (None, c_void_p),
        "TF_TensorData": (c_void_p, c_void_p),
        "TF_TensorByteSize": (c_size_t, c_void_p),
        "TF_TensorType": (c_int, c_void_p),
        "TF_NumDims": (c_int, c_void_p),
        "TF_Dim": (c_int64, c_void_p, c_int),
        "TF_StringInit": (None, c_void_p),
        "TF_StringCopy": (None, c_void_p, c_char_p, c_size_t),
        "TF_StringGetDataPointer": (c_void_p, c_void_p),
        "TF_StringGetSize": (c_size_t, c_void_p),
        "TF_StringDealloc": (None, c_void_p),
    }
    for name, (result, *arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class Model:
    """A loaded SavedModel; may be called from several threads at once."""

    def __init__(self, folder: str) -> None:
        self.library = load_library()
        self._graph = self.library.TF_NewGraph()
        described = self.library.TF_NewBuffer()
        with self._status() as status:
            self._session = self.library.TF_LoadSessionFromSavedModel(
                self.library.TF_NewSessionOptions(),
                None,
                folder.encode(),
                (c_char_p * 1)(b"serve"),
                1,
                self._graph,
                described,
                status,
            )
        content = ctypes.string_at(described.contents.data, described.contents.length)
        self.description = MetaGraphDef.FromString(content)
        self.signatures = {
            name: signature
            for name, signature in self.description.signature_def.items()
            if signature.inputs
        }

    def run(self, name: str, inputs: Mapping[str, Value]) -> dict[str, Value]:
        """What a signature makes of its inputs.

        Raises:
            LibraryError: there is no such signature, it has other inputs, or it fails.
        """
        if name not in self.signatures:
            raise LibraryError(3, f"no signature {name!r}; there are {sorted(self.signatures)}")
        signature = self.signatures[name]
        if inputs.keys() != signature.inputs.keys():
            raise LibraryError(
                3, f"{name} takes {sorted(signature.inputs)}. Received: {sorted(inputs)}"
            )
        keys = sorted(signature.outputs)
        sources = [self._place(signature.inputs[key].name) for key in inputs]
        targets = [self._place(signature.outputs[key].name) for key in keys]
        answers = (c_void_p * len(keys))()
        with self._tensors(inputs.values()) as tensors, self._status() as status:
            self.library.TF_SessionRun(
                self._session,
                None,
                (Output * len(sources))(*sources),
                (c_void_p * len(tensors))(*tensors),
                len(tensors),
                (Output * len(targets))(*targets),
                answers,
                len(targets),
                None,
                0,
                None,
                status,
            )
        return {key: self._taken(answer) for key, answer in zip(keys, answers, strict=True)}

    def _place(self, tensor_name: str) -> Output:
        operation, _, index = tensor_name.rpartition(":")
        found = self.library.TF_GraphOperationByName(self._graph, operation.encode())
        return Output(found, int(index))

    @contextmanager
    def _status(self) -> Iterator[int]:
        status = self.library.TF_NewStatus()
        try:
            yield status
            if code := self.library.TF_GetCode(status):
                message = self.library.TF_Message(status).decode(errors="replace")
                raise LibraryError(code, message)
        finally:
            self.library.TF_DeleteStatus(status)

    @contextmanager
    def _tensors(self, values: Iterator[Value]) -> Iterator[list[int]]:
        tensors: list[int] = []
        try:
            tensors.extend(self._given(value) for value in values)
            yield tensors
        finally:
            for tensor in tensors:
                self._release_strings(tensor)
                self.library.TF_DeleteTensor(tensor)

    def _given(self, value: Value) -> int:
        if isinstance(value, list):
            value = np.array([*value, None], object)[:-1]  # NumPy looks into lists of equal ones
        if value.dtype == object:
            return self._given_strings(value)
        if value.dtype not in NUMBERS:
            raise LibraryError(3, f"arrays of {value.dtype} are not taken")
        array = np.ascontiguousarray(value)
        sides = (c_int64 * array.ndim)(*value.shape)
        tensor = self.library.TF_AllocateTensor(
            NUMBERS[array.dtype], sides, value.ndim, array.nbytes
        )
        ctypes.memmove(self.library.TF_TensorData(tensor), array.ctypes.data, array.nbytes)
        return tensor

    def _given_strings(self, values: np.ndarray) -> int:
        sides = (c_int64 * values.ndim)(*values.shape)
        tensor = self.library.TF_AllocateTensor(
            STRING, sides, values.ndim, STRING_BYTES * values.size
        )
        start = self.library.TF_TensorData(tensor)
        for number, value in enumerate(values.flat):
            place = start + STRING_BYTES * number
            self.library.TF_StringInit(place)
            self.library.TF_StringCopy(place, value, len(value))
        return tensor

    def _release_strings(self, tensor: int) -> None:
        """What the library does only for the tensors that it made itself."""
        if self.library.TF_TensorType(tensor) == STRING:
            start = self.library.TF_TensorData(tensor)
            for offset in range(0, self.library.TF_TensorByteSize(tensor), STRING_BYTES):
                self.library.TF_StringDealloc(start + offset)

    def _taken(self, tensor: int) -> Value:
        try:
            return self._value(tensor)
        finally:
            self.library.TF_DeleteTensor(tensor)

    def _value(self, tensor: int) -> Value:
        library = self.library
        shape = [library.TF_Dim(tensor, axis) for axis in range(library.TF_NumDims(tensor))]
        start = library.TF_TensorData(tensor)
        if library.TF_TensorType(tensor) == STRING:
            places = [start + STRING_BYTES * number for number in range(int(np.prod(shape)))]
            return [
                ctypes.string_at(
                    library.TF_StringGetDataPointer(place), library.TF_StringGetSize(place)
                )
                for place in places
            ]
        content = ctypes.string_at(start, library.TF_TensorByteSize(tensor))
        return np.frombuffer(content, NUMPY_TYPES[library.TF_TensorType(tensor)]).reshape(shape)


def connect(folder: str):
    """What runs a signature of this model: its name and inputs to its outputs."""
    return Model(folder).run
