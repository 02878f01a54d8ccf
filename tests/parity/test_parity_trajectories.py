"""Training steps replayed from the release's checkpoints, Adam slots included."""

import numpy as np
import pytest
import tensorflow as tf

from adaptive_style_tf.release import ReleaseCheckpoint
from adaptive_style_tf.training.loop import take_step
from adaptive_style_tf.training.objectives import discriminator_objective, generator_objective
from adaptive_style_tf.training.settings import settings_from
from adaptive_style_tf.training.state import TrainingState
from adaptive_style_tf.training.steps import TrainingSteps


class Replay:
    """Our own loop's steps over the recorded pictures, beside the recorded numbers.

    `generator_error` and `discriminator_error` hold the relative errors of the two totals before
    each step; `accuracy_error` the larger absolute error of the two accuracies; `pattern` who was
    trained.
    """

    def __init__(
        self,
        checkpoint: ReleaseCheckpoint,
        expected: dict[str, np.ndarray],
        recorded: str = "",
        success: float | None = None,
        precision: str = "float32",
    ):
        threshold = float(expected["dsr"])
        settings = settings_from(
            {
                "ngf": checkpoint.ngf,
                "ndf": checkpoint.ndf,
                "precision": precision,
                "learning_rate": float(expected["lr"]),
                "discriminator_success_rate": threshold,
                "total_steps": len(expected["photos"]),
            }
        )
        self.state = TrainingState(settings.network, settings.optimization, seed=0)
        self.state.start_from(
            checkpoint.generator, checkpoint.discriminator, checkpoint.optimizer_arrays()
        )
        assert self.state.success == threshold  # as the release does at a start
        if success is not None:
            self.state.success = success
        steps = TrainingSteps(self.state, settings.objective)
        self.pattern = ""
        self.generator_error, self.discriminator_error, self.accuracy_error = [], [], []
        self.success_error = []
        for index in range(settings.run.total_steps):
            paintings = tf.constant(expected["paintings"][index : index + 1])
            photographs = tf.constant(expected["photos"][index : index + 1])
            self._compare(index, expected, recorded, paintings, photographs, settings.objective)
            outcome = take_step(self.state, steps, settings, paintings, photographs)
            self.pattern += outcome.trained[0].upper()
            after = expected[f"{recorded}discr_success_after"][index]
            self.success_error.append(abs(self.state.success - after))
        self.recorded_pattern = "".join(expected[f"{recorded}trained"])
        self.traces = (
            steps.generator_step.experimental_get_tracing_count(),
            steps.discriminator_step.experimental_get_tracing_count(),
        )

    def _compare(self, index, expected, recorded, paintings, photographs, objective):
        networks = self.state.networks
        ours, generator = generator_objective(networks, photographs, objective)
        theirs, discriminator = discriminator_objective(
            networks, paintings, photographs, networks.generator(photographs), objective
        )
        totals = (
            (self.generator_error, ours, "gener_objective"),
            (self.discriminator_error, theirs, "discr_objective"),
        )
        for errors, total, name in totals:
            errors.append(abs(float(total) / expected[recorded + name][index] - 1))
        accuracies = (
            float(generator["generator/accuracy"]) - expected[f"{recorded}gener_acc"][index],
            float(discriminator["discriminator/accuracy"])
            - expected[f"{recorded}discr_acc"][index],
        )
        self.accuracy_error.append(max(map(abs, accuracies)))

    def totals(self):
        """The larger relative error of the two totals, by step."""
        return np.maximum(self.generator_error, self.discriminator_error)


def test_trajectory_at_144_px(start, golden):
    expected = golden("trajectory_144")
    replay = Replay(start, expected, success=float(expected["discr_success_before"][0]))
    assert replay.pattern == replay.recorded_pattern == "DDDDGGGG"
    # Totals are taken before a step, so the fifth still follows discriminator steps alone.
    assert replay.totals()[:5].max() < 1e-3
    assert replay.totals().max() < 2e-2
    assert replay.traces == (1, 1)


def test_trajectory_at_144_px_in_mixed_precision(start, golden):
    expected = golden("trajectory_144")
    success = float(expected["discr_success_before"][0])
    replay = Replay(start, expected, success=success, precision="mixed_bfloat16")
    networks = replay.state.networks
    assert networks.generator.compute_dtype == networks.discriminator.compute_dtype == "bfloat16"
    assert replay.pattern == replay.recorded_pattern == "DDDDGGGG"
    # About twice the largest differences found, of 0.0058, 0.0018, 0.0030 and 0.00033; bfloat16
    # itself rounds to 0.004.
    assert max(replay.generator_error) < 12e-3
    assert max(replay.discriminator_error) < 4e-3
    assert max(replay.accuracy_error) < 6e-3
    assert max(replay.success_error) < 7e-4
    assert replay.traces == (1, 1)


def test_trajectory_of_24_steps(start, golden):
    expected = golden("trajectory")
    replay = Replay(start, expected, success=float(expected["discr_success_before"][0]))
    assert replay.pattern == replay.recorded_pattern == "G" * 5 + "D" * 19
    assert replay.totals()[:4].max() < 3e-2
    assert replay.totals().max() < 12e-2
    assert max(replay.accuracy_error) < 0.06
    assert max(replay.success_error) < 2e-3
    assert replay.traces == (1, 1)


@pytest.mark.parametrize(("recorded", "pattern"), [("carried/", "DDDD"), ("resumed/", "GDDD")])
def test_going_on_from_the_checkpoint_after_24_steps(recorded, pattern, after_24_steps, golden):
    expected = golden("continue")
    # "resumed" starts at the threshold again, as the release does; "carried" goes on.
    carried = float(expected["carried/discr_success_before"][0])
    replay = Replay(
        after_24_steps, expected, recorded, success=carried if recorded == "carried/" else None
    )
    assert replay.pattern == replay.recorded_pattern == pattern
    assert replay.totals()[0] < 3e-2
    assert replay.totals().max() < 8e-2
