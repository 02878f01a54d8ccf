"""Frames are stylized upright, in the colors that are meant, and shown so."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adaptive_style_tf.inference.video import VideoOptions, stylize_video

Read = Callable[[Path], Any]
Stylize = Callable[[np.ndarray], np.ndarray]


@pytest.mark.parametrize(
    ("rotation", "mirrored", "corner"),
    [(90, False, "bottom left"), (-90, False, "top right"), (180, False, "bottom right"),
     (0, True, "top right")],
)  # fmt: skip
def test_rotation_is_applied(
    make_video: Callable[..., Path],
    contents: Read,
    target: Path,
    rotation: float,
    mirrored: bool,
    corner: str,
) -> None:
    seen: list[tuple[int, ...]] = []

    def stylize(picture: np.ndarray) -> np.ndarray:
        seen.append(picture.shape)
        return picture

    stylize_video(make_video(rotation=rotation, mirrored=mirrored), target, stylize)
    after = contents(target)
    turned = rotation in (90, -90)
    assert set(seen) == {(64, 48, 3) if turned else (48, 64, 3)}
    shown = after.pictures[0].astype(int)
    assert shown.shape == seen[0]
    redness = shown[..., 0] - shown[..., 1]
    found = {
        "top left": redness[:8, :8],
        "top right": redness[:8, -8:],
        "bottom left": redness[-8:, :8],
        "bottom right": redness[-8:, -8:],
    }
    assert max(found, key=lambda place: found[place].mean()) == corner
    assert after.rotation == 0


def test_another_angle_is_carried_along(
    make_video: Callable[..., Path], contents: Read, target: Path, inverted: Stylize
) -> None:
    path = make_video(rotation=30)
    stylize_video(path, target, inverted)
    assert contents(target).rotation == contents(path).rotation != 0


def test_odd_sides_keep_their_size_at_full_color_resolution(
    make_video: Callable[..., Path], contents: Read, tmp_path: Path, inverted: Stylize
) -> None:
    path = make_video(height=49, width=65, codec="mpeg4")
    report = stylize_video(path, tmp_path / "a.mp4", inverted)
    assert report.pixel_format == contents(tmp_path / "a.mp4").pixel_format == "yuv444p"
    even = stylize_video(make_video("even.mp4"), tmp_path / "b.mp4", inverted)
    assert even.pixel_format == "yuv420p"
    other = stylize_video(path, tmp_path / "c.mkv", inverted, options=VideoOptions(codec="vp9"))
    assert other.pixel_format == "yuv420p"
    assert contents(tmp_path / "c.mkv").pictures[0].shape == (49, 65, 3)


@pytest.mark.parametrize(
    ("tags", "kept"),
    [
        ({}, (1, 6, 2, 2)),  # as players take a small video that says nothing: BT.601, limited
        ({"colorspace": 1, "color_primaries": 1, "color_trc": 1, "color_range": 1}, (1, 1, 1, 1)),
        ({"colorspace": 6, "color_range": 2}, (2, 6, 2, 2)),
        ({"colorspace": 9, "color_primaries": 9, "color_trc": 16, "color_range": 1}, (1, 9, 9, 16)),
    ],
    ids=["unsaid", "bt709", "full", "bt2020"],
)
def test_colors_mean_the_same(
    make_video: Callable[..., Path], contents: Read, target: Path, tags: dict, kept: tuple
) -> None:
    colors: list[np.ndarray] = []

    def stylize(picture: np.ndarray) -> np.ndarray:
        colors.append(picture[:12, :16].reshape(-1, 3).mean(0))
        return picture

    path = make_video(tags=tags, sound=None)
    stylize_video(path, target, stylize)
    before, after = contents(path), contents(target)
    assert after.tags == kept
    # The same luminance and chroma come back, whichever matrix lay between.
    assert np.abs(after.pictures[3].astype(int) - before.pictures[3]).mean() < 3


def test_the_matrix_that_is_meant_is_undone(make_video: Callable[..., Path], target: Path) -> None:
    # All three hold the same luminance and chroma: those of (200, 40, 40) by BT.601.
    seen: list[np.ndarray] = []

    def stylize(picture: np.ndarray) -> np.ndarray:
        seen.append(picture[4:12, 4:16].reshape(-1, 3).mean(0))
        return picture[:48, :64]

    for video in (
        {"tags": {"colorspace": 6}},
        {"tags": {"colorspace": 1}},
        {"height": 720, "width": 1280},  # says nothing, so BT.709 is meant
    ):
        path = make_video(frames=1, sound=None, **video)
        stylize_video(path, target, stylize, options=VideoOptions(overwrite=True))
    blue_share, red_share, grey = 0.114, 0.299, 0.299 * 200 + 0.701 * 40
    blue, red = (40 - grey) / (2 - 2 * blue_share), (200 - grey) / (2 - 2 * red_share)
    as_bt709 = (grey + 1.5748 * red, grey - 0.1873 * blue - 0.4681 * red, grey + 1.8556 * blue)
    np.testing.assert_allclose(seen[0], (200, 40, 40), atol=4)
    np.testing.assert_allclose(seen[1], as_bt709, atol=4)
    np.testing.assert_allclose(seen[2], as_bt709, atol=4)


def test_pixels_that_are_not_square_stay_so(
    make_video: Callable[..., Path], contents: Read, tmp_path: Path, inverted: Stylize
) -> None:
    wide = {"sample_aspect_ratio": Fraction(4, 3)}
    stylize_video(make_video(tags=wide), tmp_path / "a.mp4", inverted)
    assert contents(tmp_path / "a.mp4").pixel_aspect == Fraction(4, 3)
    stylize_video(make_video(tags=wide, rotation=90), tmp_path / "b.mp4", inverted)
    assert contents(tmp_path / "b.mp4").pixel_aspect == Fraction(3, 4)
