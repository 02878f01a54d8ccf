from typing import Any

import numpy as np
import pytest

from adaptive_style_tf.evaluation.temporal import (
    difference,
    temporal_error,
    warping_error,
)


def test_a_result_that_moves_along_has_nearly_no_error(scene: Any) -> None:
    texture, paint = scene.texture(0), scene.texture(1)
    frames = [(scene.frame(texture, n), scene.frame(paint, n)) for n in range(4)]
    error = temporal_error(frames)
    assert error.absolute < 0.5
    assert error.pairs == 3
    assert error.visible > 0.85


def test_a_result_that_stands_still_has_one(scene: Any) -> None:
    texture, paint = scene.texture(0), scene.texture(1)
    moving = temporal_error([(scene.frame(texture, n), scene.frame(paint, n)) for n in range(3)])
    standing = temporal_error([(scene.frame(texture, n), scene.frame(paint, 0)) for n in range(3)])
    assert standing.absolute > 10 * moving.absolute


@pytest.mark.parametrize("flicker", [4, 12])
def test_added_flicker_comes_out_as_what_was_added(flicker: int, scene: Any) -> None:
    texture, paint = scene.texture(0), scene.texture(1)
    frames = [
        (scene.frame(texture, n), scene.frame(paint, n) + np.uint8(flicker * (n % 2)))
        for n in range(4)
    ]
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


def test_a_cut_has_no_error_and_does_not_count() -> None:
    pictures = np.zeros((8, 10, 3), np.uint8), np.full((8, 10, 3), 200, np.uint8)
    unseen, still = np.zeros((8, 10), bool), np.zeros((8, 10, 2), np.float32)
    error = difference(pictures, still, unseen)
    assert np.isnan([error.absolute, error.squared]).all()
    assert (error.visible, error.pairs) == (0, 1)


def test_a_video_in_which_nothing_is_seen_twice_is_refused(
    scene: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = "adaptive_style_tf.evaluation.temporal.visible"
    monkeypatch.setattr(place, lambda back, there: np.zeros(back.shape[:2], bool))
    frame = scene.frame(scene.texture(), 0)
    with pytest.raises(ValueError, match="No point is seen in two"):
        temporal_error([(frame, frame)] * 3)


def test_a_covered_part_does_not_count_in_a_video(scene: Any) -> None:
    texture, paint = scene.texture(0), scene.texture(1)
    card = scene.texture(2)[:40, :40]
    first, second = scene.frame(texture, 0).copy(), scene.frame(texture, 0).copy()
    shown = (scene.frame(paint, 0).copy(), scene.frame(paint, 0).copy())
    for number, (picture, result) in enumerate(zip((first, second), shown, strict=True)):
        at = 30 + 12 * number  # a card slides to the right over a resting ground
        picture[30:70, at : at + 40] = card
        result[30:70, at : at + 40] = 255 - card
    error = warping_error((first, second), shown)
    everything = np.ones((scene.height, scene.width), bool)
    still = np.zeros((scene.height, scene.width, 2), np.float32)
    assert error.absolute < 0.35 * difference(shown, still, everything).absolute
    assert 0.8 < error.visible < 0.99


def test_a_video_of_one_frame_has_no_error_to_tell(scene: Any) -> None:
    with pytest.raises(ValueError, match="at least two frames"):
        temporal_error([(scene.frame(scene.texture(), 0), scene.frame(scene.texture(), 0))])


def test_sizes_have_to_agree(scene: Any) -> None:
    whole, part = scene.frame(scene.texture(), 0), scene.frame(scene.texture(), 0)[:-2]
    with pytest.raises(ValueError, match="one size"):
        warping_error((whole, whole), (part, part))
