"""What is left after Ctrl-C or an error on the way."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adaptive_style_tf.errors import VideoError
from adaptive_style_tf.inference.video import stylize_video

Read = Callable[[Path], Any]


def interrupting(after: int) -> Callable[[np.ndarray], np.ndarray]:
    calls = itertools.count(1)

    def stylize(picture: np.ndarray) -> np.ndarray:
        if next(calls) > after:
            raise KeyboardInterrupt
        return 255 - picture

    return stylize


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "frame_%03d.png"])
def test_an_interrupted_video_holds_what_was_done(
    make_video: Callable[..., Path], contents: Read, tmp_path: Path, name: str
) -> None:
    target = tmp_path / "out" / name
    report = stylize_video(make_video(), target, interrupting(7))
    assert (report.frames, report.interrupted) == (7, True)
    assert report.seconds == pytest.approx(7 / 25)
    if target.suffix == ".png":
        assert len(list(target.parent.iterdir())) == 7
    else:
        after = contents(target)
        assert after.numbers == list(range(7))
        assert after.sound
    assert [path for path in target.parent.iterdir() if "partial" in path.name] == []


def test_an_interruption_before_the_first_frame_leaves_nothing(
    make_video: Callable[..., Path], target: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        stylize_video(make_video(), target, interrupting(0))
    assert list(target.parent.iterdir()) == []


def test_an_error_leaves_nothing(make_video: Callable[..., Path], target: Path) -> None:
    calls = itertools.count(1)

    def stylize(picture: np.ndarray) -> np.ndarray:
        if next(calls) == 9:
            raise RuntimeError("out of paint")
        return picture

    with pytest.raises(RuntimeError, match="out of paint"):
        stylize_video(make_video(), target, stylize)
    assert list(target.parent.iterdir()) == []


def test_results_of_several_sizes_are_an_error(
    make_video: Callable[..., Path], target: Path
) -> None:
    sizes = iter([48] * 5 + [32] * 9)
    with pytest.raises(VideoError, match=r"began with frames of 64 x 48 .* one of 64 x 32"):
        stylize_video(make_video(), target, lambda picture: picture[: next(sizes)])
    assert list(target.parent.iterdir()) == []
