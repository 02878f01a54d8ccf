"""Which network is trained and what happens when."""

from types import SimpleNamespace

import numpy as np
import pytest

from adaptive_style_tf.training.differentiable_augmentation import random_numbers
from adaptive_style_tf.training.interruption import StopRequest
from adaptive_style_tf.training.loop import take_step
from adaptive_style_tf.training.settings import settings_from


def test_success_decides_which_network_is_trained(recorded_steps, begun):
    # By hand, from the 2018 release's rule: started at the threshold 0.8, the generator comes
    # first; accuracy 0.5 gives 0.95 * 0.8 + 0.05 * 0.5 = 0.785, so the discriminator is next.
    trained, steps = begun(), recorded_steps()
    settings = settings_from({})
    outcome = take_step(trained, steps, settings, "painting", "photograph")
    assert steps.calls == [("generator", "photograph")]
    assert (outcome.trained, outcome.total, trained.step) == ("generator", 2.5, 1)
    assert trained.success == pytest.approx(0.785)

    steps.accuracy = 0.9
    outcome = take_step(trained, steps, settings, "painting", "photograph")
    assert steps.calls[1:] == [("discriminator", "painting", "photograph")]
    assert (outcome.trained, trained.step) == ("discriminator", 2)
    assert trained.success == pytest.approx(0.95 * 0.785 + 0.05 * 0.9)


def test_the_success_rate_of_the_settings_is_the_threshold(recorded_steps, begun):
    trained, steps = begun(success=0.5), recorded_steps()
    take_step(trained, steps, settings_from({"discriminator_success_rate": 0.4}), "p", "x")
    assert steps.calls == [("generator", "x")]


@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        ("constant", [1e-3] * 6),
        ("drop", [1e-3, 1e-3, 1e-3, 1e-3, 1e-4, 1e-4]),
        ("fade", [1e-3, 1e-3, 1e-3, 1e-3, 5.5e-4, 1e-4]),
    ],
)
def test_the_rate_follows_its_schedule(run, recorded_steps, begun, schedule, rates):
    trained = begun(success=1.0)
    settings = {"total_steps": 6, "learning_rate": 1e-3, "lr_schedule": schedule}
    run(trained, recorded_steps(accuracy=0.0), settings)
    assert trained.generator_optimizer.learning_rate.values == pytest.approx(rates)
    assert trained.discriminator_optimizer.learning_rate.values == []


def test_the_discriminator_has_the_same_rate(run, recorded_steps, begun):
    trained = begun(success=0.0)
    run(trained, recorded_steps(accuracy=0.0), {"total_steps": 3, "lr_schedule": "drop"})
    assert trained.discriminator_optimizer.learning_rate.values == pytest.approx([2e-4, 2e-4, 2e-5])
    assert trained.generator_optimizer.learning_rate.values == []


def test_the_discriminator_may_have_a_rate_of_its_own(run, recorded_steps, begun):
    trained = begun()
    settings = {"total_steps": 4, "schedule": "alternate", "discriminator_rate": 5e-4}
    run(trained, recorded_steps(), settings)
    assert trained.generator_optimizer.learning_rate.values == pytest.approx([2e-4] * 2)
    assert trained.discriminator_optimizer.learning_rate.values == pytest.approx([5e-4] * 2)


def test_what_is_written_when(run, recorded_steps, begun):
    settings = {"total_steps": 25, "save_every": 6, "sample_every": 8}
    outputs, console = run(begun(), recorded_steps(), settings)
    assert outputs.written == [
        ("save", 6),
        ("sample", 8),
        ("save", 12),
        ("sample", 16),
        ("save", 18),
        ("save", 24),
        ("sample", 24),
        ("save", 25),
        ("sample", 25),
    ]
    assert sorted(outputs.curves) == outputs.flushed == [10, 20, 25]
    assert [line[0] for line in console.lines] == list(range(1, 26))


def test_checkpoints_that_stay_are_saved_whatever_save_every_is(run, recorded_steps, begun):
    settings = {"total_steps": 15_006, "save_every": 4001, "sample_every": 50_000}
    outputs, _ = run(begun(step=14_995), recorded_steps(), settings)
    assert [step for what, step in outputs.written if what == "save"] == [15_000, 15_006]


def test_curves_hold_the_terms_and_the_success_average(run, recorded_steps, begun):
    trained = begun()
    outputs, console = run(trained, recorded_steps(), {"total_steps": 1})
    assert outputs.curves[1] == {
        "generator/total": 2.5,
        "generator/accuracy": 0.5,
        "schedule/success": pytest.approx(0.785),
        "schedule/waiting_for_pictures": 0.25,
    }
    assert console.lines == [(1, "generator", 2.5, pytest.approx(0.785))]


def test_curves_have_points_of_both_networks_where_they_take_turns(run, recorded_steps, begun):
    # Every tenth step trains the discriminator.
    outputs, _ = run(begun(), recorded_steps(), {"schedule": "alternate", "total_steps": 20})
    for step in (10, 20):
        assert {"generator/total", "discriminator/total"} <= set(outputs.curves[step])


def test_curves_have_no_points_of_a_network_that_was_not_trained_since_the_last(
    run, recorded_steps, begun
):
    # The generator is trained at steps 0 and 15 of 30.
    settings = {"schedule": "alternate", "discriminator_steps": 14, "total_steps": 30}
    outputs, _ = run(begun(), recorded_steps(), settings)
    trained = [step for step, terms in outputs.curves.items() if "generator/total" in terms]
    assert trained == [10, 20]


def test_batches_are_taken_in_order(run, recorded_steps, begun):
    steps = recorded_steps()
    run(begun(success=0.0), steps, {"total_steps": 3})
    assert [call[1:] for call in steps.calls] == [
        (f"painting {number}", f"photograph {number}") for number in range(3)
    ]


def test_a_finished_training_does_nothing(run, recorded_steps, begun):
    steps = recorded_steps()
    outputs, _ = run(begun(step=10), steps, {"total_steps": 10})
    assert steps.calls == outputs.written == []


def test_a_request_to_stop_is_followed_after_the_step(run, recorded_steps, begun):
    stop, steps = StopRequest(), recorded_steps()
    stop.signal = "SIGTERM"
    outputs, _ = run(begun(step=3), steps, {"total_steps": 10}, stop)
    assert len(steps.calls) == 1
    assert outputs.written == [("save", 4), ("sample", 4)]
    assert sorted(outputs.curves) == [4]


def test_the_clock_sees_every_step_and_its_sentences_are_shown(run, recorded_steps, begun):
    seen = []
    clock = SimpleNamespace(
        start=lambda: seen.append("start"),
        data_arrived=lambda: seen.append("data"),
        step_done=seen.append,
        due_sentences=lambda step: [f"{step} steps"] if step == 2 else [],
        taken_waiting_share=lambda: 0.0,
    )
    _, console = run(
        begun(success=1.0), recorded_steps(accuracy=0.0), {"total_steps": 2}, clock=clock
    )
    assert seen == ["start", "data", "generator"] * 2
    assert console.messages == ["2 steps"]


def test_each_adversarial_step_has_random_numbers_of_its_own_if_it_needs_some(
    run, recorded_steps, begun
):
    steps = recorded_steps()
    run(begun(), steps, {"total_steps": 4})
    assert steps.numbers == [None] * 4
    settings = {"diff_augment": "cutout", "seed": 3, "batch_size": 2, "warm_start_steps": 1}
    seen = []
    for start in (0, 3):  # begun there, as after a kill
        steps, trained = recorded_steps(), begun(step=start)
        trained.forget_generator_updates = lambda: None
        run(trained, steps, {**settings, "total_steps": 5})
        seen.append(steps.numbers)
    assert [len(numbers) for numbers in seen] == [4, 2]
    for numbers, step in zip(seen[0] + seen[1], (1, 2, 3, 4, 3, 4), strict=True):
        np.testing.assert_array_equal(numbers, random_numbers(3, step, 6))
