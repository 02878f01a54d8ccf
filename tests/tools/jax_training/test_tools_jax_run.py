"""`tools/jax_run.py`, around steps that compute nothing: what it writes when, and what it says."""

import argparse
import itertools
import shlex
from pathlib import Path
from types import SimpleNamespace

import pytest
from jax.errors import JaxRuntimeError

from adaptive_style_tf.errors import DeviceMemoryError, NonFiniteError
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.material import Places
from adaptive_style_tf.training.request import TrainingRequest
from adaptive_style_tf.training.settings import settings_from


class Training:
    """In place of `JaxTraining`: counts steps, and fails after one of them if asked to."""

    failure = None

    def __init__(self, state, *_):
        self.state = state
        self.step = self.checked = state.step
        self.success = 0.5
        self.steps = SimpleNamespace(stylized=None)

    def take_step(self, paintings, photographs):
        self.step += 1
        return []

    def rest(self):
        if self.failure is not None:
            raise self.failure
        self.checked = self.step
        return []


class Run:
    """A started run that notes what is written."""

    def __init__(self, folder, step, settings):
        self.request = TrainingRequest(
            Places("tiny-artist", Path("data")), folder, settings_from(settings), "train_jax"
        )
        self.state = SimpleNamespace(step=step)
        self.folder = SimpleNamespace(logs=folder / "logs", style=folder / "style")
        self.checkpoints = CheckpointFolder(folder / "checkpoints")
        self.written = []

    def palette(self, on_unreadable):
        return None

    def sources(self, on_unreadable):
        return None, None

    def outputs(self, **given):
        def note(what):
            return lambda *_: self.written.append(what)

        return SimpleNamespace(save=note("save"), sample=note("sample"))


@pytest.fixture
def run(monkeypatch, tmp_path):
    """Runs with these settings from a step on; gives what was written, in its order."""
    import jax_run

    def run(step=0, failure=None, **settings):
        started = Run(tmp_path, step, settings)

        class Log:
            def __init__(self, *_):
                pass

            def waited(self, seconds):
                pass

            def add(self, outcomes):
                pass

            def write(self, step, success):
                started.written.append(f"log {step}")

        monkeypatch.setattr(jax_run, "JaxTraining", type("T", (Training,), {"failure": failure}))
        monkeypatch.setattr(jax_run, "TrainingLog", Log)
        batches = (pair for pair in itertools.repeat(("painting", "photograph")))
        monkeypatch.setattr(jax_run, "prefetched_batches", lambda *_, **__: batches)
        options = argparse.Namespace(
            minutes=None, log_every=100, workers=1, success_lag=0, export=None, split=False
        )
        jax_run.run(started, options, began=0.0)
        return started.written

    return run


def test_a_nan_is_told_with_a_way_on(run):
    with pytest.raises(NonFiniteError) as caught:
        run(failure=NonFiniteError("At step 3 it broke."), total_steps=4)
    told, *_, command = str(caught.value).splitlines()
    assert told == "At step 3 it broke. Go on with:"
    assert shlex.split(command) == ["train_jax", "--restart", "--clip-norm", "20"]


def test_the_way_on_is_that_of_the_step_that_failed_not_of_the_newest_one(run):
    # Terms are fetched late: the warm start's last steps may fail when it is over.
    broken = NonFiniteError("At step 3 it broke.")
    with pytest.raises(NonFiniteError, match="--warm-start-rate"):
        run(failure=broken, total_steps=9, warm_start_steps=4)


def test_too_little_memory_is_told_with_advice(run):
    with pytest.raises(DeviceMemoryError, match="crops of 256 px and a batch of 2; try --batch-"):
        run(
            failure=JaxRuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 1 bytes"),
            total_steps=4,
            image_size=256,
            batch_size=2,
        )
    with pytest.raises(JaxRuntimeError, match="INTERNAL"):
        run(failure=JaxRuntimeError("INTERNAL: the cable is loose"), total_steps=4)


def test_the_checkpoint_is_written_before_log_and_sheet(run):
    settings = {"total_steps": 300, "save_every": 100, "sample_every": 200}
    assert run(step=99, **settings) == [
        *("save", "log 100"),
        *("save", "log 200", "sample"),
        *("save", "log 300", "sample"),
    ]


def test_checkpoints_that_stay_are_saved_whatever_save_every_is(run):
    settings = {"total_steps": 15_006, "save_every": 4001, "sample_every": 50_000}
    written = run(step=14_995, **settings)
    assert written == ["save", "log 15000", "save", "log 15006", "sample"]
