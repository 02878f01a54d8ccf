"""Where a training starts from, with networks that are not built."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from adaptive_style_tf.errors import CheckpointError, UsageError
from adaptive_style_tf.training import initial_state as module
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.health import CollapseGuard
from adaptive_style_tf.training.initial_state import initial_state
from adaptive_style_tf.training.material import Places
from adaptive_style_tf.training.request import TrainingRequest
from adaptive_style_tf.training.settings import settings_from
from adaptive_style_tf.training.starting_weights import StartingWeights

MATERIAL = SimpleNamespace(
    fingerprint=lambda: "those of today",
    crops_of_both=lambda count, left_out: f"{count} crops",
    palette=lambda left_out: "the palette",
)
STYLE = StartingWeights(Path("a-style"), {"g": 1}, {"d": 2}, {"o": 3})


class State:
    """In place of TrainingState; notes what it was made of and what it was given."""

    def __init__(self, network, optimization, seed):
        self.made_of = (network, optimization, seed)
        self.networks = SimpleNamespace(generator="the generator")
        self.step = 0
        self.success = optimization.discriminator_success_rate
        self.given = []

    def assign(self, arrays):
        if "strange" in arrays:
            raise ValueError("strange: unexpected")
        self.given.append({name: array.tolist() for name, array in arrays.items()})

    def start_from(self, *parts):
        self.given.append(parts)


class Start:
    """`initial_state` in a folder of checkpoints, and what it said."""

    def __init__(self, folder, monkeypatch):
        self.checkpoints = CheckpointFolder(folder)
        self.said = []
        self.let_through = []
        self.solved = []
        self.shown = []
        monkeypatch.setattr(module, "TrainingState", State)
        monkeypatch.setattr(module, "let_the_latent_through", self.let_through.append)
        monkeypatch.setattr(module, "solve_first_weights", self.solve_first_weights)

    def solve_first_weights(self, generator, crops, palette, seed, progress):
        assert self.let_through == [generator]  # before, since the decoder is looked at
        self.solved.append((crops, palette, seed))
        progress(3, 10)

    def save(self, step, pictures="those of today", **tensors):
        guard = CollapseGuard()
        guard.bad_saves = 2
        scalars = {**guard.scalars(), "success": 0.625, "pictures": pictures}
        tensors = tensors or {"weight": np.array([step, 0.5])}
        self.checkpoints.save(step, tensors, scalars)

    def __call__(self, style=None, resume_from=None, **settings):
        request = TrainingRequest(
            Places("paul-cezanne", Path("data")),
            Path("runs/paul-cezanne"),
            settings_from(settings),
            "command",
            resume_from=resume_from,
        )
        return initial_state(
            request,
            self.checkpoints,
            MATERIAL,
            style,
            self.said.append,
            lambda *told: self.shown.append(told),
        )


@pytest.fixture
def start(tmp_path, monkeypatch):
    return Start(tmp_path / "checkpoints", monkeypatch)


def test_a_new_run_has_the_networks_and_the_seed_of_its_settings(start):
    state, guard = start(ngf=5, learning_rate=1e-3, seed=7)
    settings = settings_from({"ngf": 5, "learning_rate": 1e-3})
    assert state.made_of == (settings.network, settings.optimization, 7)
    assert (state.step, state.given, guard.bad_saves) == (0, [], 0)
    assert start.said == start.let_through == start.solved == []


def test_a_checkpoint_brings_all_that_it_holds(start):
    start.save(6)
    state, guard = start()
    assert state.given == [{"weight": [6, 0.5]}]
    assert (state.step, state.success, guard.bad_saves) == (6, 0.625, 2)
    assert start.said == ["Resuming from step 6."]


def test_a_style_brings_its_networks_and_optimizers(start):
    state, _ = start(STYLE)
    assert state.given == [({"g": 1}, {"d": 2}, {"o": 3})]
    assert state.step == 0
    assert start.said == [
        "Starting from the style in a-style: generator, discriminator, optimizers."
    ]


def test_a_checkpoint_comes_before_a_style_and_a_style_before_the_warm_start(start):
    state, _ = start(STYLE, warm_start_steps=5)
    assert state.given == [({"g": 1}, {"d": 2}, {"o": 3})]
    start.save(6)
    state, _ = start(STYLE, warm_start_steps=5)
    assert state.given == [{"weight": [6, 0.5]}]
    assert start.let_through == start.solved == []
    assert not any("style" in line for line in start.said[1:])


def test_a_warm_start_begins_with_first_weights(start):
    start(warm_start_steps=5, seed=7)
    assert start.let_through == ["the generator"]
    assert start.solved == [("48 crops", "the palette", 7)]
    assert start.shown == [("crops for the first weights", 3, 10)]


def test_other_pictures_are_told(start):
    start.save(6, pictures="those of yesterday")
    start()
    assert len(start.said) == 2
    assert start.said[1].startswith("The pictures have changed since")


def test_going_back_sets_later_checkpoints_aside_and_only_then(start):
    start.save(6)
    start.save(8)
    start()
    assert start.checkpoints.steps() == [6, 8]
    state, _ = start(resume_from=6)
    assert state.step == 6
    assert start.checkpoints.steps() == [6]
    assert start.said[-1] == (
        f"Set aside what is later, in {start.checkpoints.folder / 'set_aside'}: step_000000008."
    )


def test_going_back_to_a_step_that_is_not_there(start):
    start.save(6)
    with pytest.raises(UsageError, match=r"--resume-from 5: .* of that step; it has: 6\.$"):
        start(resume_from=5)


@pytest.mark.parametrize(
    ("tensors", "told"),
    [
        ({"fine": np.ones(2), "faulty": np.array([1.0, np.inf])}, "infinite values in faulty;"),
        ({"strange": np.ones(2)}, r"does not fit this run \(strange: unexpected\)"),
    ],
)
def test_a_checkpoint_that_cannot_be_used_is_named(start, tensors, told):
    start.save(6, **tensors)
    with pytest.raises(CheckpointError, match=f"step 6 in runs/paul-cezanne .*{told}"):
        start()
    assert start.said == []
