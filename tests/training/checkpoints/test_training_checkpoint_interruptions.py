"""Saves that do not come to their end: full disks, interrupts, kills."""

import errno
import shutil
import subprocess
import sys

import numpy as np
import pytest

from adaptive_style_tf.errors import CheckpointError
from adaptive_style_tf.training.checkpoints import CheckpointFolder


def test_a_full_disk_is_noticed_before_anything_is_written(
    tmp_path, monkeypatch, state_of, names_in
):
    folder = CheckpointFolder(tmp_path)
    folder.save(1, state_of(1), {})
    usage = shutil.disk_usage(tmp_path)._replace(free=3_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    tensors = {"large": np.zeros(2_000_000, np.float32)}
    # 8 MB of numbers, 512 bytes for the name, 64 MB to spare
    with pytest.raises(CheckpointError, match=r"73 MB are needed.*3 MB are free.*from step 1\."):
        folder.save(2, tensors, {})
    assert names_in(tmp_path) == ["step_000000001"]


def test_a_disk_that_runs_full_while_writing_leaves_the_last_good_one(
    tmp_path, monkeypatch, state_of, names_in, refuse
):
    folder = CheckpointFolder(tmp_path, keep=1)
    folder.save(1, state_of(1), {})

    def no_space(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", no_space)
    with pytest.raises(CheckpointError, match=r"No space left on device.*go on from step 1"):
        folder.save(2, state_of(2), {})
    assert names_in(tmp_path) == ["step_000000001"]
    monkeypatch.undo()
    assert folder.load_newest(refuse).step == 1


@pytest.mark.needs("file size limits")
def test_a_write_that_really_fails_half_way_leaves_nothing(tmp_path, names_in):
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
    assert names_in(tmp_path) == ["step_000000001"]
    assert CheckpointFolder(tmp_path).load(1).tensors["a"].sum() == 1000


def test_an_interrupt_while_writing_leaves_nothing(tmp_path, monkeypatch, state_of, names_in):
    def interrupt(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        CheckpointFolder(tmp_path).save(1, state_of(1), {})
    assert names_in(tmp_path) == []


def test_left_overs_of_a_killed_process_are_removed_and_nothing_else(tmp_path, state_of, names_in):
    folder = CheckpointFolder(tmp_path)
    folder.save(1, state_of(1), {})
    for name in (".unfinished_step_000000002", ".removing_step_000000000", "notes of mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "state-00001-of-00001.safetensors").write_bytes(b"half")
    assert folder.steps() == [1]
    assert len(folder.remove_left_overs()) == 2
    assert names_in(tmp_path) == ["notes of mine", "step_000000001"]


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


@pytest.mark.needs("fork")
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


def test_a_kill_at_a_random_moment_loses_at_most_the_save_in_progress(tmp_path, refuse):
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
        assert process.returncode != 0
        newest = folder.load_newest(refuse)
        assert newest is not None
        assert newest.step in (finished, finished + 1)
        assert (newest.tensors["a"] == newest.step).all()
        step = newest.step
    assert step >= 4
