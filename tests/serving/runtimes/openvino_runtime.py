"""Runs signatures by OpenVINO, which reads SavedModels without TensorFlow.

It converts the signature `serving_default` and no other, so each one takes that name in a copy.
"""

import shutil
import tempfile
from pathlib import Path

import openvino
import protos  # noqa: F401 - puts the package of the messages in place
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

ITS_SIGNATURE = "serving_default"
# On processors with bfloat16 that is what it computes in, unless told.
EXACT = {"INFERENCE_PRECISION_HINT": "f32"}


def connect(folder: str):
    """What runs a signature of this model: its name and inputs to its outputs."""
    compiled = {}

    def run(name, inputs):
        if name not in compiled:
            compiled[name] = compiled_signature(Path(folder), name)
        (output,) = compiled[name].outputs
        return {output.get_any_name(): compiled[name](inputs)[output]}

    return run


def compiled_signature(folder: Path, name: str) -> openvino.CompiledModel:
    with tempfile.TemporaryDirectory() as copies:
        copy = Path(copies) / "model"
        shutil.copytree(folder, copy)
        graph = SavedModel.FromString((copy / "saved_model.pb").read_bytes())
        signatures = graph.meta_graphs[0].signature_def
        wanted = signatures[name].SerializeToString()
        for other in [key for key in signatures if signatures[key].inputs]:
            del signatures[other]
        signatures[ITS_SIGNATURE].ParseFromString(wanted)
        (copy / "saved_model.pb").write_bytes(graph.SerializeToString())
        return openvino.Core().compile_model(openvino.convert_model(copy), "CPU", EXACT)
