"""What lies in a SavedModel, told from its files without loading the graph."""

from pathlib import Path
from typing import Any

from adaptive_style_tf.errors import ExportError
from adaptive_style_tf.serving.contract import read_contract
from adaptive_style_tf.serving.versions import GRAPH_FILE, newest_version

NOT_SIGNATURES = {"__saved_model_init_op"}


def inspected(folder: Path) -> str:
    """The contract and the signatures of an exported model, as lines for people.

    Args:
        folder: a SavedModel, or the folder of its versions, of which the highest counts.

    Raises:
        ExportError: there is no SavedModel of this package, or it is damaged.
    """
    model = newest_version(folder)
    contract = read_contract(model)
    style = contract["style"]
    lines = [
        f"{model}",
        f"  style       {style['name']} ({style['artist']}), step {style['step']:,}",
        f"  made by     {contract['package']} {contract['package_version']}",
        f"  license     {contract['license']}",
        f"  limit       {contract['max_pixels']:,} pixels in a picture",
        "signatures",
    ]
    for name, (inputs, outputs) in signatures_in(model).items():
        lines += [f"  {name}", *(f"    {line}" for line in (*inputs, *outputs))]
    lines += ["contract"]
    for name, tensors in contract["signatures"].items():
        lines += [f"  {name}", *(f"    {key}: {meaning}" for key, meaning in tensors.items())]
    lines += [f"  {note}" for note in contract["notes"]]
    lines += ["training settings"]
    lines += [f"  {key}: {value}" for key, value in style["settings"].items()]
    return "\n".join(lines)


def signatures_in(model: Path) -> dict[str, tuple[list[str], list[str]]]:
    """Inputs and outputs of each signature, as `in  image: uint8 (?, ?, ?, 3)`."""
    signatures = read_graph(model).meta_graphs[0].signature_def
    return {
        name: (
            [f"in  {key}: {described(info)}" for key, info in sorted(signature.inputs.items())],
            [f"out {key}: {described(info)}" for key, info in sorted(signature.outputs.items())],
        )
        for name, signature in sorted(signatures.items())
        if name not in NOT_SIGNATURES
    }


def described(info: Any) -> str:
    """Type and shape of a tensor of a signature."""
    import tensorflow as tf

    sides = ["?" if dim.size < 0 else str(dim.size) for dim in info.tensor_shape.dim]
    return f"{tf.as_dtype(info.dtype).name} ({', '.join(sides)})"


def read_graph(model: Path) -> Any:
    """The protobuf of a SavedModel.

    Raises:
        ExportError: it is damaged.
    """
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    path = model / GRAPH_FILE
    try:
        graph = SavedModel.FromString(path.read_bytes())
    except (OSError, DecodeError) as error:
        raise ExportError(f"{path} cannot be read ({error}): export the style anew") from error
    if not graph.meta_graphs:
        raise ExportError(f"{path} is empty: export the style anew")
    return graph
