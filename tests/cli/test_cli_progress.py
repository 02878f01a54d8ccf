import io

from adaptive_style_tf.cli.progress import Progress, progress_line


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
    with Progress(8, "looking", seconds_between_lines=10, stream=stream, clock=clock) as progress:
        for _ in range(8):
            clock.seconds += 4
            progress.advance()
    assert stream.getvalue().splitlines() == [
        "looking: 3 of 8 (37 %), 0.25 step/s, 00:20 left",
        "looking: 6 of 8 (75 %), 0.25 step/s, 00:08 left",
        "looking: 8 of 8 (100 %), 0.25 step/s",
    ]


def test_nothing_is_said_twice() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress(2, "x", seconds_between_lines=1, stream=stream, clock=clock) as progress:
        clock.seconds += 1
        progress.advance(2)
    assert len(stream.getvalue().splitlines()) == 1


def test_the_time_left_has_hours_where_it_takes_hours() -> None:
    # 2 frames a second leave 3660 s.
    line = progress_line("clip", "frame", done=80, total=7400, seconds=40)
    assert line == "clip: 80 of 7400 (1 %), 2.00 frame/s, 1:01:00 left"


def test_a_line_before_the_first_step_has_no_rate() -> None:
    assert progress_line("x", "step", done=0, total=9, seconds=3) == "x: 0 of 9 (0 %)"


def test_an_unknown_total_leaves_share_and_time_left_open() -> None:
    line = progress_line("clip", "frame", done=30, total=0, seconds=10)
    assert line == "clip: 30, 3.00 frame/s"


def test_a_terminal_gets_a_bar_and_whole_lines_in_between() -> None:
    stream = Terminal()
    with Progress(4, "stylizing", "picture", stream=stream) as progress:
        progress.advance(2)
        progress.say("saved a.jpg")
        progress.advance(2)
    shown = stream.getvalue()
    assert "saved a.jpg\n" in shown
    assert "4/4" in shown


def test_say_prints_a_plain_line_elsewhere() -> None:
    stream = io.StringIO()
    with Progress(1, "x", stream=stream) as progress:
        progress.say("saved a.jpg")
    assert stream.getvalue() == "saved a.jpg\n"
