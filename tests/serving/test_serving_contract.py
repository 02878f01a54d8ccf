import json

import pytest
from tensorflow.core.framework.types_pb2 import DataType

from adaptive_style_tf import __version__
from adaptive_style_tf.errors import ExportError
from adaptive_style_tf.serving.contract import contract_of, read_contract, write_contract

# How the contract writes what protobufs have.
KINDS = {"DT_UINT8": "uint8", "DT_FLOAT": "float32", "DT_STRING": "string"}
SHAPES = {(-1, -1, -1, 3): "(B, H, W, 3)", (-1,): "(B,)"}


@pytest.fixture
def contract(describe_untrained):
    return contract_of(describe_untrained(license="CC0-1.0", step=7), 90, 1000)


@pytest.fixture
def written(contract, tmp_path):
    write_contract(tmp_path, contract)
    return tmp_path / "assets.extra" / "contract.json"


def test_it_says_where_the_model_comes_from(contract):
    assert contract["package"] == "adaptive-style-tf"
    assert contract["package_version"] == __version__
    assert contract["license"] == "CC0-1.0"
    assert contract["style"]["artist"] == "paul-cezanne"
    assert contract["style"]["step"] == 7


def test_it_says_what_goes_in_and_what_comes_out(contract, exported, static_scan):
    signatures = static_scan.signatures_of(exported)
    assert contract["signatures"].keys() == signatures.keys()
    for name, signature in signatures.items():
        tensors = {**signature.inputs, **signature.outputs}
        assert contract["signatures"][name].keys() == tensors.keys()
        for key, tensor in tensors.items():
            sides = tuple(side.size for side in tensor.tensor_shape.dim)
            written = f"{KINDS[DataType.Name(tensor.dtype)]} {SHAPES[sides]}, "
            assert contract["signatures"][name][key].startswith(written), (name, key)
    assert "quality 90" in contract["signatures"]["stylize_encoded"]["stylized_bytes"]
    assert contract["max_pixels"] == 1000
    assert any("EXIF orientation is not applied" in note for note in contract["notes"])


def test_it_is_read_as_it_was_written(contract, written, tmp_path):
    assert read_contract(tmp_path) == contract == json.loads(written.read_text(encoding="utf-8"))


def test_a_model_of_others_is_said_to_be_one(tmp_path):
    with pytest.raises(ExportError, match="was not exported by this package"):
        read_contract(tmp_path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff",
        b"[]",
        b"{}",
        b'{"format_version": 1}',
        b'{"format_version": 2}',
        b'"text"',
    ],
)
def test_a_damaged_one_is_refused(written, tmp_path, content):
    written.write_bytes(content)
    with pytest.raises(ExportError, match="export the style anew"):
        read_contract(tmp_path)


@pytest.mark.parametrize(
    ("part", "key", "value"),
    [
        (None, "license", None),
        (None, "max_pixels", "many"),
        (None, "notes", {}),
        (None, "style", None),
        (None, "signatures", ["serving_default"]),
        ("signatures", "stylize_float", "float32"),
        ("style", "step", "7"),
        ("style", "settings", None),
        ("style", "artist", 1),
    ],
)
def test_what_has_another_kind_is_named(contract, written, tmp_path, part, key, value):
    (contract[part] if part else contract)[key] = value
    written.write_text(json.dumps(contract))
    with pytest.raises(ExportError, match=rf"damaged, see {key}: export the style anew"):
        read_contract(tmp_path)


@pytest.mark.parametrize("key", ["package", "package_version", "max_pixels", "notes", "style"])
def test_what_is_missing_is_named(contract, written, tmp_path, key):
    del contract[key]
    written.write_text(json.dumps(contract))
    with pytest.raises(ExportError, match=rf"damaged, see {key}: export the style anew"):
        read_contract(tmp_path)
