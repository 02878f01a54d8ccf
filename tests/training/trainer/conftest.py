"""Whole trainings, from command line to style, with networks that are built once for all."""

import json
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import tensorflow as tf
from tensorflow.python.util import _pywrap_determinism

from adaptive_style_tf.styles import read_style
from adaptive_style_tf.train import main
from adaptive_style_tf.training import initial_state, trainer
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.state import TrainingState
from adaptive_style_tf.training.steps import TrainingSteps


@dataclass(frozen=True)
class Outcome:
    """What a training left with and what it said."""

    exit_code: int
    output: str
    errors: str

    def assert_refused(self, exit_code, *parts):
        """One line without a traceback, that holds these words; no training has begun."""
        assert self.exit_code == exit_code
        message = self.errors.splitlines()[-1]
        assert message.startswith("python -m adaptive_style_tf.train: error: ")
        assert "Traceback" not in self.errors
        assert "Training tiny-artist" not in self.output
        for part in parts:
            assert part in message


@dataclass(frozen=True)
class Run:
    """What a run folder holds."""

    path: Path

    @property
    def checkpoints(self):
        return CheckpointFolder(self.path / "checkpoints")

    @property
    def set_aside(self):
        return CheckpointFolder(self.path / "checkpoints" / "set_aside")

    def steps(self):
        return self.checkpoints.steps()

    def newest(self):
        return self.checkpoints.load(self.steps()[-1])

    def settings(self):
        return json.loads((self.path / "settings.json").read_text())["settings"]

    def style(self):
        return read_style(self.path / "style")

    def files(self):
        """Every file with its content, apart from the lock."""
        files = (path for path in self.path.rglob("*") if path.is_file() and path.name != "lock")
        return {path: path.read_bytes() for path in files}


class HookedSteps:
    """Training steps after each of which a test may look in, or interfere."""

    def __init__(self, steps, state, hooks):
        self._steps, self._state, self._hooks = steps, state, hooks

    def generator_step(self, *given):
        return self._hooked(self._steps.generator_step(*given), "generator")

    def discriminator_step(self, *given):
        return self._hooked(self._steps.discriminator_step(*given), "discriminator")

    def warm_start_step(self, pictures):
        return self._hooked(self._steps.warm_start_step(pictures), "generator")

    def _hooked(self, terms, trained):
        for hook in self._hooks:
            hook(self._state, trained)
        return terms


class NarrowTraining:
    """`train.main` with the narrowest networks, which are built and traced once for all tests.

    Each training begins with the networks' first weights, or with what it reads from disk, as a
    process of its own would.
    """

    def __init__(self, pictures, folder, built, capture):
        self.run = Run(folder / "run")
        self.hooks = [both_networks_get_turns]  # called with state and "generator" or so
        self.first_arrays = {}  # of the last training's state, before anything was read
        self._pictures = pictures
        self._folder = folder
        self._built = built
        self._capture = capture

    def __call__(self, *options, run=None):
        """Trains with these options, which come after the usual ones."""
        return self.command([*self.options(run or self.run), *options])

    def command(self, arguments):
        self._capture.readouterr()
        try:
            exit_code = main(arguments)
        except SystemExit as left:  # argparse
            exit_code = left.code
        return Outcome(exit_code, *self._capture.readouterr())

    def options(self, run):
        return [
            *("--artist", "tiny-artist", "--image-size", "64", "--ngf", "2", "--ndf", "2"),
            *("--style-dir", str(self._pictures.paintings)),
            *("--content-dir", str(self._pictures.photographs)),
            *("--run-dir", str(run.path), "--deterministic"),
            *("--total-steps", "8", "--save-every", "3", "--sample-every", "100"),
        ]

    def other_run(self, name):
        """A run beside the usual one."""
        return Run(self._folder / name)

    def finished(self, run=None):
        """A run of eight steps; trained once, then copied."""
        if "finished" not in self._built:
            template = self.other_run("finished")
            assert self(run=template).exit_code == 0
            self._built["finished"] = template
        run = run or self.run
        shutil.copytree(self._built["finished"].path, run.path)
        return run

    def state(self, network, optimization, seed):
        """In place of TrainingState."""
        # What every step sets anew needs no networks of its own.
        threshold = optimization.discriminator_success_rate
        optimization = replace(
            optimization,
            learning_rate=1.0,
            lr_schedule="constant",
            schedule="success",
            discriminator_success_rate=0.5,
            discriminator_steps=1,
            warm_start_steps=0,
            warm_start_rate=1.0,
        )
        key = (network, optimization, seed)
        if key not in self._built:
            made = TrainingState(*key)
            self._built[key] = (made, made.arrays())
        made, self.first_arrays = self._built[key]
        made.assign(self.first_arrays)
        made.step, made.success = 0, threshold
        return made

    def steps(self, state, *options):
        """In place of TrainingSteps."""
        key = (id(state), *options)
        if key not in self._built:
            self._built[key] = TrainingSteps(state, *options)
        return HookedSteps(self._built[key], state, self.hooks)

    def stylized(self, state, photographs):
        """In place of TrainingState.stylized, which takes ten times as long for small pictures."""
        with state.generator_for_use() as generator:
            key = ("traced", id(generator))
            if key not in self._built:
                self._built[key] = tf.function(generator.call)
            return self._built[key](photographs).numpy()


def both_networks_get_turns(state, trained):
    """Lifts the success average, which a young discriminator keeps low for hundreds of steps."""
    if trained == "discriminator":
        state.success = 0.83


@pytest.fixture(scope="session")
def built_networks():
    return {}


@pytest.fixture
def narrow_training(pictures, tmp_path, built_networks, capsys, monkeypatch):
    training = NarrowTraining(pictures, tmp_path, built_networks, capsys)
    monkeypatch.setattr(initial_state, "TrainingState", training.state)
    monkeypatch.setattr(trainer, "TrainingSteps", training.steps)
    monkeypatch.setattr(
        TrainingState, "stylized", lambda state, photographs: training.stylized(state, photographs)
    )
    yield training
    _pywrap_determinism.enable(False)  # other tests of this process have not asked for it


@pytest.fixture
def assert_same_state():
    """Compares two checkpoints: every number that decides the future, bit for bit."""

    def compare(one, other):
        assert one.step == other.step
        assert one.scalars == other.scalars
        assert one.tensors.keys() == other.tensors.keys()
        for name, array in one.tensors.items():
            assert array.tobytes() == other.tensors[name].tobytes(), name

    return compare
