"""What the loop does in the warm start, and when that is over."""

import math

import pytest

from adaptive_style_tf.errors import NonFiniteError
from adaptive_style_tf.training.loop import take_step
from adaptive_style_tf.training.settings import settings_from


def test_the_fixed_ratio_begins_with_the_generator_after_the_warm_start(run, recorded_steps, begun):
    steps = recorded_steps(accuracy=1.0)  # the success average alone would never call the generator
    settings = {
        "total_steps": 11,
        "schedule": "alternate",
        "discriminator_steps": 2,
        "warm_start_steps": 4,
    }
    trained = begun(success=0.0)
    trained.forget_generator_updates = lambda: steps.calls.append(("forget",))
    run(trained, steps, settings)
    assert [call[0] for call in steps.calls] == [
        *("warm_start", "warm_start", "warm_start", "warm_start", "forget"),
        *("generator", "discriminator", "discriminator"),
        *("generator", "discriminator", "discriminator", "generator"),
    ]
    given = [call[1] for call in steps.calls[:4]]
    assert given == [f"photograph {step}" for step in range(4)]


def test_the_warm_start_has_its_own_rate_which_fades(run, recorded_steps, begun):
    # By hand: of 5 steps 0 to 2 are level, and 2.5 to 4 fall to a tenth.
    trained = begun()
    trained.forget_generator_updates = lambda: None
    settings = {"total_steps": 6, "warm_start_steps": 5, "learning_rate": 7e-5}
    run(trained, recorded_steps(), settings)
    expected = [2.5e-4, 2.5e-4, 2.5e-4, 2.5e-4 * 0.7, 2.5e-5, 7e-5]
    assert trained.generator_optimizer.learning_rate.values == pytest.approx(expected)
    again = begun()
    take_step(
        again, recorded_steps(), settings_from({**settings, "warm_start_rate": 0.5}), "p", "x"
    )
    assert again.generator_optimizer.learning_rate.values == [0.5]


def test_the_warm_start_is_a_phase_of_its_own_and_leaves_the_success_average_alone(
    recorded_steps, begun
):
    trained, steps = begun(success=0.8), recorded_steps(accuracy=0.1)
    settings = settings_from({"warm_start_steps": 2})
    outcome = take_step(trained, steps, settings, "painting", "photograph")
    assert outcome.trained == "warm_start"
    assert (trained.step, trained.success) == (1, 0.8)


def test_a_warm_start_that_is_not_finite_is_named(recorded_steps, begun):
    steps = recorded_steps(**{"warm_start/total": math.nan, "warm_start/edges": math.nan})
    with pytest.raises(NonFiniteError, match="At step 0 the loss warm_start/"):
        take_step(begun(), steps, settings_from({"warm_start_steps": 2}), "p", "x")
