"""Replays the golden trajectories with JAX; runs in processes that cannot import tensorflow.

Each of `small`, `large` and `others` prints what it found as JSON.
"""

import json
from pathlib import Path

import numpy as np
from jax_adam import Trained, adam_updated, corrected_rate
from jax_loop import JaxTraining

from adaptive_style_tf.training.palette import Palette
from adaptive_style_tf.training.settings import TrainingSettings, settings_from
from adaptive_style_tf.training.state import TrainingState


def read(folder, name):
    return dict(np.load(Path(folder, f"{name}.npz")))


def start_from(state, checkpoint):
    """Takes networks and optimizers over from flat arrays."""

    def part(name):
        return {
            key.removeprefix(f"{name}/"): array
            for key, array in checkpoint.items()
            if key.startswith(f"{name}/")
        }

    state.start_from(part("generator"), part("discriminator"), checkpoint)


class Replays:
    """Trainings from given checkpoints, with steps that are compiled once for all of them."""

    def __init__(self, expected, palette):
        settings = self._settings(expected)
        self.state = TrainingState(settings.network, settings.optimization, seed=0)
        self.training = JaxTraining(self.state, settings, palette)

    def prepare(self, checkpoint, expected, success=None, lag=0):
        """Begins with a checkpoint, which does not hold `success` (by default the threshold)."""
        start_from(self.state, checkpoint)
        threshold = float(expected["dsr"])
        self.state.step, self.state.success = 0, threshold if success is None else success
        self.training.settings, self.training.success_lag = self._settings(expected), lag
        self.start_over()

    def start_over(self):
        """Goes back to what `state` holds, with no step under way."""
        self.training.step, self.training.success = self.state.step, self.state.success
        self.training.steps.take_from(self.state)

    def trajectory(self, checkpoint, expected, success=None, lag=0):
        self.prepare(checkpoint, expected, success, lag)
        outcomes = []
        for index in range(len(expected["photos"])):
            outcomes += self.training.take_step(*pictures_of(expected, index))
        outcomes += self.training.rest()
        return {
            "pattern": pattern_of(outcomes),
            "total": [outcome.total for outcome in outcomes],
            "accuracy": [outcome.terms[f"{outcome.phase}/accuracy"] for outcome in outcomes],
            "success": self.state.success,
        }

    def single_steps(self, checkpoint, expected):
        """Terms of a step of each network from the checkpoint."""
        paintings, photographs = pictures_of(expected, 0)
        self.prepare(checkpoint, expected)
        terms = self.training.steps.generator_step(photographs, 2e-4).fetched()
        self.start_over()
        steps = self.training.steps
        return terms | steps.discriminator_step(paintings, photographs, 2e-4).fetched()

    def _settings(self, expected):
        return settings_from(
            {
                "ngf": 6,
                "ndf": 6,
                "generator_ema": 0.9,
                "learning_rate": float(expected["lr"]),
                "discriminator_success_rate": float(expected["dsr"]),
                "total_steps": len(expected["photos"]),
            }
        )


def pictures_of(expected, index):
    """Paintings and photographs of a step."""
    return [expected[name][index : index + 1] for name in ("paintings", "photos")]


def success_before(expected, recorded=""):
    return float(expected[f"{recorded}discr_success_before"][0])


def pattern_of(outcomes):
    return "".join(outcome.phase[0].upper() for outcome in outcomes)


def small(folder, palette):
    """Everything that is replayed at 64 px, and Adam by itself."""
    start, after, expected, going_on = (
        read(folder, name) for name in ("start", "after", "trajectory", "continue")
    )
    replays = Replays(expected, Palette(*json.loads(palette)))
    training = replays.training
    terms = replays.single_steps(start, expected)
    replays.start_over()
    _, photographs = pictures_of(expected, 0)
    terms |= training.steps.warm_start_step(photographs, 1e-3).fetched()
    success, carried = success_before(expected), success_before(going_on, "carried/")
    answers = {
        "step": terms,
        "trajectory": replays.trajectory(start, expected, success),
        "lagging": replays.trajectory(start, expected, success, lag=1),
        "carried": replays.trajectory(after, going_on, carried),
        "resumed": replays.trajectory(after, going_on),
        "compiled": {name: s._cache_size() for name, s in training.steps.compiled.items()},
        "adam": adam(),
    }
    print(json.dumps(answers))


def adam():
    random = np.random.default_rng(1)
    w, m, g = (random.normal(size=(50,)).astype(np.float32) for _ in "wmg")
    v = random.uniform(size=(50,)).astype(np.float32)
    betas = [float(np.float32(beta)) for beta in (0.9, 0.999)]
    rate = corrected_rate(2e-4, 16, betas)
    after = adam_updated(Trained((w,), (m,), (v,)), (g,), rate, betas, 1e-8)
    return {
        "given": [array.tolist() for array in (w, m, v, g)],
        "after": [np.asarray(part[0]).tolist() for part in after],
    }


def large(folder, palette):
    """What is replayed at 144 px, where all scales of the discriminator are active."""
    start, expected = read(folder, "start"), read(folder, "trajectory_144")
    replays = Replays(expected, Palette(*json.loads(palette)))
    answers = {
        "step": replays.single_steps(start, expected),
        "trajectory": replays.trajectory(start, expected, success_before(expected)),
    }
    print(json.dumps(answers))


def others(folder, given):
    """Four steps with other settings, in both precisions."""
    start, expected = read(folder, "start"), read(folder, "trajectory")
    answers = {}
    for precision in ("float32", "mixed_bfloat16"):
        settings = settings_from(json.loads(given) | {"precision": precision})
        answers[precision] = four_steps(settings, start, expected)
    print(json.dumps(answers))


def four_steps(settings: TrainingSettings, start, expected):
    state = TrainingState(settings.network, settings.optimization, seed=0)
    start_from(state, start)
    training = JaxTraining(state, settings)
    outcomes, scales = [], []
    for index in range(4):
        outcomes += training.take_step(*pictures_of(expected, index)) + training.rest()
        arrays = state.arrays()
        scales.append(arrays["generator/decoder/upsample_4/norm/scale"].tolist())
    return {
        "pattern": pattern_of(outcomes),
        "total": [outcome.total for outcome in outcomes],
        "kernel": arrays["transformer/kernel"].ravel().tolist(),
        "scales": scales,
        "average": arrays["generator_average/decoder/upsample_4/norm/scale"].tolist(),
    }
