"""Made-up motion, whose flow is known."""

import cv2
import numpy as np
import pytest

from adaptive_style_tf.evaluation.temporal import (
    difference,
    temporal_error,
    warping_error,
)

HEIGHT, WIDTH = 96, 128
SHIFT = (3, 2)  # px to the right and down, from frame to frame


def scene(seed: int = 0) -> np.ndarray:
    """A texture that is larger than a frame, coarse enough to be followed."""
    noise = np.random.default_rng(seed).normal(size=(HEIGHT + 64, WIDTH + 64, 3))
    smooth = cv2.GaussianBlur(noise, (0, 0), 3)
    smooth -= smooth.min()
    return (40 + 160 * smooth / smooth.max()).astype(np.uint8)


def frame(texture: np.ndarray, number: int) -> np.ndarray:
    """What a resting camera sees of a texture that moves by SHIFT from frame to frame."""
    x, y = 32 - SHIFT[0] * number, 32 - SHIFT[1] * number
    return texture[y : y + HEIGHT, x : x + WIDTH]


def test_a_result_that_moves_along_has_nearly_no_error() -> None:
    texture, paint = scene(0), scene(1)
    frames = [(frame(texture, n), frame(paint, n)) for n in range(4)]
    error = temporal_error(frames)
    assert error.absolute < 0.5
    assert error.pairs == 3
    assert error.visible > 0.85


def test_a_result_that_stands_still_has_one() -> None:
    texture, paint = scene(0), scene(1)
    moving = temporal_error([(frame(texture, n), frame(paint, n)) for n in range(3)])
    standing = temporal_error([(frame(texture, n), frame(paint, 0)) for n in range(3)])
    assert standing.absolute > 10 * moving.absolute


@pytest.mark.parametrize("flicker", [4, 12])
def test_added_flicker_comes_out_as_what_was_added(flicker: int) -> None:
    texture, paint = scene(0), scene(1)
    frames = [(frame(texture, n), frame(paint, n) + np.uint8(flicker * (n % 2))) for n in range(4)]
    error = temporal_error(frames)
    assert error.absolute == pytest.approx(flicker, abs=0.3)
    assert error.squared == pytest.approx(flicker**2, rel=0.1)


def test_pixels_that_are_not_seen_twice_do_not_count() -> None:
    before, after = np.zeros((8, 10, 3), np.uint8), np.zeros((8, 10, 3), np.uint8)
    after[:, :4] = 200
    seen = np.ones((8, 10), bool)
    still = np.zeros((8, 10, 2), np.float32)
    assert difference((before, after), still, seen).absolute == 80
    seen[:, :4] = False
    error = difference((before, after), still, seen)
    assert (error.absolute, error.squared, error.visible) == (0, 0, 0.6)


def test_a_covered_part_does_not_count_in_a_video() -> None:
    texture, paint = scene(0), scene(1)
    card = scene(2)[:40, :40]
    first, second = frame(texture, 0).copy(), frame(texture, 0).copy()
    shown = (frame(paint, 0).copy(), frame(paint, 0).copy())
    for number, (picture, result) in enumerate(zip((first, second), shown, strict=True)):
        at = 30 + 12 * number  # a card slides to the right over a resting ground
        picture[30:70, at : at + 40] = card
        result[30:70, at : at + 40] = 255 - card
    error = warping_error((first, second), shown)
    everything = np.ones((HEIGHT, WIDTH), bool)
    still = np.zeros((HEIGHT, WIDTH, 2), np.float32)
    assert error.absolute < 0.35 * difference(shown, still, everything).absolute
    assert 0.8 < error.visible < 0.99


def test_a_video_of_one_frame_has_no_error_to_tell() -> None:
    with pytest.raises(ValueError, match="at least two frames"):
        temporal_error([(frame(scene(), 0), frame(scene(), 0))])


def test_sizes_have_to_agree() -> None:
    whole, part = frame(scene(), 0), frame(scene(), 0)[:-2]
    with pytest.raises(ValueError, match="one size"):
        warping_error((whole, whole), (part, part))
