import pytest

from adaptive_style_tf.training.settings import settings_from
from adaptive_style_tf.training.step_clock import StepClock


class Time:
    """Seconds that pass only when told to."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


def clock(time, **settings):
    values = {"image_size": 256, "total_steps": 1000, **settings}
    return StepClock(settings_from(values), "cpu", time)


def step(clock, time, trained, wait, compute):
    clock.start()
    time.seconds += wait
    clock.data_arrived()
    time.seconds += compute
    clock.step_done(trained)


def steps(clock, time, count, wait=0.0, generator=0.2, discriminator=0.1):
    for _ in range(count):
        step(clock, time, "generator", wait, generator)
        step(clock, time, "discriminator", wait, discriminator)


def test_the_share_of_waiting_leaves_the_first_step_of_each_kind_out():
    time = Time()
    taken = clock(time)
    assert taken.waiting_share == 0.0
    step(taken, time, "generator", 100.0, 5.0)
    step(taken, time, "discriminator", 100.0, 5.0)
    assert taken.waiting_share == 0.0
    step(taken, time, "generator", 0.1, 0.2)
    step(taken, time, "discriminator", 0.0, 0.1)
    assert taken.waiting_share == pytest.approx(0.1 / 0.4)


def test_the_share_can_be_taken_interval_by_interval():
    time = Time()
    taken = clock(time)
    assert taken.taken_waiting_share() == 0.0
    steps(taken, time, 1, wait=100.0)  # builds the graphs
    assert taken.taken_waiting_share() == 0.0
    step(taken, time, "generator", 0.3, 0.1)
    assert taken.taken_waiting_share() == pytest.approx(0.3 / 0.4)
    step(taken, time, "generator", 0.0, 0.2)
    step(taken, time, "discriminator", 0.1, 0.1)
    assert taken.taken_waiting_share() == pytest.approx(0.1 / 0.4)
    assert taken.taken_waiting_share() == 0.0
    assert taken.waiting_share == pytest.approx(0.4 / 0.8)  # of the whole, as ever


def test_the_estimate_comes_once_and_without_the_steps_that_build_graphs():
    time = Time()
    taken = clock(time)
    steps(taken, time, 1, generator=60.0, discriminator=30.0)
    steps(taken, time, 14)
    step(taken, time, "generator", 0.0, 0.2)
    assert taken.due_sentences(31) == []  # 29 measured
    step(taken, time, "discriminator", 0.0, 0.1)
    # 968 steps of (0.2 + 0.1) / 2 s are 145 s.
    assert taken.due_sentences(32) == [
        "The remaining 968 steps of 256 px at 0.15 s a step take about 2 minutes and 25 seconds "
        "on this processor."
    ]
    assert taken.due_sentences(33) == []


def test_a_network_without_a_turn_counts_as_fast_as_the_other():
    time = Time()
    taken = clock(time)
    for _ in range(31):
        step(taken, time, "discriminator", 0.0, 0.5)
    assert taken.due_sentences(31)[0].startswith("The remaining 969 steps of 256 px at 0.5 s a")


def test_waiting_for_pictures_counts_and_is_said():
    time = Time()
    taken = clock(time)
    steps(taken, time, 16, wait=0.05)
    estimate, advice = taken.due_sentences(32)
    assert "at 0.2 s a step" in estimate  # 0.15 s and 0.05 s of waiting
    assert advice.startswith("25% of the time is spent waiting for pictures")


def test_a_little_waiting_is_no_word_of_failure():
    time = Time()
    taken = clock(time)
    steps(taken, time, 16, wait=0.007)  # 4.5 %
    assert len(taken.due_sentences(32)) == 1


def test_a_hopeless_training_gets_advice():
    time = Time()
    taken = clock(time, image_size=768, total_steps=300_000)
    steps(taken, time, 16, generator=6.5, discriminator=3.7)
    sentences = taken.due_sentences(32)
    assert "about 17 days and 17 hours on this processor" in sentences[0]  # 5.1 s x 299,968
    assert any("--image-size 256" in sentence for sentence in sentences[1:])
