"""One process at a time may write into a run folder."""

import errno
import json
import os
import platform
import subprocess
import sys

import pytest

from adaptive_style_tf.errors import RunFolderError
from adaptive_style_tf.training import run_folder
from adaptive_style_tf.training.run_folder import RunFolder


@pytest.fixture
def run(tmp_path):
    return RunFolder(tmp_path / "runs" / "paul-cezanne")


HOLDS_THE_LOCK = """
import sys
from pathlib import Path
from adaptive_style_tf.training.run_folder import RunFolder
with RunFolder(Path(sys.argv[1])).lock():
    print("locked", flush=True)
    sys.stdin.read()
print("free", flush=True)
"""


def hold(run):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDS_THE_LOCK, str(run.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    return process


def test_a_second_process_is_told_who_holds_the_run(run):
    with hold(run) as process:
        with pytest.raises(RunFolderError) as error, run.lock():
            pytest.fail("two processes hold one run")
        message = str(error.value)
        assert f"process {process.pid} on {platform.node()} since 20" in message
        assert str(run.path) in message
        assert RunFolder(run.path).read_settings() is None  # reading needs no lock
        assert process.communicate("")[0] == "free\n"
    with run.lock():
        pass


def test_a_killed_holder_frees_the_run(run):
    with hold(run) as process:
        process.kill()
    assert process.returncode != 0
    with run.lock():
        content = json.loads((run.path / "lock").read_text())
    assert content["pid"] == os.getpid()


def test_one_process_cannot_hold_it_twice(run):
    with run.lock():
        with pytest.raises(RunFolderError, match=f"process {os.getpid()} "), run.lock():
            pass
        with pytest.raises(RunFolderError), run.lock():  # the failed try has not freed it
            pass


@pytest.mark.needs("file size limits")
def test_a_full_disk_while_the_lock_is_written_is_told_and_frees_the_run(run):
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        with pytest.raises(RunFolderError, match=r"cannot be written \(.+\); free"), run.lock():
            pytest.fail("the lock was written")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    with run.lock():
        pass


def test_an_error_inside_frees_the_run(run):
    with pytest.raises(KeyError), run.lock():
        raise KeyError
    with run.lock():
        pass


def test_a_file_system_without_locks_is_named_as_such(run, monkeypatch):
    def no_locks(file):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(run_folder, "_acquire", no_locks)
    with pytest.raises(RunFolderError, match=r"cannot lock files.*local disk"), run.lock():
        pass
