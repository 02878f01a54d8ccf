import io

import pytest

from adaptive_style_tf.training.console import Smoothed, TrainingConsole, rate_words


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Terminal(io.StringIO):
    def isatty(self):
        return True


def train(console, clock, steps, seconds=1.0, network="discriminator", loss=2.0, success=0.8):
    for step in steps:
        clock.now += seconds
        console.update(step, network, loss, success)


def test_lines_where_there_is_no_terminal():
    stream, clock = io.StringIO(), Clock()
    with TrainingConsole(1200, stream=stream, clock=clock, every_seconds=4.5) as console:
        train(console, clock, [1], seconds=60.0, network="generator", loss=12.345)
        train(console, clock, range(2, 11), seconds=0.5, loss=9.0, success=0.75)
    first, second = stream.getvalue().splitlines()
    # The step that built the graph is no measure of speed.
    assert first == "step 1/1,200  G 12.35  D -  success 0.80  generator trained 100%"
    # Weight of the generator's step: 0.02 * 0.98^9 of 1 - 0.98^10 = 0.016675 / 0.182927 = 9.1 %;
    # 1190 steps of 0.5 s are 9 min 55 s.
    assert second == (
        "step 10/1,200  G 12.35  D 9  2.0 steps/s  9 minutes and 55 seconds left  "
        "success 0.75  generator trained 9%"
    )


def test_lines_come_by_time():
    stream, clock = io.StringIO(), Clock()
    with TrainingConsole(1000, stream=stream, clock=clock, every_seconds=30) as console:
        train(console, clock, range(1, 101), seconds=1.0)
    steps = [line.split()[1] for line in stream.getvalue().splitlines()]
    assert steps == ["1/1,000", "31/1,000", "61/1,000", "91/1,000"]


def test_the_last_step_always_gets_its_line():
    stream, clock = io.StringIO(), Clock()
    with TrainingConsole(5, stream=stream, clock=clock) as console:
        train(console, clock, range(1, 6))
    assert stream.getvalue().splitlines()[-1].startswith("step 5/5  ")


def test_speed_counts_saves_but_not_the_first_step_of_each_network():
    clock = Clock()
    with TrainingConsole(100, stream=io.StringIO(), clock=clock) as console:
        assert console.seconds_per_step is None
        train(console, clock, [1], seconds=50.0, network="generator")
        assert console.seconds_per_step is None
        train(console, clock, [2], seconds=1.0, network="generator")
        train(console, clock, [3], seconds=70.0, network="discriminator")
        assert console.seconds_per_step == 1.0
        train(console, clock, [4], seconds=1.0, network="discriminator")
        clock.now += 4.0  # a save
        train(console, clock, [5], seconds=1.0)
        assert console.seconds_per_step == pytest.approx((1 + 1 + 5) / 3)


def test_a_resumed_run_counts_its_own_steps_only():
    stream, clock = io.StringIO(), Clock()
    with TrainingConsole(300, 100, stream, clock=clock, every_seconds=99 * 36.0) as console:
        train(console, clock, range(101, 201), seconds=36.0)
    assert "  36 s a step  1 hour left  " in stream.getvalue().splitlines()[-1]


def test_messages_are_lines_of_their_own():
    stream = io.StringIO()
    with TrainingConsole(10, stream=stream) as console:
        console.message("resuming from step 5")
    assert stream.getvalue() == "resuming from step 5\n"


def test_a_bar_in_a_terminal():
    stream, clock = Terminal(), Clock()
    with TrainingConsole(200, 100, stream, clock=clock) as console:
        train(console, clock, range(101, 151), seconds=2.0)
        console.message("saved step 150")
        train(console, clock, range(151, 201), seconds=2.0)
    shown = stream.getvalue()
    lines = [line for line in shown.split("\n") if "saved step 150" in line]
    assert [line.split("\r")[-1] for line in lines] == ["saved step 150"]
    assert "100/200  50%|" in shown
    last = shown.split("\r")[-1].rstrip()
    assert last.startswith("200/200 100%|")
    assert last.endswith("| G -  D 2  2 s a step  success 0.80  generator trained 0%")


def test_an_error_closes_the_bar_and_passes():
    stream = Terminal()
    with pytest.raises(KeyboardInterrupt), TrainingConsole(10, stream=stream):
        raise KeyboardInterrupt
    assert stream.getvalue().endswith("\n")


def test_smoothing_starts_at_the_first_value_and_forgets():
    smoothed = Smoothed(0.5)
    assert smoothed.value is None
    smoothed.add(8.0)
    assert smoothed.value == 8.0
    smoothed.add(2.0)
    assert smoothed.value == pytest.approx(4.0)  # (0.25 * 8 + 0.5 * 2) / 0.75
    for _ in range(60):
        smoothed.add(1.0)
    assert smoothed.value == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5.1, "5.1 s a step"), (0.08, "12 steps/s"), (0.2857, "3.5 steps/s"), (1.0, "1.0 steps/s")],
)
def test_rates_in_words(seconds, words):
    assert rate_words(seconds) == words
