"""What is shown and timed of a training that begins with a warm start."""

import io

import pytest

from adaptive_style_tf.training.console import TrainingConsole
from adaptive_style_tf.training.settings import settings_from
from adaptive_style_tf.training.step_clock import StepClock


class Time:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


def test_the_loss_of_the_warm_start_is_not_the_generators():
    stream, time = io.StringIO(), Time()
    with TrainingConsole(40, stream=stream, clock=time, every_seconds=0) as console:
        for step in (1, 2):
            console.update(step, "warm_start", 0.5, 0.8)
        console.update(3, "generator", 60.0, 0.8)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "step 1/40  warm start 0.5"
    assert lines[2].startswith("step 3/40  G 60  D -  ")
    assert lines[2].endswith("success 0.80  generator trained 100%")


def test_the_generators_first_step_after_a_warm_start_builds_a_graph_too():
    time = Time()
    settings = settings_from({"image_size": 256, "total_steps": 1000, "warm_start_steps": 2})
    clock = StepClock(settings, "cpu", time)
    with TrainingConsole(1000, stream=io.StringIO(), clock=time) as console:
        for step, (phase, seconds) in enumerate(
            [("warm_start", 50.0), ("warm_start", 1.0), ("generator", 50.0), ("generator", 1.0)], 1
        ):
            clock.start()
            clock.data_arrived()
            time.seconds += seconds
            clock.step_done(phase)
            console.update(step, phase, 1.0, 0.8)
        assert console.seconds_per_step == 1.0
    assert clock.waiting_share == 0.0


@pytest.mark.parametrize(("schedule", "seconds"), [("success", "0.3 s"), ("alternate", "0.35 s")])
def test_the_estimate_knows_a_fixed_ratio(schedule, seconds):
    time = Time()
    values = {"image_size": 256, "schedule": schedule, "discriminator_steps": 3}
    clock = StepClock(settings_from(values), "cpu", time)
    for _ in range(16):
        for phase, taken in (("generator", 0.2), ("discriminator", 0.4)):
            clock.start()
            clock.data_arrived()
            time.seconds += taken
            clock.step_done(phase)
    assert f"at {seconds} a step" in clock.due_sentences(32)[0]
