"""Which network is trained and what happens when, with steps that only say what they did."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from adaptive_style_tf.errors import DeviceMemoryError, NonFiniteError
from adaptive_style_tf.training.differentiable_augmentation import random_numbers
from adaptive_style_tf.training.interruption import StopRequest
from adaptive_style_tf.training.loop import memory_advice, run_loop, take_step
from adaptive_style_tf.training.settings import settings_from


class Rate:
    def __init__(self):
        self.values = []

    def assign(self, value):
        self.values.append(value)


class Steps:
    """Steps of chosen accuracy (and loss) that note what they were given."""

    def __init__(self, accuracy=0.5, **terms):
        self.accuracy = accuracy
        self.terms = terms
        self.calls = []
        self.numbers = []

    def generator_step(self, photographs, numbers):
        self.numbers.append(numbers)
        return self._step("generator", photographs)

    def discriminator_step(self, paintings, photographs, numbers):
        self.numbers.append(numbers)
        return self._step("discriminator", paintings, photographs)

    def warm_start_step(self, pictures):
        return self._step("warm_start", pictures)

    def _step(self, network, *batches):
        self.calls.append((network, *batches))
        terms = {f"{network}/total": 2.5, f"{network}/accuracy": self.accuracy}
        return {**terms, **self.terms}


class Outputs:
    """Notes what is written at which step."""

    def __init__(self, state):
        self.state = state
        self.written = []
        self.curves = {}

    def log(self, step, terms):
        self.curves[step] = terms

    def sample(self):
        self.written.append(("sample", self.state.step))

    def save(self):
        self.written.append(("save", self.state.step))


def state(success=0.8, step=0):
    return SimpleNamespace(
        step=step,
        success=success,
        generator_optimizer=SimpleNamespace(learning_rate=Rate()),
        discriminator_optimizer=SimpleNamespace(learning_rate=Rate()),
    )


def batches():
    number = 0
    while True:
        yield f"painting {number}", f"photograph {number}"
        number += 1


def quiet_clock():
    return SimpleNamespace(
        start=lambda: None,
        data_arrived=lambda: None,
        step_done=lambda trained: None,
        due_sentences=lambda step: [],
        taken_waiting_share=lambda: 0.25,
    )


def run(trained, steps, settings, stop=None, clock=None):
    outputs = Outputs(trained)
    console = SimpleNamespace(lines=[], messages=[])
    console.update = lambda *told: console.lines.append(told)
    console.message = console.messages.append
    arguments = (outputs, console, stop or StopRequest(), clock or quiet_clock())
    run_loop(trained, steps, settings_from(settings), batches(), *arguments)
    return outputs, console


def test_success_decides_which_network_is_trained():
    # By hand, from the 2018 release's rule: started at the threshold 0.8, the generator comes
    # first; accuracy 0.5 gives 0.95 * 0.8 + 0.05 * 0.5 = 0.785, so the discriminator is next.
    trained, steps = state(), Steps()
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


def test_the_success_rate_of_the_settings_is_the_threshold():
    trained, steps = state(success=0.5), Steps()
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
def test_the_rate_follows_its_schedule(schedule, rates):
    trained = state(success=1.0)
    settings = {"total_steps": 6, "learning_rate": 1e-3, "lr_schedule": schedule}
    run(trained, Steps(accuracy=0.0), settings)
    assert trained.generator_optimizer.learning_rate.values == pytest.approx(rates)
    assert trained.discriminator_optimizer.learning_rate.values == []


def test_the_discriminator_has_the_same_rate():
    trained = state(success=0.0)
    run(trained, Steps(accuracy=0.0), {"total_steps": 3, "lr_schedule": "drop"})
    assert trained.discriminator_optimizer.learning_rate.values == pytest.approx([2e-4, 2e-4, 2e-5])
    assert trained.generator_optimizer.learning_rate.values == []


def test_what_is_written_when():
    settings = {"total_steps": 25, "save_every": 6, "sample_every": 8}
    outputs, console = run(state(), Steps(), settings)
    assert outputs.written == [
        ("save", 6),
        ("sample", 8),
        ("save", 12),
        ("sample", 16),
        ("save", 18),
        ("sample", 24),
        ("save", 24),
        ("sample", 25),
        ("save", 25),
    ]
    assert sorted(outputs.curves) == [10, 20, 25]
    assert [line[0] for line in console.lines] == list(range(1, 26))


def test_curves_hold_the_terms_and_the_success_average():
    trained = state()
    outputs, console = run(trained, Steps(), {"total_steps": 1})
    assert outputs.curves[1] == {
        "generator/total": 2.5,
        "generator/accuracy": 0.5,
        "schedule/success": pytest.approx(0.785),
        "schedule/waiting_for_pictures": 0.25,
    }
    assert console.lines == [(1, "generator", 2.5, pytest.approx(0.785))]


def test_batches_are_taken_in_order():
    steps = Steps()
    run(state(success=0.0), steps, {"total_steps": 3})
    assert [call[1:] for call in steps.calls] == [
        (f"painting {number}", f"photograph {number}") for number in range(3)
    ]


def test_a_finished_training_does_nothing():
    steps = Steps()
    outputs, _ = run(state(step=10), steps, {"total_steps": 10})
    assert steps.calls == outputs.written == []


def test_a_request_to_stop_is_followed_after_the_step():
    stop, steps = StopRequest(), Steps()
    stop.signal = "SIGTERM"
    outputs, _ = run(state(step=3), steps, {"total_steps": 10}, stop)
    assert len(steps.calls) == 1
    assert outputs.written == [("sample", 4), ("save", 4)]
    assert sorted(outputs.curves) == [4]


def test_the_clock_sees_every_step_and_its_sentences_are_shown():
    seen = []
    clock = SimpleNamespace(
        start=lambda: seen.append("start"),
        data_arrived=lambda: seen.append("data"),
        step_done=seen.append,
        due_sentences=lambda step: [f"{step} steps"] if step == 2 else [],
        taken_waiting_share=lambda: 0.0,
    )
    _, console = run(state(success=1.0), Steps(accuracy=0.0), {"total_steps": 2}, clock=clock)
    assert seen == ["start", "data", "generator"] * 2
    assert console.messages == ["2 steps"]


def test_each_adversarial_step_has_random_numbers_of_its_own_if_it_needs_some():
    steps = Steps()
    run(state(), steps, {"total_steps": 4})
    assert steps.numbers == [None] * 4
    settings = {"diff_augment": "cutout", "seed": 3, "batch_size": 2, "warm_start_steps": 1}
    seen = []
    for start in (0, 3):  # begun there, as after a kill
        steps, trained = Steps(), state(step=start)
        trained.forget_generator_updates = lambda: None
        run(trained, steps, {**settings, "total_steps": 5})
        seen.append(steps.numbers)
    assert [len(numbers) for numbers in seen] == [4, 2]
    for numbers, step in zip(seen[0] + seen[1], (1, 2, 3, 4, 3, 4), strict=True):
        np.testing.assert_array_equal(numbers, random_numbers(3, step, 6))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_not_finite_ends_the_training_and_is_named(value):
    trained = state()
    faulty = {
        "generator/total": value,
        "generator/adversarial": value,
        "generator/adversarial/scale_3": value,
        "generator/adversarial/scale_0": 0.1,
        "generator/content": 0.5,
    }
    outputs = Outputs(trained)
    arguments = (batches(), outputs, SimpleNamespace(), StopRequest(), quiet_clock())
    settings = settings_from({"total_steps": 5, "save_every": 1})
    with pytest.raises(NonFiniteError) as caught:
        run_loop(trained, Steps(**faulty), settings, *arguments)
    # The term at fault, not the sums that contain it.
    assert f"At step 0 the loss generator/adversarial/scale_3 became {value}" in str(caught.value)
    assert outputs.written == []
    assert trained.step == 0


def out_of_memory(*batches):
    raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape")


@pytest.mark.parametrize(
    ("settings", "advice"),
    [
        ({"image_size": 768, "batch_size": 4}, "--batch-size 2"),
        ({"image_size": 768, "batch_size": 1}, "--image-size 384"),
        ({"image_size": 80, "batch_size": 1}, "--image-size 64"),
    ],
)
def test_a_device_that_is_too_small_is_told_with_advice(settings, advice):
    steps = SimpleNamespace(generator_step=out_of_memory)
    with pytest.raises(DeviceMemoryError) as caught:
        run(state(), steps, settings)
    assert str(caught.value) == memory_advice(settings_from(settings))
    message = str(caught.value)
    assert (
        f"crops of {settings['image_size']} px and a batch of {settings['batch_size']}" in message
    )
    assert f"try {advice}, a smaller --ndf, or --precision mixed_bfloat16" in message


def test_a_size_that_is_advised_is_smaller_and_one_that_is_accepted():
    for size in range(80, 1100, 16):
        advice = memory_advice(settings_from({"image_size": size}))
        smaller = int(advice.partition("--image-size ")[2].partition(",")[0])
        settings_from({"image_size": smaller})  # raises if it is not accepted
        assert smaller < size


def test_nothing_is_advised_that_is_done_already():
    smallest = {"image_size": 64, "batch_size": 1, "precision": "mixed_bfloat16"}
    assert memory_advice(settings_from(smallest)).endswith("; try a smaller --ndf.")


def test_the_fixed_ratio_begins_with_the_generator_after_the_warm_start():
    steps = Steps(accuracy=1.0)  # the success average alone would never call the generator
    settings = {
        "total_steps": 10,
        "schedule": "alternate",
        "discriminator_steps": 2,
        "warm_start_steps": 3,
    }
    trained = state(success=0.0)
    trained.forget_generator_updates = lambda: steps.calls.append(("forget",))
    run(trained, steps, settings)
    assert [call[0] for call in steps.calls] == [
        *("warm_start", "warm_start", "warm_start", "forget"),
        *("generator", "discriminator", "discriminator"),
        *("generator", "discriminator", "discriminator", "generator"),
    ]
    # Every third picture of the warm start is a painting.
    assert [call[1] for call in steps.calls[:3]] == ["photograph 0", "photograph 1", "painting 2"]


def test_the_warm_start_has_its_own_rate_which_fades():
    # By hand: of 5 steps 0 to 2 are level, and 2.5 to 4 fall to a tenth.
    trained = state()
    trained.forget_generator_updates = lambda: None
    settings = {"total_steps": 6, "warm_start_steps": 5, "learning_rate": 7e-5}
    run(trained, Steps(), settings)
    expected = [2.5e-4, 2.5e-4, 2.5e-4, 2.5e-4 * 0.7, 2.5e-5, 7e-5]
    assert trained.generator_optimizer.learning_rate.values == pytest.approx(expected)
    again = state()
    take_step(again, Steps(), settings_from({**settings, "warm_start_rate": 0.5}), "p", "x")
    assert again.generator_optimizer.learning_rate.values == [0.5]


def test_the_warm_start_leaves_the_success_average_alone():
    trained, steps = state(success=0.8), Steps(accuracy=0.1)
    take_step(trained, steps, settings_from({"warm_start_steps": 2}), "painting", "photograph")
    assert (trained.step, trained.success) == (1, 0.8)


def test_a_warm_start_that_is_not_finite_is_named():
    steps = Steps(**{"warm_start/total": math.nan, "warm_start/edges": math.nan})
    with pytest.raises(NonFiniteError, match="At step 0 the loss warm_start/"):
        take_step(state(), steps, settings_from({"warm_start_steps": 2}), "p", "x")


def test_curves_have_points_of_both_networks_where_they_take_turns():
    # Every tenth step trains the discriminator.
    outputs, _ = run(state(), Steps(), {"schedule": "alternate", "total_steps": 20})
    for step in (10, 20):
        assert {"generator/total", "discriminator/total"} <= set(outputs.curves[step])
