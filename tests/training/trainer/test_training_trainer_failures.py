"""What goes wrong on the way: full disks, NaN, too little memory, collapse."""

import errno
import os
import shlex
import shutil
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from adaptive_style_tf.training import checkpoint_format, initial_state
from adaptive_style_tf.training.health import CollapseGuard
from adaptive_style_tf.training.state import TrainingState


def full_disk_usage(folder):
    return SimpleNamespace(free=0)


def full_disk_write(path, data):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


@pytest.mark.parametrize(
    ("where", "name", "full", "told"),
    [
        (shutil, "disk_usage", full_disk_usage, "too full"),
        (checkpoint_format, "write_durably", full_disk_write, "No space left on device"),
    ],
)
def test_a_full_disk_ends_the_run_and_the_last_checkpoint_is_intact(
    narrow_training, monkeypatch, where, name, full, told
):
    def fill(state, trained):
        if state.step == 4:  # after the save at 3, before the one at 6
            monkeypatch.setattr(where, name, full)

    narrow_training.hooks.append(fill)
    outcome = narrow_training()
    assert outcome.exit_code == 1
    assert told in outcome.errors
    assert "go on from step 3" in outcome.errors
    assert "Traceback" not in outcome.errors
    run = narrow_training.run
    assert run.steps() == [3]
    assert [path.name for path in run.checkpoints.folder.iterdir()] == ["step_000000003"]
    assert run.style().description.step == 3


def test_a_sheet_that_cannot_be_written_does_not_cost_the_checkpoint(narrow_training):
    run = narrow_training.run
    narrow_training.hooks.append(lambda *_: (run.path / "samples").write_text("in the way"))
    outcome = narrow_training("--sample-every", "3")
    assert outcome.exit_code == 1
    assert "step_000003.jpg cannot be written" in outcome.errors
    assert run.steps() == [3]
    assert run.style().description.step == 3


def test_nan_in_training_is_named_and_never_saved(narrow_training):
    def poison(state, trained):
        if state.step == 4:
            kernel = state.networks.generator.decoder.output_convolution.kernel
            kernel.assign(np.full(kernel.shape, np.nan, np.float32))

    narrow_training.hooks.append(poison)
    outcome = narrow_training()
    assert outcome.exit_code == 1
    run = narrow_training.run
    assert "the loss generator/" in outcome.errors
    assert "became nan" in outcome.errors
    assert run.steps() == [3]
    assert run.style().description.step == 3

    # What is printed goes on.
    narrow_training.hooks.remove(poison)
    printed = shlex.split(outcome.errors.splitlines()[-1])
    assert printed[-4:] == ["--resume-from", "3", "--clip-norm", "20"]
    outcome = narrow_training.command([*printed[3:-2], "--learning-rate", "1e-5"])
    assert outcome.exit_code == 0
    assert run.steps() == [6, 8]


def test_a_device_without_memory_is_told_with_advice(narrow_training):
    narrow_training.hooks.append(exhaust)
    outcome = narrow_training("--batch-size", "1")
    assert outcome.exit_code == 1
    assert "ran out of memory with crops of 64 px" in outcome.errors
    assert "a smaller --ndf" in outcome.errors
    assert "--restart" not in outcome.errors

    # Nothing was saved, so the same run may be started with other settings, as was advised.
    narrow_training.hooks.remove(exhaust)
    outcome = narrow_training("--learning-rate", "1e-30", "--total-steps", "1")
    assert outcome.exit_code == 0
    for change in ("learning_rate: was 0.0002, now 1e-30", "total_steps: was 8, now 1"):
        assert f"Changed: {change}" in outcome.output


def exhaust(*_):
    raise tf.errors.ResourceExhaustedError(None, None, "failed to allocate memory")


@pytest.mark.parametrize(
    ("where", "name"), [(initial_state, "TrainingState"), (TrainingState, "stylized")]
)
def test_too_little_memory_for_the_state_or_its_samples_is_told_too(
    narrow_training, monkeypatch, where, name
):
    narrow_training.finished()
    monkeypatch.setattr(where, name, exhaust)
    outcome = narrow_training("--total-steps", "9")
    assert outcome.exit_code == 1
    assert "ran out of memory with crops of 64 px" in outcome.errors
    assert outcome.errors.rstrip().endswith("can also be changed with --resume-from 8.")
    assert "Traceback" not in outcome.errors


def test_a_collapse_stops_the_run_and_the_printed_command_goes_on(narrow_training, monkeypatch):
    monkeypatch.setattr(initial_state, "CollapseGuard", lambda: CollapseGuard(patience=2))
    stylized = TrainingState.stylized

    def healthy_at_first(state, photographs):
        # Eight steps make no painter: until step 3 the photographs stand in for its results.
        return 0.8 * photographs if state.step <= 3 else stylized(state, photographs)

    def freeze(state, trained):
        if state.step >= 3:
            kernel = state.networks.generator.decoder.output_convolution.kernel
            kernel.assign(np.zeros(kernel.shape, np.float32))

    monkeypatch.setattr(TrainingState, "stylized", healthy_at_first)
    narrow_training.hooks.append(freeze)
    outcome = narrow_training("--save-every", "1")
    run = narrow_training.run
    assert outcome.exit_code == 1
    assert "Collapse at step 5, for 2 saves in a row" in outcome.errors
    assert "0% of their values are black or white" in outcome.errors
    assert run.steps() == [3, 4, 5]  # the last good one beyond the two newest
    assert run.style().description.step == 3

    narrow_training.hooks.remove(freeze)
    monkeypatch.setattr(TrainingState, "stylized", lambda _, photographs: 0.8 * photographs)
    [printed] = [line for line in outcome.errors.splitlines() if "--resume-from" in line]
    arguments = shlex.split(printed)
    assert arguments[:3] == ["python", "-m", "adaptive_style_tf.train"]
    assert arguments[-2:] == ["--resume-from", "3"]
    # With what is advised beside it.
    again = narrow_training.command([*arguments[3:], "--adversarial-weight", "1.0"])
    assert again.exit_code == 0
    assert "Resuming from step 3." in again.output
    assert run.set_aside.steps() == [4, 5]
    assert run.steps() == [7, 8]
