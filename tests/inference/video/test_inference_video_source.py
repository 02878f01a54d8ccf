from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from adaptive_style_tf.errors import VideoError
from adaptive_style_tf.inference.video_source import Frame, Span, Step, same_size


def step(height: int, width: int) -> Step:
    return Step(Frame(np.zeros((height, width, 3), np.uint8), 0, 1))


def test_a_change_of_size_is_told_by_the_frame_whatever_sound_lies_between() -> None:
    sound = Step(None)
    steps = [step(4, 6), sound, sound, step(4, 6), step(6, 4)]
    taken = same_size(Path("clip.mp4"), iter(steps))
    assert [next(taken) for _ in range(4)] == steps[:4]
    with pytest.raises(VideoError, match="changes from 6 x 4 to 4 x 6 pixels at frame 3;"):
        next(taken)


def test_a_part_has_its_first_moment_but_not_its_last() -> None:
    span = Span(Fraction(2), Fraction(1))
    assert [span.begins_after(Fraction(time)) for time in (1, 2, 3)] == [True, False, False]
    assert [span.ends_by(Fraction(time)) for time in (1, 2, 3)] == [False, False, True]
    assert not Span(Fraction(2)).ends_by(Fraction(10**9))
    assert span.shifted(Fraction(5)) == Span(Fraction(7), Fraction(1))


@pytest.mark.parametrize(
    ("start", "duration", "whole", "length"),
    [(0, None, 9, 9), (2, None, 9, 7), (2, 3, 9, 3), (8, 3, 9, 1), (10, 3, 9, 0), (0, 0.5, 9, 0.5)],
)
def test_the_length_of_a_part(
    start: float, duration: float | None, whole: float, length: float
) -> None:
    span = Span(Fraction(start), None if duration is None else Fraction(duration))
    assert span.length(Fraction(whole)) == length
