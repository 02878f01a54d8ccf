from fractions import Fraction
from types import SimpleNamespace

from adaptive_style_tf.inference.video_clock import FrameClock


def frame(pts: int | None, dts: int | None = None, duration: int = 0) -> SimpleNamespace:
    return SimpleNamespace(pts=pts, dts=dts, duration=duration)


def test_times_of_the_file_are_kept() -> None:
    clock = FrameClock(40, trusts_times=True)
    assert [clock.time(frame(pts, duration=7)) for pts in (-5, 10, 13)] == [
        (-5, 7),
        (10, 7),
        (13, 7),
    ]
    assert clock.reached == 20


def test_missing_times_follow_the_rate() -> None:
    clock = FrameClock(40, trusts_times=True)
    times = [clock.time(frame(pts))[0] for pts in (None, None, 100, None)]
    assert times == [0, 40, 100, 140]


def test_times_that_go_back_become_the_next_possible() -> None:
    clock = FrameClock(40, trusts_times=True)
    assert [clock.time(frame(pts))[0] for pts in (0, 40, 40, 30, 80)] == [0, 40, 41, 42, 80]


def test_order_of_decoding_decides_where_times_are_not_trusted() -> None:
    clock = FrameClock(1, trusts_times=False)
    clock.packet_read(7)
    clock.packet_read(8)
    times = [clock.time(frame(pts, dts))[0] for pts, dts in ((8, 9), (10, 10), (9, 12))]
    assert times == [7, 8, 10]


def test_frames_without_any_time_follow_the_rate_in_that_case_too() -> None:
    clock = FrameClock(40, trusts_times=False)
    clock.packet_read(None)
    assert [clock.time(frame(pts))[0] for pts in (7, 7, 7)] == [0, 40, 80]


def test_a_frame_lasts_for_a_unit_at_least() -> None:
    clock = FrameClock(Fraction(1, 4), trusts_times=True)
    assert [clock.time(frame(None)) for _ in range(3)] == [(0, 1), (1, 1), (2, 1)]
