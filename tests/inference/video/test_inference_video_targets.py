"""Names, formats and encoders of a result, and what is refused before it is begun."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adaptive_style_tf.errors import MissingExtraError, UsageError, VideoError
from adaptive_style_tf.inference.video import VideoOptions, stylize_video

Read = Callable[[Path], Any]
Stylize = Callable[[np.ndarray], np.ndarray]


def test_what_is_there_stays_unless_it_may_be_replaced(
    make_video: Callable[..., Path], contents: Read, tmp_path: Path, inverted: Stylize
) -> None:
    path, target = make_video(), tmp_path / "a.mp4"
    target.write_text("mine")
    with pytest.raises(VideoError, match="exists already"):
        stylize_video(path, target, inverted)
    assert target.read_text() == "mine"
    stylize_video(path, target, inverted, options=VideoOptions(overwrite=True))
    assert len(contents(target).pictures) == 12


def test_a_source_is_never_replaced(make_video: Callable[..., Path], inverted: Stylize) -> None:
    path = make_video()
    before = path.read_bytes()
    with pytest.raises(UsageError, match="is the source itself"):
        stylize_video(path, path, inverted, options=VideoOptions(overwrite=True))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("name", "message"), [("a.txt", "which video format"), ("%d.tga", "which picture format")]
)
def test_a_target_of_an_unknown_format_is_an_error(
    make_video: Callable[..., Path], tmp_path: Path, name: str, message: str, inverted: Stylize
) -> None:
    with pytest.raises(VideoError, match=message):
        stylize_video(make_video(), tmp_path / name, inverted)


def test_sound_that_the_format_cannot_hold_is_an_error_with_a_way_out(
    make_video: Callable[..., Path], tmp_path: Path, inverted: Stylize
) -> None:
    target = tmp_path / "out" / "a.webm"
    with pytest.raises(VideoError, match=r"\.webm files cannot hold the sound .*aac.*\.mkv"):
        stylize_video(make_video(), target, inverted)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("codec", "name", "message"),
    [
        ("nonsense", "a.mp4", "no encoder called 'nonsense'"),
        ("libx264", "a.webm", r"\.webm files cannot hold what the encoder libx264 makes"),
        ("aac", "a.mp4", "aac encodes audio"),
    ],
)
def test_a_codec_that_does_not_fit_is_an_error(
    make_video: Callable[..., Path],
    tmp_path: Path,
    codec: str,
    name: str,
    message: str,
    inverted: Stylize,
) -> None:
    with pytest.raises(UsageError, match=message):
        stylize_video(
            make_video(sound=None), tmp_path / name, inverted, options=VideoOptions(codec=codec)
        )
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("codec", ["libx265", "mpeg4", "libsvtav1"])
def test_other_codecs(
    make_video: Callable[..., Path], contents: Read, tmp_path: Path, codec: str, inverted: Stylize
) -> None:
    path, target = make_video(), tmp_path / "a.mkv"
    report = stylize_video(path, target, inverted, options=VideoOptions(codec=codec))
    after = contents(target)
    assert after.numbers == list(range(12))
    assert after.sound == contents(path).sound
    assert report.codec == codec


def test_a_lower_quality_makes_a_smaller_file(
    make_video: Callable[..., Path], tmp_path: Path
) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
    sizes = []
    for quality in (10, 40):
        target = tmp_path / f"{quality}.mp4"
        options = VideoOptions(quality=quality)
        stylize_video(make_video(sound=None), target, lambda picture: noise, options=options)
        sizes.append(target.stat().st_size)
    assert sizes[1] < sizes[0] / 2


def test_a_name_that_is_too_long_is_said(
    make_video: Callable[..., Path], tmp_path: Path, inverted: Stylize
) -> None:
    for name in ("x" * 260 + ".mp4", "x" * 260 + "%d.png"):
        with pytest.raises(VideoError, match="cannot be written: File name too long"):
            stylize_video(make_video(), tmp_path / name, inverted)


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": -1},
        {"start": float("nan")},
        {"duration": 0},
        {"frame_rate": 0},
        {"frame_rate": 0.0009},
        {"frame_rate": float("nan")},
        {"frame_rate": 1001},
        {"quality": 99},
    ],
)
def test_options_out_of_range_are_an_error(wrong: dict) -> None:
    (name,) = wrong
    with pytest.raises(UsageError, match=f"{name} is a number"):
        VideoOptions(**wrong)


def test_without_pyav_the_message_names_the_line_that_installs_it(
    make_video: Callable[..., Path],
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
    inverted: Stylize,
) -> None:
    path = make_video()
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'adaptive-style-tf\[video\]'"):
        stylize_video(path, target, inverted)
