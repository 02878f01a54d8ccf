"""What a checkpoint holds, and what it refuses to hold."""

import hashlib
import json
import math

import numpy as np
import pytest
from safetensors.numpy import load_file

from adaptive_style_tf.errors import CheckpointError
from adaptive_style_tf.training import checkpoint_format
from adaptive_style_tf.training.checkpoints import CheckpointFolder


def test_what_was_saved_comes_back_bit_for_bit(tmp_path, state_of):
    folder = CheckpointFolder(tmp_path / "run" / "checkpoints")
    scalars = {"success": 0.1 + 0.2, "tiny": 5e-324, "seed": 2**63, "name": "Cézanne"}
    transposed = np.arange(6, dtype=np.float32).reshape(2, 3).T

    path = folder.save(7, {**state_of(7), "transposed": transposed}, scalars)
    checkpoint = folder.load(7)

    assert path == tmp_path / "run" / "checkpoints" / "step_000000007"
    assert checkpoint.step == 7
    assert checkpoint.scalars == scalars
    assert type(checkpoint.scalars["seed"]) is int
    expected = {**state_of(7), "transposed": transposed}
    assert checkpoint.tensors.keys() == expected.keys()
    for name, array in expected.items():
        assert checkpoint.tensors[name].dtype == array.dtype
        assert checkpoint.tensors[name].shape == array.shape
        assert np.array_equal(checkpoint.tensors[name], array)
        assert checkpoint.tensors[name].flags.writeable


def test_a_large_state_is_cut_into_shards(tmp_path, monkeypatch, names_in):
    monkeypatch.setattr(checkpoint_format, "SHARD_BYTES", 1000)
    tensors = {f"part_{n}": np.full(n, n, np.float32) for n in (100, 100 + 1, 200, 300, 10)}
    folder = CheckpointFolder(tmp_path)

    path = folder.save(1, tensors, {})

    assert names_in(path) == [
        "manifest.json",
        "state-00001-of-00004.safetensors",  # 400 + 404 bytes
        "state-00002-of-00004.safetensors",  # 800
        "state-00003-of-00004.safetensors",  # 1200: one tensor is never cut
        "state-00004-of-00004.safetensors",  # 40
    ]
    assert set(load_file(path / "state-00001-of-00004.safetensors")) == {"part_100", "part_101"}
    loaded = folder.load(1).tensors
    assert {name: array.tolist() for name, array in loaded.items()} == {
        name: array.tolist() for name, array in tensors.items()
    }


def test_the_manifest_says_what_lies_beside_it(tmp_path, state_of):
    path = CheckpointFolder(tmp_path).save(123_000, state_of(3), {"success": 0.8})
    manifest = json.loads((path / "manifest.json").read_text())
    assert path.name == "step_000123000"
    assert manifest["format_version"] == 1
    assert manifest["step"] == 123_000
    assert manifest["scalars"] == {"success": 0.8}
    ((name, entry),) = manifest["files"].items()
    data = (path / name).read_bytes()
    assert entry == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_is_not_saved(tmp_path, value, state_of, names_in):
    with pytest.raises(CheckpointError, match=r"success is -?(nan|inf)"):
        CheckpointFolder(tmp_path).save(1, state_of(1), {"success": value})
    assert names_in(tmp_path) == []


def test_what_would_not_come_back_is_refused(tmp_path):
    folder = CheckpointFolder(tmp_path)
    with pytest.raises(TypeError, match="scalar seed"):
        folder.save(1, {}, {"seed": np.int64(3)})  # type: ignore[dict-item]
    with pytest.raises(TypeError, match="tensor words"):
        folder.save(1, {"words": np.array(["a"])}, {})


def test_a_newer_format_and_a_renamed_folder_are_told_apart(tmp_path, monkeypatch, state_of):
    folder = CheckpointFolder(tmp_path)
    folder.save(1, state_of(1), {})
    folder.path(1).rename(folder.path(5))
    with pytest.raises(CheckpointError, match="holds the checkpoint of step 1"):
        folder.load(5)
    monkeypatch.setattr(checkpoint_format, "FORMAT_VERSION", 2)
    folder.save(2, state_of(2), {})
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match="format version 2"):
        folder.load(2)
