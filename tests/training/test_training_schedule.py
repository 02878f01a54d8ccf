import pytest

from adaptive_style_tf.training.schedule import (
    alternates_to_generator,
    faded,
    is_generators_turn,
    learning_rate_at,
    rate_of,
    trains_generator,
    updated_success,
)
from adaptive_style_tf.training.settings import OptimizationSettings, settings_from


def test_the_generator_has_its_turn_where_the_discriminator_succeeds():
    assert trains_generator(0.8, 0.8)  # at the threshold itself: so does the release
    assert trains_generator(0.81, 0.8)
    assert not trains_generator(0.79999, 0.8)


def test_success_after_a_discriminator_step_moves_towards_its_accuracy():
    assert updated_success(0.6, False, 1.0) == pytest.approx(0.95 * 0.6 + 0.05)


def test_success_after_a_generator_step_moves_towards_its_failures():
    # The generator fooled the discriminator at 30 % of the positions: 70 % are its successes.
    assert updated_success(0.6, True, 0.3) == pytest.approx(0.95 * 0.6 + 0.05 * 0.7)


def test_a_generator_that_always_wins_loses_its_turn():
    success, steps = 1.0, 0
    while trains_generator(success, 0.8):
        success = updated_success(success, True, 1.0)
        steps += 1
    assert steps == 5  # 0.95^4 = 0.8145, 0.95^5 = 0.774


def test_the_release_keeps_its_rate():
    rates = {learning_rate_at(step, 300_000, 2e-4, "constant") for step in range(0, 300_000, 999)}
    assert rates == {2e-4}


@pytest.mark.parametrize(("step", "rate"), [(0, 2e-4), (199_999, 2e-4), (200_000, 2e-5)])
def test_the_paper_drops_it_for_the_last_100_000_of_300_000_steps(step, rate):
    assert learning_rate_at(step, 300_000, 2e-4, "drop") == pytest.approx(rate)


@pytest.mark.parametrize(
    ("step", "rate"),
    # Step 100 is the last of 101; half of them are 50.5, so 75.25 lies half-way of the fall.
    [(0, 4e-4), (50, 4e-4), (51, 3.9636e-4), (75, 2.2182e-4), (76, 2.1455e-4), (100, 4e-5)],
)
def test_a_fading_rate_falls_evenly_to_a_tenth_over_the_second_half(step, rate):
    assert faded(step, 101, 4e-4) == pytest.approx(rate, rel=1e-4)


def test_the_schedule_that_fades():
    rates = [learning_rate_at(step, 14_000, 2e-4, "fade") for step in (0, 7000, 10_500, 13_999)]
    # Half-way of the fall: 0.55 of the rate.
    assert rates == pytest.approx([2e-4, 2e-4, 1.1e-4, 2e-5], rel=1e-3)


@pytest.mark.parametrize(
    ("steps", "rates"), [(1, [1]), (2, [1, 1]), (3, [1, 1, 0.1]), (4, [1, 1, 1, 0.1])]
)
def test_a_fading_rate_of_very_few_steps(steps, rates):
    assert [faded(step, steps, 1.0) for step in range(steps)] == pytest.approx(rates)


@pytest.mark.parametrize(("discriminator_steps", "turns"), [(1, "GDGDGD"), (2, "GDDGDD")])
def test_a_fixed_ratio(discriminator_steps, turns):
    found = ["DG"[alternates_to_generator(step, discriminator_steps)] for step in range(6)]
    assert "".join(found) == turns


@pytest.mark.parametrize("schedule", ["success", "alternate"])
def test_the_discriminator_learns_alone_before_both_take_turns(schedule):
    values = {"schedule": schedule, "warm_start_steps": 4, "discriminator_head_start": 3}
    settings = settings_from(values | {"discriminator_success_rate": 0.0}).optimization
    # From step 4 on the warm start is over; the success average would call the generator always.
    found = ["DG"[is_generators_turn(step, 1.0, settings)] for step in range(4, 10)]
    assert "".join(found) == {"success": "DDDGGG", "alternate": "DDDGDG"}[schedule]


@pytest.mark.parametrize(("own", "expected"), [(0.0, 3e-4), (7e-4, 7e-4)])
def test_the_discriminator_may_have_a_rate_of_its_own(own, expected):
    settings = OptimizationSettings(learning_rate=3e-4, discriminator_rate=own)
    assert rate_of("discriminator", settings) == expected
    assert rate_of("generator", settings) == 3e-4
