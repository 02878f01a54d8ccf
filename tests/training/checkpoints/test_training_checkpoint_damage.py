"""Checkpoints that were damaged on the disk: told, passed over, replaced."""

import pytest

from adaptive_style_tf.errors import CheckpointError
from adaptive_style_tf.training import checkpoint_format
from adaptive_style_tf.training.checkpoint_format import CheckpointVersionError
from adaptive_style_tf.training.checkpoints import CheckpointFolder


def shard(folder, step):
    return next(folder.path(step).glob("state-*.safetensors"))


def truncate(folder):
    data = shard(folder, 2).read_bytes()
    shard(folder, 2).write_bytes(data[:-1])


def flip_a_byte(folder):
    data = bytearray(shard(folder, 2).read_bytes())
    data[-3] ^= 1
    shard(folder, 2).write_bytes(data)


def remove_shard(folder):
    shard(folder, 2).unlink()


def remove_manifest(folder):
    (folder.path(2) / "manifest.json").unlink()


def truncate_manifest(folder):
    path = folder.path(2) / "manifest.json"
    path.write_bytes(path.read_bytes()[:-20])


def change_a_digit_in_the_manifest(folder):
    path = folder.path(2) / "manifest.json"
    path.write_text(path.read_text().replace("0.75", "0.76"))


def binary_manifest(folder):
    (folder.path(2) / "manifest.json").write_bytes(b"\xff\x00\xfe")


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (truncate, "bytes of"),
        (flip_a_byte, "content of state-00001"),
        (remove_shard, "safetensors is missing"),
        (remove_manifest, "no manifest"),
        (truncate_manifest, "no JSON"),
        (change_a_digit_in_the_manifest, "manifest.json was changed"),
        (binary_manifest, "no JSON"),
    ],
)
def test_a_damaged_newest_is_reported_and_the_one_before_is_used(tmp_path, damage, named, state_of):
    folder = CheckpointFolder(tmp_path)
    folder.save(1, state_of(1), {"success": 0.5})
    folder.save(2, state_of(2), {"success": 0.75})
    damage(folder)
    warnings = []

    newest = folder.load_newest(warnings.append)

    assert newest is not None
    assert newest.step == 1
    assert newest.scalars == {"success": 0.5}
    (warning,) = warnings
    assert named in warning
    assert "step_000000002" in warning
    with pytest.raises(CheckpointError, match="step_000000002"):
        folder.load(2)


def test_all_damaged_is_an_error_that_says_what_to_do(tmp_path, state_of):
    folder = CheckpointFolder(tmp_path)
    for step in (1, 2):
        folder.save(step, state_of(step), {})
        shard(folder, step).write_bytes(b"")
    warnings = []
    with pytest.raises(CheckpointError, match=r"All 2 checkpoints.*--restart"):
        folder.load_newest(warnings.append)
    assert len(warnings) == 2
    assert warnings[0].endswith(" The checkpoint before it is tried.")
    assert "tried" not in warnings[1]  # there is none before it


def test_a_newest_of_a_newer_format_is_not_passed_over(tmp_path, monkeypatch, state_of):
    folder = CheckpointFolder(tmp_path)
    folder.save(1, state_of(1), {})
    monkeypatch.setattr(checkpoint_format, "FORMAT_VERSION", 2)
    folder.save(2, state_of(2), {})
    monkeypatch.undo()
    with pytest.raises(CheckpointVersionError, match=r"step_000000002 has format version 2"):
        folder.load_newest(pytest.fail)
    assert folder.steps() == [1, 2]


def test_the_run_that_goes_on_before_a_damaged_checkpoint_replaces_it(tmp_path, state_of, names_in):
    folder = CheckpointFolder(tmp_path, keep=2)
    for step in (2, 4):
        folder.save(step, state_of(step), {})
    shard(folder, 4).write_bytes(b"")

    folder.save(3, state_of(3), {})  # the damaged one of step 4 must not push step 2 or 3 out
    assert folder.steps() == [2, 3]
    assert names_in(tmp_path / "set_aside") == ["step_000000004"]
    folder.save(4, state_of(4), {})
    assert folder.load(4).step == 4
    assert folder.steps() == [3, 4]


def test_a_damaged_checkpoint_of_the_same_step_is_replaced(tmp_path, state_of, names_in):
    folder = CheckpointFolder(tmp_path, keep=2)
    for step in (2, 4):
        folder.save(step, state_of(step), {})
    flipped = shard(folder, 4)
    flipped.write_bytes(flipped.read_bytes()[::-1])
    folder.save(4, state_of(4), {})
    assert folder.steps() == [2, 4]
    assert folder.load(4).tensors["generator/exact"][1] == 4 / 3
    assert names_in(tmp_path / "set_aside") == []
