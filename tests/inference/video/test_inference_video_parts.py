"""A part of a video, by `start` and `duration`."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from adaptive_style_tf.errors import VideoError
from adaptive_style_tf.inference.video import VideoOptions, stylize_video

Read = Callable[[Path], Any]
Stylize = Callable[[np.ndarray], np.ndarray]


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_part_begins_at_zero_with_its_own_sound(
    make_video: Callable[..., Path], contents: Read, tmp_path: Path, name: str, inverted: Stylize
) -> None:
    path, target = make_video(frames=16), tmp_path / "out" / name
    report = stylize_video(path, target, inverted, options=VideoOptions(start=0.2, duration=0.2))
    before, after = contents(path), contents(target)
    assert after.numbers == [5, 6, 7, 8, 9]
    assert after.times == [Fraction(n, 25) for n in range(5)]
    expected = [
        (sound, time - Fraction(1, 5))
        for sound, time in zip(before.sound, before.sound_times, strict=True)
        if Fraction(1, 5) <= time < Fraction(2, 5)
    ]
    assert after.sound == [sound for sound, _ in expected]
    tick = Fraction(1, 1000) if target.suffix == ".mkv" else Fraction(1, 12800)
    for found, (_, time) in zip(after.sound_times, expected, strict=True):
        assert abs(found - time) <= tick
    assert (report.frames, report.seconds) == (5, pytest.approx(0.2))


def test_a_recording_that_begins_between_key_frames_begins_at_the_next(
    make_video: Callable[..., Path], contents: Read, target: Path, inverted: Stylize
) -> None:
    path = make_video("clip.ts", sound=None)
    packets = path.read_bytes()
    with av.open(str(path)) as container:
        second = list(container.demux(container.streams.video[0]))[1]
    path.write_bytes(packets[: 3 * 188] + packets[second.pos :])  # three packets of tables
    stylize_video(path, target, inverted)
    numbers = contents(target).numbers
    assert numbers == list(range(numbers[0], 12))
    assert 0 < numbers[0] <= 4


@pytest.mark.parametrize("name", ["clip.h264", "clip.ts", "clip.mkv"])
def test_a_part_of_a_file_of_another_kind_is_the_same(
    make_video: Callable[..., Path], contents: Read, target: Path, name: str, inverted: Stylize
) -> None:
    path = make_video(name, sound=None)
    stylize_video(path, target, inverted, options=VideoOptions(start=0.2, duration=0.12))
    assert contents(target).numbers == [5, 6, 7]


@pytest.mark.parametrize(
    ("start", "duration", "words"),
    [
        (9, None, "from 9 s on"),
        (1e18, None, r"from 1e\+18 s on"),
        (0.21, 0.01, "from 0.21 s to 0.22 s"),
        (0, 1e-9, "from 0 s to 0 s"),
    ],
)
def test_a_part_without_a_frame_is_an_error(
    make_video: Callable[..., Path],
    target: Path,
    inverted: Stylize,
    start: float,
    duration: float | None,
    words: str,
) -> None:
    options = VideoOptions(start=start, duration=duration)
    with pytest.raises(VideoError, match=f"no frame {words}; choose another part"):
        stylize_video(make_video(), target, inverted, options=options)
    assert not target.exists()
