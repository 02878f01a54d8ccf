"""Trainings that were killed or stopped come to the same end."""

import contextlib
import shlex
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest


@pytest.mark.slow
def test_killed_again_and_again_a_process_comes_to_the_same_end(narrow_training, assert_same_state):
    """The real thing: processes of their own, and every part of the state in use."""
    everything = [
        *("--preset", "paper", "--schedule", "alternate", "--warm-start-steps", "7"),
        *("--generator-ema", "0.9", "--clip-norm", "20"),
        *("--diff-augment", "color,translation,cutout"),
        *("--total-steps", "60", "--save-every", "4"),
    ]

    def start(run):
        options = [*narrow_training.options(run), *everything]
        return subprocess.Popen(
            [sys.executable, "-m", "adaptive_style_tf.train", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def finish(process):
        output, _ = process.communicate()
        assert process.returncode == 0, output
        return output

    whole, killed = narrow_training.other_run("whole"), narrow_training.other_run("killed")
    finish(start(whole))
    random = np.random.default_rng()  # anew each time, as a kill comes
    for number in range(3):
        saved = killed.steps()
        with start(killed) as process:
            # Once it has got further: within its next saves, which take half of the time.
            while process.poll() is None and killed.steps() == saved:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.02)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(random.uniform(0, 1.5))
            process.kill()
            output, _ = process.communicate()
        assert ("Resuming from step" in output) == (number > 0)
    resumed = killed.steps()[-1]
    output = finish(start(killed))
    assert f"Resuming from step {resumed}." in output
    assert_same_state(killed.newest(), whole.newest())
    one, other = (run.style().generator_weights() for run in (whole, killed))
    assert all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(("died_at", "resumed_from"), [(4, 3), (7, 6)])
def test_what_a_kill_leaves_goes_on_to_the_same_end(
    narrow_training, died_at, resumed_from, assert_same_state
):
    run, remains = narrow_training.run, narrow_training.other_run("remains")

    def copy_what_a_kill_would_leave(state, trained):
        if state.step == died_at and not remains.path.exists():
            shutil.copytree(run.path, remains.path)

    narrow_training.hooks.append(copy_what_a_kill_would_leave)
    assert narrow_training().exit_code == 0
    outcome = narrow_training(run=remains)
    assert outcome.exit_code == 0
    assert f"Resuming from step {resumed_from}." in outcome.output
    assert_same_state(remains.newest(), run.newest())
    assert run.newest().scalars["success"] != 0.8
    one, other = (folder.style().generator_weights() for folder in (run, remains))
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_a_truncated_newest_checkpoint_is_reported_and_the_one_before_used(
    narrow_training, assert_same_state
):
    run = narrow_training.finished()
    before = run.newest()
    [shard] = run.checkpoints.path(8).glob("*.safetensors")
    with shard.open("r+b") as file:
        file.truncate(shard.stat().st_size // 2)
    outcome = narrow_training()
    assert outcome.exit_code == 0
    assert f"{shard.parent} is damaged" in outcome.output
    assert "Resuming from step 6." in outcome.output
    assert_same_state(run.newest(), before)


@pytest.mark.parametrize(("name", "exit_code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_saves_and_the_same_command_goes_on_to_the_same_end(
    narrow_training, name, exit_code, assert_same_state
):
    def interrupt(state, trained):
        if state.step == 4:
            signal.raise_signal(signal.Signals[name])

    narrow_training.hooks.append(interrupt)
    outcome = narrow_training()
    assert outcome.exit_code == exit_code
    assert f"Stopped by {name} at step 5; everything is saved." in outcome.output
    assert outcome.errors.count("error") == 0
    assert narrow_training.run.steps() == [3, 5]
    assert narrow_training.run.style().description.step == 5

    narrow_training.hooks.remove(interrupt)
    printed = shlex.split(outcome.output.splitlines()[-1])
    assert printed[:3] == ["python", "-m", "adaptive_style_tf.train"]
    again = narrow_training.command(printed[3:])
    assert again.exit_code == 0
    assert "Resuming from step 5." in again.output
    uninterrupted = narrow_training.finished(narrow_training.other_run("uninterrupted"))
    assert_same_state(narrow_training.run.newest(), uninterrupted.newest())
