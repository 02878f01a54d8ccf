import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.errors import PictureError, UsageError, VideoError
from adaptive_style_tf.inference.video import VideoOptions, exact_rate, stylize_video
from adaptive_style_tf.inference.video_sequences import opened_sequence
from adaptive_style_tf.inference.video_source import Span

Stylize = Callable[[np.ndarray], np.ndarray]


def values(folder: Path) -> dict[str, int]:
    return {
        path.name: int(np.asarray(Image.open(path))[0, 0, 0]) for path in sorted(folder.iterdir())
    }


@pytest.fixture
def pattern(tmp_path: Path) -> Path:
    """Ten pictures, numbered from 5, each of the grey value ten times its number."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(5, 15):
        picture = np.full((36, 50, 3), 10 * number, np.uint8)
        Image.fromarray(picture).save(folder / f"frame_{number:04d}.png")
    return folder / "frame_%04d.png"


def test_pictures_become_pictures_of_the_same_number(
    pattern: Path, tmp_path: Path, inverted: Stylize
) -> None:
    report = stylize_video(pattern, tmp_path / "out" / "s_%d.png", inverted)
    assert values(tmp_path / "out") == {f"s_{n}.png": 255 - 10 * n for n in range(5, 15)}
    assert (report.frames, report.seconds, report.frame_rate) == (10, 0.4, 25)
    assert (report.height, report.width, report.codec) == (36, 50, "png")


def test_pictures_to_pictures_needs_no_pyav(
    pattern: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, inverted: Stylize
) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    assert stylize_video(pattern, tmp_path / "out" / "%d.png", inverted).frames == 10


def test_pictures_become_a_video(
    pattern: Path, tmp_path: Path, contents: Callable[[Path], object], inverted: Stylize
) -> None:
    target = tmp_path / "a.mp4"
    report = stylize_video(pattern, target, inverted, options=VideoOptions(frame_rate=29.97))
    rate = Fraction(30000, 1001)
    after = contents(target)
    assert after.times == [n / rate for n in range(10)]
    assert after.frame_rate == rate
    assert report.frame_rate == pytest.approx(29.97003)
    assert after.tags == (1, 6, 1, 13)
    for number, shown in enumerate(after.pictures, start=5):
        assert shown.shape == (36, 50, 3)
        np.testing.assert_allclose(shown, 255 - 10 * number, atol=2)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        (25, Fraction(25)),
        (23.976, Fraction(24000, 1001)),
        (59.94, Fraction(60000, 1001)),
        (12.5, Fraction(25, 2)),
        (29.9, Fraction(299, 10)),
        (0.1, Fraction(1, 10)),
        (1, Fraction(1)),
        (0.001, Fraction(1, 1000)),
    ],
)
def test_frame_rates_are_exact(given: float, meant: Fraction) -> None:
    assert exact_rate(given) == meant


def test_a_video_becomes_pictures(
    make_video: Callable[..., Path], tmp_path: Path, inverted: Stylize
) -> None:
    report = stylize_video(make_video(), tmp_path / "out" / "f_%03d.png", inverted)
    found = {name: round(value / 12) for name, value in values(tmp_path / "out").items()}
    assert list(found) == [f"f_{n:03d}.png" for n in range(1, 13)]
    assert (report.frames, report.sound_streams) == (12, 0)


def test_a_missing_picture_leaves_the_one_before_it_longer(
    pattern: Path, tmp_path: Path, contents: Callable[[Path], object], inverted: Stylize
) -> None:
    (pattern.parent / "frame_0008.png").unlink()
    report = stylize_video(pattern, tmp_path / "a.mp4", inverted)
    assert contents(tmp_path / "a.mp4").times == [
        Fraction(n, 25) for n in (0, 1, 2, 4, 5, 6, 7, 8, 9)
    ]
    assert (report.frames, report.seconds) == (9, 0.4)
    steps = opened_sequence(pattern, Span(), Fraction(25)).steps
    assert [step.frame.duration for step in steps] == [1, 1, 2, 1, 1, 1, 1, 1, 1]


def test_a_part_of_the_pictures(pattern: Path, tmp_path: Path, inverted: Stylize) -> None:
    options = VideoOptions(start=0.3, duration=0.2, frame_rate=10)
    stylize_video(pattern, tmp_path / "out" / "%d.png", inverted, options=options)
    assert list(values(tmp_path / "out")) == ["8.png", "9.png"]


def test_a_broken_picture_is_named_and_nothing_is_left(
    pattern: Path, tmp_path: Path, inverted: Stylize
) -> None:
    (pattern.parent / "frame_0012.png").write_bytes(b"\x89PNG\r\n\x1a\nxx")
    with pytest.raises(PictureError, match=r"frame_0012\.png is damaged"):
        stylize_video(pattern, tmp_path / "out" / "%d.png", inverted)
    assert list((tmp_path / "out").iterdir()) == []


def test_pictures_of_several_sizes_are_an_error(
    pattern: Path, tmp_path: Path, inverted: Stylize
) -> None:
    Image.new("RGB", (50, 40)).save(pattern.parent / "frame_0009.png")
    with pytest.raises(VideoError, match=r"changes from 50 x 36 to 50 x 40 pixels at frame 5"):
        stylize_video(pattern, tmp_path / "out" / "%d.png", inverted)


def test_pictures_that_are_there_stay(pattern: Path, tmp_path: Path, inverted: Stylize) -> None:
    target = tmp_path / "out" / "%d.png"
    stylize_video(pattern, target, inverted)
    with pytest.raises(VideoError, match=r"5\.png exists already"):
        stylize_video(pattern, target, lambda picture: picture)
    assert values(target.parent)["5.png"] == 205
    stylize_video(pattern, target, lambda picture: picture, options=VideoOptions(overwrite=True))
    assert values(target.parent)["5.png"] == 50


def test_the_pictures_themselves_are_never_replaced(pattern: Path, inverted: Stylize) -> None:
    with pytest.raises(UsageError, match="is the source itself"):
        stylize_video(pattern, pattern, inverted, options=VideoOptions(overwrite=True))


def test_a_source_is_not_replaced_by_way_of_another_pattern(
    pattern: Path, inverted: Stylize
) -> None:
    before = values(pattern.parent)
    other = pattern.with_name("frame_00%02d.png")  # the same names from 10 on
    with pytest.raises(UsageError, match="is the source itself"):
        stylize_video(pattern, other, inverted, options=VideoOptions(overwrite=True))
    assert values(pattern.parent) == before
    stylize_video(pattern, pattern.with_name("made_%d.png"), inverted)


def test_a_folder_without_pictures_is_told(tmp_path: Path, inverted: Stylize) -> None:
    with pytest.raises(VideoError, match="has no picture at all, name another folder"):
        stylize_video(tmp_path / "f_%d.png", tmp_path / "out" / "%d.png", inverted)


def test_a_pattern_that_fits_nothing_shows_what_is_there(
    pattern: Path, tmp_path: Path, inverted: Stylize
) -> None:
    with pytest.raises(VideoError, match=r"no picture fits .*such as frame_0005\.png"):
        stylize_video(pattern.with_name("img_%d.png"), tmp_path / "%d.png", inverted)
