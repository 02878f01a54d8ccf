import io

import pytest

from adaptive_style_tf.cli.progress import Progress, duration, progress_line


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_plain_lines_come_at_the_interval_and_at_the_end() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress(8, "training", seconds_between_lines=10, stream=stream, clock=clock) as progress:
        for _ in range(8):
            clock.seconds += 4
            progress.advance(figures={"G": 1.23456, "mode": "D"})
    assert stream.getvalue().splitlines() == [
        "training: 3 of 8 (37 %), 0.25 step/s, 0:00:20 left, G 1.235, mode D",
        "training: 6 of 8 (75 %), 0.25 step/s, 0:00:08 left, G 1.235, mode D",
        "training: 8 of 8 (100 %), 0.25 step/s, G 1.235, mode D",
    ]


def test_nothing_is_said_twice() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress(2, "x", seconds_between_lines=1, stream=stream, clock=clock) as progress:
        clock.seconds += 1
        progress.advance(2)
    assert len(stream.getvalue().splitlines()) == 1


def test_steps_of_an_earlier_process_do_not_count_for_the_rate() -> None:
    assert (
        progress_line("training", "step", done=1100, total=2100, start=1000, seconds=50)
        == "training: 1100 of 2100 (52 %), 2.00 step/s, 0:08:20 left"
    )


def test_a_line_before_the_first_step_has_no_rate() -> None:
    assert progress_line("x", "step", done=0, total=9, start=0, seconds=3) == "x: 0 of 9 (0 %)"


def test_an_unknown_total_leaves_share_and_time_left_open() -> None:
    line = progress_line("clip", "frame", done=30, total=0, start=0, seconds=10)
    assert line == "clip: 30, 3.00 frame/s"


def test_a_terminal_gets_a_bar_and_whole_lines_in_between() -> None:
    stream = Terminal()
    with Progress(4, "stylizing", "picture", stream=stream) as progress:
        progress.advance(2, {"loss": 0.5})
        progress.say("saved a.jpg")
        progress.advance(2)
    shown = stream.getvalue()
    assert "saved a.jpg\n" in shown
    assert "4/4" in shown
    assert "loss=0.5" in shown


def test_say_prints_a_plain_line_elsewhere() -> None:
    stream = io.StringIO()
    with Progress(1, "x", stream=stream) as progress:
        progress.say("saved a.jpg")
    assert stream.getvalue() == "saved a.jpg\n"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00:00"), (59.6, "0:01:00"), (3661, "1:01:01"), (17 * 86400 + 61, "17 d 0:01:01")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
