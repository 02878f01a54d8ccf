from typing import Any

import numpy as np

from adaptive_style_tf.inference.scene_motion import Motion, SceneMotion


def into(*frames: np.ndarray) -> Motion:
    """The motion into the last of these frames."""
    motion = SceneMotion()
    *_, last = map(motion.into, frames)
    assert last is not None
    return last


def test_a_point_is_found_in_the_frame_before(scene: Any) -> None:
    texture = scene.texture()
    found = into(scene.frame(texture, 0), scene.frame(texture, 1))
    inner = found.back[24:-24, 24:-24]
    expected = into(scene.frame(texture, 0), scene.frame(texture, 0)).back[24:-24, 24:-24]
    assert np.abs(expected).max() < 0.1
    assert np.median(inner[..., 0]) < -1  # everything moves to the right
    assert found.seen[24:-24, 24:-24].mean() > 0.99


def test_what_was_hidden_or_has_changed_is_not_seen_twice(scene: Any) -> None:
    first = scene.frame(scene.texture(), 0)
    second = first.copy()
    second[30:60, 40:80] = 255 - second[30:60, 40:80]  # something else is there now
    seen = into(first, second).seen
    assert seen[36:54, 46:74].mean() < 0.5
    assert seen[70:].mean() > 0.5


def test_what_comes_into_the_picture_is_not_seen_twice(scene: Any) -> None:
    texture = scene.texture()
    seen = into(scene.frame(texture, 0), scene.frame(texture, 1)).seen
    assert not seen[:, 0].any()
    assert seen.mean() > 0.5


def test_a_flash_is_another_look(scene: Any) -> None:
    picture = scene.frame(scene.texture(), 0)
    # What counts is the mean over colors: 40 of blue alone are 13.
    for flash, stays in (((8, 8, 8), True), ((40, 40, 40), False), ((0, 0, 40), True)):
        seen = into(picture, picture + np.array(flash, np.uint8)).seen
        assert (np.median(seen) == 1) == stays


def test_nothing_moves_into_the_first_frame_of_a_size(scene: Any) -> None:
    picture, motion = scene.frame(scene.texture(), 0), SceneMotion()
    assert motion.into(picture) is None
    assert motion.into(picture) is not None
    assert motion.into(picture[:40]) is None
    assert motion.into(picture[:40]) is not None
    motion.forget()
    assert motion.into(picture[:40]) is None
