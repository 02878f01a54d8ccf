"""What in a SavedModel a server would not run, found in its files.

A model without findings is not proven to run: `c_api.py` does that.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tensorflow.core.framework import types_pb2
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

PREDICT = "tensorflow/serving/predict"
CALLS_PYTHON = {"PyFunc", "PyFuncStateless", "EagerPyFunc"}
# What the signatures are made of; anything else is looked at by a person, who adds it here.
ARITHMETIC = (
    "AddV2 All ArgMax ClipByValue Equal FloorDiv FloorMod Greater GreaterEqual Less LessEqual "
    "LogicalAnd LogicalNot LogicalOr MatMul Maximum Mean Minimum Mul RealDiv Round Rsqrt Sigmoid "
    "SquaredDifference Sub Sum"
)
LAYERS = "Conv2D Conv2DBackpropInput MirrorPad Pad Relu"
ARRAYS = (
    "Cast ConcatV2 Const EnsureShape GatherV2 Identity Pack Placeholder Range Reshape Select Shape "
    "StopGradient StridedSlice Transpose Unpack"
)
FILES = (
    "DecodeJpeg DecodePng DecodeRaw EncodeJpeg EncodePng ExtractJpegShape StaticRegexFullMatch "
    "StringJoin StringLength Substr"
)
CONTROL = (
    "Assert If NoOp StatefulPartitionedCall TensorListFromTensor TensorListGetItem "
    "TensorListReserve TensorListSetItem TensorListStack While"
)
WEIGHTS = (
    "AssignVariableOp DisableCopyOnRead MergeV2Checkpoints ReadVariableOp RestoreV2 SaveV2 "
    "ShardedFilename VarHandleOp"
)
STANDARD = {
    name
    for group in (ARITHMETIC, LAYERS, ARRAYS, FILES, CONTROL, WEIGHTS)
    for name in group.split()
}


def findings(folder: Path) -> list[str]:
    """One line for each thing that a server would stumble over; empty if there is none."""
    graph = graph_in(folder)
    return [
        *wrong_operations(graph),
        *compulsory_compilation(graph),
        *wrong_signatures(graph),
        *unfilled_variables(graph),
    ]


def graph_in(folder: Path) -> Any:
    (graph,) = SavedModel.FromString((folder / "saved_model.pb").read_bytes()).meta_graphs
    return graph


def signatures_of(folder: Path) -> dict[str, Any]:
    """What can be asked of the model, by name."""
    return served(graph_in(folder))


def wrong_operations(graph: Any) -> Iterator[str]:
    kinds = {node.op for node in graph.graph_def.node}
    for function in graph.graph_def.library.function:
        kinds |= {node.op for node in function.node_def}
    for kind in sorted(kinds - STANDARD):
        yield f"calls Python: {kind}" if kind in CALLS_PYTHON else f"unknown operation: {kind}"


def compulsory_compilation(graph: Any) -> Iterator[str]:
    for function in graph.graph_def.library.function:
        if function.attr["_XlaMustCompile"].b:
            yield f"has to be compiled by XLA: {function.signature.name}"
    for node in graph.graph_def.node:
        if node.attr["_XlaMustCompile"].b:
            yield f"has to be compiled by XLA: {node.name}"


def served(graph: Any) -> dict[str, Any]:
    """The signatures, without what initializes the model."""
    return {
        name: signature
        for name, signature in graph.signature_def.items()
        if name != "__saved_model_init_op"
    }


def wrong_signatures(graph: Any) -> Iterator[str]:
    if not served(graph):
        yield "no signatures"
    for name, signature in served(graph).items():
        if signature.method_name != PREDICT:
            yield f"{name} is no method to predict: {signature.method_name!r}"
        for key, tensor in signature.outputs.items():
            if tensor.dtype == types_pb2.DT_BFLOAT16:
                yield f"{name} gives bfloat16, which clients cannot read: {key}"


def unfilled_variables(graph: Any) -> Iterator[str]:
    """Variables that a signature reads and restoring does not fill: Python hides these."""
    nodes = {node.name: node for node in graph.graph_def.node}
    filled = handles_before(nodes, graph.saver_def.restore_op_name)
    for name, signature in served(graph).items():
        for tensor in signature.outputs.values():
            for handle in sorted(handles_before(nodes, tensor.name) - filled):
                yield f"{name} reads a variable that nothing fills: {handle}"


def handles_before(nodes: dict[str, Any], start: str) -> set[str]:
    """The variables that a node depends on, by the name under which a session shares them."""
    waiting, seen, handles = [start], set(), set()
    while waiting:
        name = waiting.pop().lstrip("^").partition(":")[0]
        if name in seen:
            continue
        seen.add(name)
        if nodes[name].op == "VarHandleOp":
            handles.add(nodes[name].attr["shared_name"].s.decode() or name)
        waiting += nodes[name].input
    return handles


def stored_bytes(folder: Path) -> int:
    """The size of the stored weights."""
    return sum(path.stat().st_size for path in (folder / "variables").glob("*.data-*"))
