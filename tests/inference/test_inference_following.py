from typing import Any

import numpy as np
import pytest

from adaptive_style_tf.inference.following import Follower
from adaptive_style_tf.inference.scene_motion import Motion, SceneMotion


def at_rest(shape: tuple[int, ...]) -> Motion:
    return Motion(np.zeros((*shape[:2], 2), np.float32), np.ones(shape[:2], bool))


def test_flicker_on_a_moving_scene_is_halved_and_the_scene_stays_sharp(scene: Any) -> None:
    texture = scene.texture()
    paint = scene.texture(1).astype(np.float32)
    motion, follower, inner = SceneMotion(), Follower(0.5), (slice(24, -24), slice(24, -24))
    shown = []
    for number in range(8):
        flicker = 10 * (-1) ** number
        stylized = scene.frame(paint, number) + flicker
        shown.append(follower.blended(motion.into(scene.frame(texture, number)), stylized))
    # An alternating sign under y[n] = y[n-1] / 2 + x[n] / 2 settles at a third.
    wanted = scene.frame(paint, 7)[inner]
    np.testing.assert_allclose((shown[7][inner] - wanted).mean(), -10 / 3, atol=0.5)
    assert np.abs(shown[7][inner] - wanted + 10 / 3).mean() < 1


def test_results_are_mixed_where_points_are_seen_twice() -> None:
    follower, motion = Follower(0.25), at_rest((20, 30))
    motion.seen[:, :10] = False
    follower.blended(None, np.zeros((20, 30, 3), np.float32))
    shown = follower.blended(motion, np.ones((20, 30, 3), np.float32))
    np.testing.assert_array_equal(shown[:, :10], 1)
    np.testing.assert_array_equal(shown[:, 10:], 0.75)


def test_nothing_is_carried_into_a_frame_without_a_motion() -> None:
    one, two = np.zeros((20, 30, 3), np.float32), np.ones((20, 30, 3), np.float32)
    follower, motion = Follower(0.25), at_rest((20, 30))
    follower.blended(motion, one)
    assert follower.blended(motion, two).mean() == 0.75
    np.testing.assert_array_equal(follower.blended(None, two), two)
    np.testing.assert_array_equal(follower.blended(None, one[:10]), one[:10])


def test_following_nothing_changes_nothing() -> None:
    follower = Follower(0)
    for value in (1, 2):
        stylized = np.full((20, 30, 3), value, np.float32)
        np.testing.assert_array_equal(follower.blended(at_rest((20, 30)), stylized), stylized)


@pytest.mark.parametrize("share", [-0.1, 1])
def test_shares_out_of_range_are_refused(share: float) -> None:
    with pytest.raises(ValueError, match=f"share={share}"):
        Follower(share)
