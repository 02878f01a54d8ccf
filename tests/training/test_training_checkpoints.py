import errno
import hashlib
import json
import math
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import load_file

from adaptive_style_tf.errors import CheckpointError
from adaptive_style_tf.training import checkpoint_format
from adaptive_style_tf.training.checkpoints import CheckpointFolder


def state(step):
    return {
        "generator/encoder/conv_1/kernel": np.full((3, 3, 4, 2), step, np.float32),
        "generator_optimizer/iterations": np.asarray(step, np.int64),
        "generator/exact": np.array([math.pi, step / 3.0]),
    }


def refuse(message):
    pytest.fail(f"no warning was due: {message}")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def shard(folder, step):
    return next(folder.path(step).glob("state-*.safetensors"))


def test_what_was_saved_comes_back_bit_for_bit(tmp_path):
    folder = CheckpointFolder(tmp_path / "run" / "checkpoints")
    scalars = {"success": 0.1 + 0.2, "tiny": 5e-324, "seed": 2**63, "name": "Cézanne"}
    transposed = np.arange(6, dtype=np.float32).reshape(2, 3).T

    path = folder.save(7, {**state(7), "transposed": transposed}, scalars)
    checkpoint = folder.load(7)

    assert path == tmp_path / "run" / "checkpoints" / "step_000000007"
    assert checkpoint.step == 7
    assert checkpoint.scalars == scalars
    assert type(checkpoint.scalars["seed"]) is int
    expected = {**state(7), "transposed": transposed}
    assert checkpoint.tensors.keys() == expected.keys()
    for name, array in expected.items():
        assert checkpoint.tensors[name].dtype == array.dtype
        assert checkpoint.tensors[name].shape == array.shape
        assert np.array_equal(checkpoint.tensors[name], array)
        assert checkpoint.tensors[name].flags.writeable


def test_a_large_state_is_cut_into_shards(tmp_path, monkeypatch):
    monkeypatch.setattr(checkpoint_format, "SHARD_BYTES", 1000)
    tensors = {f"part_{n}": np.full(n, n, np.float32) for n in (100, 100 + 1, 200, 300, 10)}
    folder = CheckpointFolder(tmp_path)

    path = folder.save(1, tensors, {})

    assert names(path) == [
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


def test_an_empty_folder_has_no_newest(tmp_path):
    folder = CheckpointFolder(tmp_path / "not there yet")
    assert folder.load_newest(refuse) is None
    assert folder.steps() == []
    assert folder.set_aside_after(0) == []
    assert folder.remove_left_overs() == []
    assert not (tmp_path / "not there yet").exists()


def test_the_newest_and_the_keepers_stay(tmp_path):
    folder = CheckpointFolder(tmp_path, keep=2, keeper_every=3)
    kept = []
    for step in range(9):
        folder.save(step, state(step), {})
        kept.append(folder.steps())

    assert kept[:4] == [[0], [0, 1], [1, 2], [2, 3]]  # step 0 is no keeper
    assert kept[5] == [3, 4, 5]
    assert kept[8] == [3, 6, 7, 8]
    assert names(tmp_path) == [f"step_00000000{step}" for step in (3, 6, 7, 8)]


def test_a_step_can_be_kept_for_as_long_as_it_is_asked_for(tmp_path):
    folder = CheckpointFolder(tmp_path, keep=1, keeper_every=100)
    for step in (1, 2, 3, 4):
        folder.save(step, state(step), {}, also_keep={2})
    assert folder.steps() == [2, 4]
    folder.save(5, state(5), {})
    assert folder.steps() == [5]


def test_the_newest_is_loaded(tmp_path):
    folder = CheckpointFolder(tmp_path)
    folder.save(999, state(999), {})
    folder.save(1000, state(1000), {})
    newest = folder.load_newest(refuse)
    assert newest is not None
    assert newest.step == 1000


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
def test_a_damaged_newest_is_reported_and_the_one_before_is_used(tmp_path, damage, named):
    folder = CheckpointFolder(tmp_path)
    folder.save(1, state(1), {"success": 0.5})
    folder.save(2, state(2), {"success": 0.75})
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


def test_all_damaged_is_an_error_that_says_what_to_do(tmp_path):
    folder = CheckpointFolder(tmp_path)
    for step in (1, 2):
        folder.save(step, state(step), {})
        shard(folder, step).write_bytes(b"")
    warnings = []
    with pytest.raises(CheckpointError, match=r"All 2 checkpoints.*--restart"):
        folder.load_newest(warnings.append)
    assert len(warnings) == 2


def test_the_run_that_goes_on_before_a_damaged_checkpoint_replaces_it(tmp_path):
    folder = CheckpointFolder(tmp_path, keep=2)
    for step in (2, 4):
        folder.save(step, state(step), {})
    shard(folder, 4).write_bytes(b"")

    folder.save(3, state(3), {})  # the damaged one of step 4 must not push step 2 or 3 out
    assert folder.steps() == [2, 3]
    assert names(tmp_path / "set_aside") == ["step_000000004"]
    folder.save(4, state(4), {})
    assert folder.load(4).step == 4
    assert folder.steps() == [3, 4]


def test_a_damaged_checkpoint_of_the_same_step_is_replaced(tmp_path):
    folder = CheckpointFolder(tmp_path, keep=2)
    for step in (2, 4):
        folder.save(step, state(step), {})
    flipped = shard(folder, 4)
    flipped.write_bytes(flipped.read_bytes()[::-1])
    folder.save(4, state(4), {})
    assert folder.steps() == [2, 4]
    assert folder.load(4).tensors["generator/exact"][1] == 4 / 3
    assert names(tmp_path / "set_aside") == []


def test_saving_the_same_again_leaves_the_good_one_alone(tmp_path):
    folder = CheckpointFolder(tmp_path)
    path = folder.save(4, state(4), {"success": 0.5})
    inode = path.stat().st_ino
    assert folder.save(4, state(4), {"success": 0.5}) == path
    assert path.stat().st_ino == inode
    folder.save(4, state(4), {"success": 0.25})
    assert folder.load(4).scalars == {"success": 0.25}


def test_later_ones_are_set_aside_and_never_overwritten(tmp_path):
    folder = CheckpointFolder(tmp_path, keep=9)
    for attempt in (1, 2, 3):
        for step in (10, 20, 30):
            folder.save(step, state(step + attempt), {})
        moved = folder.set_aside_after(10)
        assert folder.steps() == [10]
        assert len(moved) == 2
    assert names(tmp_path / "set_aside") == [
        "step_000000020",
        "step_000000020_2",
        "step_000000020_3",
        "step_000000030",
        "step_000000030_2",
        "step_000000030_3",
    ]
    kept = load_file(tmp_path / "set_aside/step_000000030_2/state-00001-of-00001.safetensors")
    assert kept["generator/encoder/conv_1/kernel"].max() == 32


def test_a_full_disk_is_noticed_before_anything_is_written(tmp_path, monkeypatch):
    folder = CheckpointFolder(tmp_path)
    folder.save(1, state(1), {})
    usage = shutil.disk_usage(tmp_path)._replace(free=3_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    tensors = {"large": np.zeros(2_000_000, np.float32)}
    # 8 MB of numbers, 512 bytes for the name, 64 MB to spare
    with pytest.raises(CheckpointError, match=r"73 MB are needed.*3 MB are free.*from step 1\."):
        folder.save(2, tensors, {})
    assert names(tmp_path) == ["step_000000001"]


def test_a_disk_that_runs_full_while_writing_leaves_the_last_good_one(tmp_path, monkeypatch):
    folder = CheckpointFolder(tmp_path, keep=1)
    folder.save(1, state(1), {})

    def no_space(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", no_space)
    with pytest.raises(CheckpointError, match=r"No space left on device.*go on from step 1"):
        folder.save(2, state(2), {})
    assert names(tmp_path) == ["step_000000001"]
    monkeypatch.undo()
    assert folder.load_newest(refuse).step == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no resource limits")
def test_a_write_that_really_fails_half_way_leaves_nothing(tmp_path):
    script = """
import resource, sys
from pathlib import Path
import numpy as np
from adaptive_style_tf.errors import CheckpointError
from adaptive_style_tf.training.checkpoints import CheckpointFolder
folder = CheckpointFolder(Path(sys.argv[1]))
folder.save(1, {"a": np.ones(1000, np.float32)}, {})
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    folder.save(2, {"a": np.ones(1_000_000, np.float32)}, {})
except CheckpointError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert "could not be written" in done.stdout
    assert names(tmp_path) == ["step_000000001"]
    assert CheckpointFolder(tmp_path).load(1).tensors["a"].sum() == 1000


def test_an_interrupt_while_writing_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        CheckpointFolder(tmp_path).save(1, state(1), {})
    assert names(tmp_path) == []


def test_left_overs_of_a_killed_process_are_removed_and_nothing_else(tmp_path):
    folder = CheckpointFolder(tmp_path)
    folder.save(1, state(1), {})
    for name in (".unfinished_step_000000002", ".removing_step_000000000", "notes of mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "state-00001-of-00001.safetensors").write_bytes(b"half")
    assert folder.steps() == [1]
    assert len(folder.remove_left_overs()) == 2
    assert names(tmp_path) == ["notes of mine", "step_000000001"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_is_not_saved(tmp_path, value):
    with pytest.raises(CheckpointError, match=r"success is -?(nan|inf)"):
        CheckpointFolder(tmp_path).save(1, state(1), {"success": value})
    assert names(tmp_path) == []


def test_what_would_not_come_back_is_refused(tmp_path):
    folder = CheckpointFolder(tmp_path)
    with pytest.raises(TypeError, match="scalar seed"):
        folder.save(1, {}, {"seed": np.int64(3)})  # type: ignore[dict-item]
    with pytest.raises(TypeError, match="tensor words"):
        folder.save(1, {"words": np.array(["a"])}, {})


def test_a_newer_format_and_a_renamed_folder_are_told_apart(tmp_path, monkeypatch):
    folder = CheckpointFolder(tmp_path)
    folder.save(1, state(1), {})
    folder.path(1).rename(folder.path(5))
    with pytest.raises(CheckpointError, match="holds the checkpoint of step 1"):
        folder.load(5)
    monkeypatch.setattr(checkpoint_format, "FORMAT_VERSION", 2)
    folder.save(2, state(2), {})
    monkeypatch.undo()
    with pytest.raises(CheckpointError, match="format version 2"):
        folder.load(2)


def test_a_missing_step_names_those_that_are_there(tmp_path):
    folder = CheckpointFolder(tmp_path)
    folder.save(1000, state(1), {})
    with pytest.raises(CheckpointError, match=r"no checkpoint of step 15000 .*: 1000"):
        folder.load(15000)


def test_the_manifest_says_what_lies_beside_it(tmp_path):
    path = CheckpointFolder(tmp_path).save(123_000, state(3), {"success": 0.8})
    manifest = json.loads((path / "manifest.json").read_text())
    assert path.name == "step_000123000"
    assert manifest["format_version"] == 1
    assert manifest["step"] == 123_000
    assert manifest["scalars"] == {"success": 0.8}
    ((name, entry),) = manifest["files"].items()
    data = (path / name).read_bytes()
    assert entry == {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


# Runs one save after the other and dies at the n-th thing it does to the file system.
KILLED_AT_EVERY_EVENT = """
import os, signal, sys
from pathlib import Path
import numpy as np
from adaptive_style_tf.training import checkpoint_format
from adaptive_style_tf.training.checkpoints import CheckpointFolder

checkpoint_format.SHARD_BYTES = 500
folder = CheckpointFolder(Path(sys.argv[1]), keep=2, keeper_every=4)
watched = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "shutil.rmtree", "fsync"}

def save(step):
    folder.save(step, {n: np.full(100, step, np.float32) for n in "abc"}, {"success": step / 3})

def run(deadly_event, first):
    events = 0
    def count(name, arguments):
        nonlocal events
        if name in watched:
            events += 1
            if events == deadly_event:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(count)
    fsync = os.fsync
    os.fsync = lambda descriptor: (fsync(descriptor), sys.audit("fsync", descriptor))
    for step in (first, first + 1, first + 2):
        save(step)
    os._exit(0)

def refuse(message):
    raise AssertionError(message)

save(1)
event, kills, checked = 0, 0, 0
while True:
    event += 1
    before = folder.load_newest(refuse).step
    child = os.fork()
    if child == 0:
        run(event, before + 1)
    status = os.waitpid(child, 0)[1]
    newest = folder.load_newest(refuse)
    assert before <= newest.step <= before + 3, (before, newest.step)
    for step in folder.steps():
        state = folder.load(step)
        assert all((array == step).all() for array in state.tensors.values()), step
        assert sorted(state.tensors) == ["a", "b", "c"] and state.scalars == {"success": step / 3}
        checked += 1
    assert [s for s in range(4, before, 4) if s not in folder.steps()] == []
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        kills += 1
    else:
        assert os.WEXITSTATUS(status) == 0
        break
folder.remove_left_overs()
assert not [path for path in folder.folder.iterdir() if path.name.startswith(".")]
print(kills, checked)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_a_kill_at_any_file_system_event_leaves_only_whole_checkpoints(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", KILLED_AT_EVERY_EVENT, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    kills, checked = map(int, done.stdout.split())
    assert kills > 60
    assert checked > 120


SAVES_FOR_EVER = """
import sys
from pathlib import Path
import numpy as np
from adaptive_style_tf.training.checkpoints import CheckpointFolder
folder = CheckpointFolder(Path(sys.argv[1]), keep=2, keeper_every=10**9)
step = int(sys.argv[2])
while True:
    step += 1
    folder.save(step, {"a": np.full(500_000, step, np.float32)}, {})
    print(step, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs SIGKILL")
def test_a_kill_at_a_random_moment_loses_at_most_the_save_in_progress(tmp_path):
    random = np.random.default_rng(0)
    folder = CheckpointFolder(tmp_path)
    step = 0
    for _ in range(4):
        command = [sys.executable, "-c", SAVES_FOR_EVER, str(tmp_path), str(step)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            finished = int(process.stdout.readline())
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(timeout=random.uniform(0.0, 0.1))
            process.kill()
            finished = max([finished, *map(int, process.stdout.read().split())])
        assert process.returncode == -signal.SIGKILL
        newest = folder.load_newest(refuse)
        assert newest is not None
        assert newest.step in (finished, finished + 1)
        assert (newest.tensors["a"] == newest.step).all()
        step = newest.step
    assert step >= 4
