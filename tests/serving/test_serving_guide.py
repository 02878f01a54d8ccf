"""What docs/serving.md says, and the files it offers, read by what defines them."""

import re
from pathlib import Path

import pytest
from google.protobuf import (
    descriptor_pb2,
    descriptor_pool,
    message_factory,
    text_format,
    wrappers_pb2,
)
from tensorflow.core.framework.types_pb2 import DataType
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from adaptive_style_tf.export import main
from adaptive_style_tf.serving.file_kinds import JPEG_SIDE
from adaptive_style_tf.serving.saved_model import MAX_PIXELS, QUALITY
from adaptive_style_tf.serving.warm_up import FILE, FOLDER

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "serving.md").read_text(encoding="utf-8")
COMPOSITION = (DOCS / "serving" / "docker-compose.yml").read_text(encoding="utf-8")
BATCHING = (DOCS / "serving" / "batching.config").read_text(encoding="utf-8")

# BatchingParameters of tensorflow_serving/servables/tensorflow/session_bundle_config.proto, which
# the package tensorflow-serving-api leaves out: each field's number and type.
FIELDS = {
    "max_batch_size": (1, "Int64Value"),
    "batch_timeout_micros": (2, "Int64Value"),
    "max_enqueued_batches": (3, "Int64Value"),
    "num_batch_threads": (4, "Int64Value"),
    "thread_pool_name": (5, "StringValue"),
    "allowed_batch_sizes": (6, "repeated int64"),
    "pad_variable_length_inputs": (7, "bool"),
}
# Of tensorflow_serving/model_servers/main.cc, those that are named in our files.
FLAGS = {
    "batching_parameters_file",
    "enable_batching",
    "model_config_file",
    "model_config_file_poll_wait_seconds",
    "rest_api_timeout_in_ms",
}


@pytest.fixture(scope="module")
def batching_parameters():
    """The class of the message, made from its fields."""
    kinds = descriptor_pb2.FieldDescriptorProto
    plain = {"repeated int64": kinds.TYPE_INT64, "bool": kinds.TYPE_BOOL}
    file = descriptor_pb2.FileDescriptorProto(
        name="batching.proto",
        package="guide",
        syntax="proto3",
        dependency=[wrappers_pb2.DESCRIPTOR.name],
    )
    message = file.message_type.add(name="BatchingParameters")
    for name, (number, kind) in FIELDS.items():
        repeated = kind.startswith("repeated ")
        label = kinds.LABEL_REPEATED if repeated else kinds.LABEL_OPTIONAL
        field = message.field.add(name=name, number=number, label=label)
        if kind in plain:
            field.type = plain[kind]
        else:
            field.type, field.type_name = kinds.TYPE_MESSAGE, f".google.protobuf.{kind}"
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(wrappers_pb2.DESCRIPTOR.serialized_pb)
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("guide.BatchingParameters"))


def test_the_configuration_of_models_is_the_servers() -> None:
    text = (DOCS / "serving" / "models.config").read_text(encoding="utf-8")
    config = text_format.Parse(text, ModelServerConfig())
    (model,) = config.model_config_list.config
    assert (model.name, model.base_path) == ("cezanne", "/models/cezanne")
    assert model.model_platform == "tensorflow"
    assert model.model_version_policy.latest.num_versions == 2


def test_the_composition_mounts_what_the_configuration_names() -> None:
    targets = dict(re.findall(r"^ +- ([./\w-]+):(/models/[\w.]+):ro$", COMPOSITION, re.MULTILINE))
    assert targets == {
        "../../serving/cezanne": "/models/cezanne",
        "./models.config": "/models/models.config",
    }
    assert "--model_config_file=/models/models.config" in COMPOSITION


def test_ports_and_flags_are_the_servers() -> None:
    ports = set(re.findall(r'^ +- "([\d:]+)"$', COMPOSITION, re.MULTILINE))
    assert ports == set(re.findall(r"-p ([\d:]+)", GUIDE)) == {"8500:8500", "8501:8501"}
    flags = set(re.findall(r"--([a-z]+(?:_[a-z]+)+)\b", GUIDE + COMPOSITION + BATCHING))
    assert flags | {"enable_batching"} == FLAGS


def test_batching_has_the_servers_fields_and_never_fills_pictures_up(batching_parameters) -> None:
    parameters = text_format.Parse(BATCHING, batching_parameters())
    values = {field.name: value.value for field, value in parameters.ListFields()}
    assert values == {
        "max_batch_size": 4,
        "batch_timeout_micros": 5000,
        "num_batch_threads": 2,
        "max_enqueued_batches": 100,
    }
    assert not parameters.pad_variable_length_inputs


def test_what_goes_in_and_comes_out_is_what_the_model_takes_and_gives(
    exported, static_scan
) -> None:
    tensor = r"`(\w+)`: (\w+) \[([\w, ]+)\][^|]*"
    rows = re.findall(rf"^\| `(\w+)` \| {tensor}\| (?:{tensor}|`(\w+)`: the same )\|$", GUIDE, re.M)
    described = {
        name: {"in": (key, kind, sides), "out": (same or to, to_kind or kind, to_sides or sides)}
        for name, key, kind, sides, to, to_kind, to_sides, same in rows
    }

    def written(tensors):
        ((key, tensor),) = tensors.items()
        kind = {"DT_UINT8": "uint8", "DT_FLOAT": "float32", "DT_STRING": "string"}[
            DataType.Name(tensor.dtype)
        ]
        sides = [side.size for side in tensor.tensor_shape.dim]
        return key, kind, {(-1, -1, -1, 3): "B, H, W, 3", (-1,): "B"}[tuple(sides)]

    assert described == {
        name: {"in": written(signature.inputs), "out": written(signature.outputs)}
        for name, signature in static_scan.signatures_of(exported).items()
    }


def test_options_and_limits_in_the_guide_are_those_of_the_export(capsys) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    known = set(re.findall(r"--[a-z-]+", capsys.readouterr().out))
    named = set(re.findall(r"^\| `(--[a-z-]+)", GUIDE, re.MULTILINE))
    assert {"--model-version", "--quality", "--max-pixels", "--no-warm-up", "--inspect"} == named
    assert named <= known
    assert re.search(rf"^\| `--quality` \| {QUALITY} \|", GUIDE, re.MULTILINE)
    assert re.search(rf"^\| `--max-pixels` \| {MAX_PIXELS} \|", GUIDE, re.MULTILINE)
    assert f"`{FOLDER}/{FILE}`" in GUIDE
    assert f"sides of up to {JPEG_SIDE:,} pixels" in GUIDE


def test_the_guide_says_plainly_what_was_not_run() -> None:
    beginnings = re.findall(r"^\*\*Not run:\*\* ([^.]+)\.", GUIDE, re.MULTILINE)
    docker = GUIDE.index("docker run")
    assert len(beginnings) == 2
    assert GUIDE.rindex("**Not run:** this command", 0, docker) > GUIDE.index(
        "## TensorFlow Serving"
    )
