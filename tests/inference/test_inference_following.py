from typing import Any

import numpy as np
import pytest

from adaptive_style_tf.inference.following import Follower


def test_flicker_on_a_moving_scene_is_halved_and_the_scene_stays_sharp(scene: Any) -> None:
    texture = scene.texture()
    paint = scene.texture(1).astype(np.float32)
    follower, inner = Follower(0.5), (slice(24, -24), slice(24, -24))
    shown = []
    for number in range(8):
        flicker = 10 * (-1) ** number
        stylized = scene.frame(paint, number) + flicker
        shown.append(follower.blended(scene.frame(texture, number), stylized))
    # An alternating sign under y[n] = y[n-1] / 2 + x[n] / 2 settles at a third.
    wanted = scene.frame(paint, 7)[inner]
    np.testing.assert_allclose((shown[7][inner] - wanted).mean(), -10 / 3, atol=0.5)
    assert np.abs(shown[7][inner] - wanted + 10 / 3).mean() < 1


def test_what_was_hidden_or_has_changed_is_not_mixed(scene: Any) -> None:
    texture = scene.texture()
    follower = Follower(0.5)
    first, second = scene.frame(texture, 0), scene.frame(texture, 0).copy()
    second[30:60, 40:80] = 255 - second[30:60, 40:80]  # something else is there now
    before = np.full((scene.height, scene.width, 3), 50, np.float32)
    after = np.full((scene.height, scene.width, 3), 150, np.float32)
    follower.blended(first, before)
    shown = follower.blended(second, after)
    assert np.median(shown[36:54, 46:74]) == 150
    assert np.median(shown[70:]) == 100


def test_what_comes_into_the_picture_is_not_mixed(scene: Any) -> None:
    texture, follower = scene.texture(), Follower(0.5)
    follower.blended(scene.frame(texture, 0), np.zeros((scene.height, scene.width, 3), np.float32))
    shown = follower.blended(
        scene.frame(texture, 1), np.ones((scene.height, scene.width, 3), np.float32)
    )
    np.testing.assert_array_equal(shown[:, 0], 1)  # everything moves to the right
    assert np.median(shown) == 0.5


def test_a_flash_is_not_mixed(scene: Any) -> None:
    picture = scene.frame(scene.texture(), 0)
    before, after = np.zeros(picture.shape, np.float32), np.ones(picture.shape, np.float32)
    # What counts is the mean over colors: 40 of blue alone are 13.
    for flash, shown in (((8, 8, 8), 0.5), ((40, 40, 40), 1), ((0, 0, 40), 0.5)):
        follower = Follower(0.5)
        follower.blended(picture, before)
        lit = picture + np.array(flash, np.uint8)
        assert np.median(follower.blended(lit, after)) == shown


def test_following_forgets(scene: Any) -> None:
    picture = scene.frame(scene.texture(), 0)
    one, two = np.zeros(picture.shape, np.float32), np.ones(picture.shape, np.float32)
    follower = Follower(0.25)
    follower.blended(picture, one)
    assert follower.blended(picture, two).mean() == 0.75
    follower.forget()
    np.testing.assert_array_equal(follower.blended(picture, two), two)
    np.testing.assert_array_equal(follower.blended(picture[:40], one[:40]), one[:40])


def test_following_nothing_changes_nothing(scene: Any) -> None:
    picture, follower = scene.frame(scene.texture(), 0), Follower(0)
    for value in (1, 2):
        stylized = np.full(picture.shape, value, np.float32)
        assert follower.blended(picture, stylized) is stylized


@pytest.mark.parametrize("share", [-0.1, 1])
def test_shares_out_of_range_are_refused(share: float) -> None:
    with pytest.raises(ValueError, match=f"share={share}"):
        Follower(share)
