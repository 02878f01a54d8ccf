"""Small pictures to train on, and networks that are built once for all trainings of a process."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@dataclass(frozen=True)
class Folders:
    paintings: Path
    photographs: Path


def bands(random):
    """A vertical pattern of two oranges."""
    side = random.integers(10, 20)
    columns = np.arange(112) // side % 2
    picture = np.array([(250, 150, 20), (150, 60, 0)])[columns][np.newaxis].repeat(96, axis=0)
    return picture + random.integers(0, 6, picture.shape)


def waves(random):
    """Something smooth and blue with an edge to follow."""
    rows, columns = np.mgrid[:96, :112] / 96
    wave = np.sin(5 * random.random() * rows + 9 * random.random() * columns + 6 * random.random())
    brightness = 0.5 + 0.2 * wave + 0.25 * (columns > random.uniform(0.3, 0.8))
    return np.array([60, 120, 255]) * brightness[..., np.newaxis]


def save(folder, draw, seed, count):
    folder.mkdir()
    for number in range(count):
        picture = draw(np.random.default_rng((seed, number)))
        Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(folder / f"{number}.png")
    return folder


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """Three paintings and three photographs of 112 x 96 px; not to be changed."""
    folder = tmp_path_factory.mktemp("pictures")
    return Folders(
        save(folder / "paintings", bands, 1, 3), save(folder / "photographs", waves, 2, 3)
    )


@dataclass(frozen=True)
class Outcome:
    """What a training left with and what it said."""

    exit_code: int
    output: str
    errors: str


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

    def __init__(self, pictures, run_dir, built, capture):
        self.run_dir = run_dir
        self.hooks = [both_networks_get_turns]  # called with state and "generator" or so
        self.first_arrays = {}  # of the last training's state, before anything was read
        self._pictures = pictures
        self._built = built
        self._capture = capture

    def __call__(self, *options, run_dir=None):
        """Trains with these options, which come after the usual ones."""
        return self.command([*self.options(run_dir), *options])

    def command(self, arguments):
        from adaptive_style_tf.train import main

        self._capture.readouterr()
        try:
            exit_code = main(arguments)
        except SystemExit as left:  # argparse
            exit_code = left.code
        return Outcome(exit_code, *self._capture.readouterr())

    def options(self, run_dir=None):
        return [
            *("--artist", "tiny-artist", "--image-size", "64", "--ngf", "2", "--ndf", "2"),
            *("--style-dir", str(self._pictures.paintings)),
            *("--content-dir", str(self._pictures.photographs)),
            *("--run-dir", str(run_dir or self.run_dir), "--deterministic"),
            *("--total-steps", "8", "--save-every", "3", "--sample-every", "100"),
        ]

    def finished(self, run_dir=None):
        """A run of eight steps; trained once, then copied."""
        template = self._built.get("finished")
        if template is None:
            template = self._built["finished"] = self.run_dir.parent / "finished"
            assert self(run_dir=template).exit_code == 0
        return Path(shutil.copytree(template, run_dir or self.run_dir))

    def state(self, network, optimization, seed):
        """In place of TrainingState."""
        from adaptive_style_tf.training.state import TrainingState

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
        from adaptive_style_tf.training.steps import TrainingSteps

        key = (id(state), *options)
        if key not in self._built:
            self._built[key] = TrainingSteps(state, *options)
        return HookedSteps(self._built[key], state, self.hooks)

    def stylized(self, outputs):
        """In place of RunOutputs._stylized, which takes ten times as long for small pictures."""
        import tensorflow as tf

        with outputs._state.generator_for_use() as generator:
            key = ("traced", id(generator))
            if key not in self._built:
                self._built[key] = tf.function(generator.call)
            return self._built[key](outputs._samples.photographs).numpy()


def both_networks_get_turns(state, trained):
    """Lifts the success average, which a young discriminator keeps low for hundreds of steps."""
    if trained == "discriminator":
        state.success = 0.83


@pytest.fixture(scope="session")
def built_networks():
    return {}


@pytest.fixture
def narrow_training(pictures, tmp_path, built_networks, capsys, monkeypatch):
    from tensorflow.python.util import _pywrap_determinism

    from adaptive_style_tf.training import initial_state, trainer
    from adaptive_style_tf.training.outputs import RunOutputs

    training = NarrowTraining(pictures, tmp_path / "run", built_networks, capsys)
    monkeypatch.setattr(initial_state, "TrainingState", training.state)
    monkeypatch.setattr(trainer, "TrainingSteps", training.steps)
    monkeypatch.setattr(RunOutputs, "_stylized", lambda outputs: training.stylized(outputs))
    yield training
    _pywrap_determinism.enable(False)  # other tests of this process have not asked for it
