"""Videos and picture sequences through the command."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adaptive_style_tf.inference.steady import SteadyStylizer
from adaptive_style_tf.styles import Style
from adaptive_style_tf.stylize import main


def test_a_video_among_pictures_by_its_content_with_the_look(
    tiny_style: Style,
    capsys: pytest.CaptureFixture[str],
    photograph: Callable[..., str],
    video: Callable[..., None],
    frames_of: Callable[[str], list[tuple[int, int]]],
) -> None:
    video("clip.mp4")
    Path("in").mkdir()
    Path("clip.mp4").rename("in/b.jpg")
    photograph("in/a.png")
    photograph("in/c.png")
    assert main(["in", "--image-size", "64"]) == 0
    printed = capsys.readouterr()
    assert frames_of("stylized/b_stylized.mp4") == [(96, 64)] * 3
    assert "b.jpg: 3 of 3 (100 %)" in printed.err
    assert "3 done, 0 skipped, 0 failed." in printed.err
    assert [Path(line).name[0] for line in printed.out.splitlines()] == ["a", "b", "c"]

    assert main(["in/b.jpg", "--start", "0.04", "--duration", "0.04", "--output", "part.mkv"]) == 0
    assert len(frames_of("part.mkv")) == 1
    assert main(["in/b.jpg", "--output", "part.mkv"]) == 1
    assert main(["in/b.jpg", "--output", "frames/f_%02d.png", "--strength", "0.5"]) == 0
    assert len(list(Path("frames").glob("f_*.png"))) == 3
    assert main(["frames/f_%02d.png", "--frame-rate", "10", "--output", "again.mp4"]) == 0
    assert frames_of("again.mp4") == [(48, 32)] * 3


def test_steady_frames_begin_anew_with_each_video(
    tiny_style: Style,
    monkeypatch: pytest.MonkeyPatch,
    photograph: Callable[..., str],
    pixels: Callable[[str], np.ndarray],
    video: Callable[..., None],
) -> None:
    video("a.mp4", frames=2)
    video("b.mp4", frames=2)
    photograph("c.png")
    calls = []

    class Steady:
        def begin(self) -> None:
            calls.append("begin")

        def image(self, frame: np.ndarray) -> np.ndarray:
            calls.append("frame")
            return frame

    monkeypatch.setattr(SteadyStylizer, "load", lambda style: Steady())
    assert main(["a.mp4", "b.mp4", "c.png", "--temporal"]) == 0
    assert calls == ["begin", "frame", "frame"] * 2
    assert not np.array_equal(pixels("stylized/c_stylized.png"), pixels("c.png"))


def test_ctrl_c_in_a_video_says_how_far_it_came(
    tiny_style: Style,
    capsys: pytest.CaptureFixture[str],
    video: Callable[..., None],
    frames_of: Callable[[str], list[tuple[int, int]]],
    ctrl_c_at_picture: Callable[[int], None],
) -> None:
    video("clip.mp4", frames=12)
    ctrl_c_at_picture(8)
    assert main(["clip.mp4"]) == 130
    count = len(frames_of("stylized/clip_stylized.mp4"))
    assert 1 <= count < 12
    assert f"stylized/clip_stylized.mp4 ends after {count} frames" in capsys.readouterr().err
