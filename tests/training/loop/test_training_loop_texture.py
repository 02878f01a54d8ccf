"""What the loop does in the texture steps, between the warm start and the discriminator."""

import math

import pytest

from adaptive_style_tf.errors import NonFiniteError
from adaptive_style_tf.training.loop import take_step
from adaptive_style_tf.training.settings import settings_from


class Windows:
    def look(self, step, photographs):
        return f"look {step} at {photographs}"


SETTINGS = {
    "total_steps": 9,
    "schedule": "alternate",
    "warm_start_steps": 2,
    "texture_steps": 3,
    "discriminator_head_start": 1,
    "texture_rate": 4e-4,
    "learning_rate": 7e-5,
    "patch_weight": 1.0,
}


@pytest.fixture
def taken(recorded_steps, begun):
    """All steps of a short training."""
    steps, state = recorded_steps(), begun()
    state.forget_generator_updates = lambda: steps.calls.append(("forget",))
    settings = settings_from(SETTINGS)
    for number in range(9):
        take_step(state, steps, settings, "painting", f"photograph {number}", Windows())
    return steps, state


def test_they_come_between_the_warm_start_and_the_discriminator(taken):
    steps, _ = taken
    assert [call[0] for call in steps.calls] == [
        *("warm_start", "warm_start", "forget"),
        *("texture", "texture", "texture", "forget"),
        *("discriminator", "generator", "discriminator", "generator"),
    ]
    assert steps.calls[3] == ("texture", "photograph 2")


def test_every_step_of_the_generator_compares_its_own_photographs(taken):
    steps, _ = taken
    assert steps.looks == [f"look {step} at photograph {step}" for step in (2, 3, 4, 6, 8)]


def test_they_have_their_own_rate_which_fades(taken):
    # By hand: of 3 steps 0 and 1 are level, and 1.5 to 2 fall to a tenth.
    _, state = taken
    assert state.generator_optimizer.learning_rate.values[2:5] == pytest.approx([4e-4, 4e-4, 4e-5])


def test_they_are_a_phase_of_their_own_and_leave_the_success_average_alone(recorded_steps, begun):
    state, steps = begun(success=0.8), recorded_steps(accuracy=0.1)
    settings = settings_from({"texture_steps": 2, "patch_weight": 1.0})
    outcome = take_step(state, steps, settings, "painting", "photograph", Windows())
    assert outcome.trained == "texture"
    assert (state.step, state.success) == (1, 0.8)


def test_a_loss_that_is_not_finite_is_named(recorded_steps, begun):
    steps = recorded_steps(**{"texture/total": math.nan, "texture/patches": math.nan})
    settings = settings_from({"texture_steps": 2, "patch_weight": 1.0})
    with pytest.raises(NonFiniteError, match="At step 0 the loss texture/patches became nan"):
        take_step(begun(), steps, settings, "painting", "photograph", Windows())
