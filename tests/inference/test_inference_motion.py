"""Made-up motion, whose flow is known."""

import cv2
import numpy as np
import pytest

from adaptive_style_tf.inference.following import Follower
from adaptive_style_tf.inference.motion import optical_flow, visible, warped

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


def test_the_flow_of_a_shift_is_the_shift() -> None:
    texture = scene()
    there = optical_flow(frame(texture, 0), frame(texture, 1))
    back = optical_flow(frame(texture, 1), frame(texture, 0))
    inner = (slice(16, -16), slice(16, -16))
    np.testing.assert_allclose(np.median(there[inner], (0, 1)), SHIFT, atol=0.1)
    np.testing.assert_allclose(np.median(back[inner], (0, 1)), np.negative(SHIFT), atol=0.1)


def test_warping_takes_values_from_where_the_flow_points() -> None:
    ramp = np.repeat(np.arange(20, dtype=np.float32)[np.newaxis, :, np.newaxis], 10, 0)
    flow = np.zeros((10, 20, 2), np.float32)
    flow[..., 0] = 1.5
    np.testing.assert_allclose(warped(ramp, flow)[:, :18, ...].squeeze(), ramp[:, :18, 0] + 1.5)
    upright = np.zeros((10, 20, 2), np.float32)
    upright[..., 1] = 2
    rows = np.repeat(np.arange(10, dtype=np.float32)[:, np.newaxis, np.newaxis], 20, 1)
    np.testing.assert_allclose(warped(rows, upright)[:8].squeeze(), rows[:8, :, 0] + 2)


def test_what_leaves_and_what_is_covered_is_not_visible() -> None:
    # Everything moves 5 px to the right, apart from a square that stands still and covers.
    back = np.zeros((40, 60, 2), np.float32)
    back[..., 0] = -5
    there = -back
    square = (slice(10, 20), slice(30, 40))
    back[square] = there[square] = 0
    seen = visible(back, there)
    assert not seen[:, :5].any()  # came in at the left
    assert not seen[10:20, 40:45].any()  # came out from behind the square
    assert seen[10:20, 30:40].all()  # the square itself
    assert seen[25:, 5:].all()


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (40, 3)])
def test_small_pictures_have_a_flow_too(size: tuple[int, int]) -> None:
    picture = frame(scene(), 0)[: size[0], : size[1]]
    flow = optical_flow(picture, picture)
    assert flow.shape == (*size, 2)
    np.testing.assert_allclose(flow, 0, atol=0.01)


def test_flicker_on_a_moving_scene_is_halved_and_the_scene_stays_sharp() -> None:
    texture = scene()
    paint = scene(1).astype(np.float32)
    follower, inner = Follower(0.5), (slice(24, -24), slice(24, -24))
    shown = []
    for number in range(8):
        flicker = 10 * (-1) ** number
        stylized = frame(paint, number) + flicker
        shown.append(follower.blended(frame(texture, number), stylized))
    # An alternating sign under y[n] = y[n-1] / 2 + x[n] / 2 settles at a third.
    wanted = frame(paint, 7)[inner]
    np.testing.assert_allclose((shown[7][inner] - wanted).mean(), -10 / 3, atol=0.5)
    assert np.abs(shown[7][inner] - wanted + 10 / 3).mean() < 1


def test_what_was_hidden_or_has_changed_is_not_mixed() -> None:
    texture = scene()
    follower = Follower(0.5)
    first, second = frame(texture, 0), frame(texture, 0).copy()
    second[30:60, 40:80] = 255 - second[30:60, 40:80]  # something else is there now
    before = np.full((HEIGHT, WIDTH, 3), 50, np.float32)
    after = np.full((HEIGHT, WIDTH, 3), 150, np.float32)
    follower.blended(first, before)
    shown = follower.blended(second, after)
    assert np.median(shown[36:54, 46:74]) == 150
    assert np.median(shown[70:]) == 100


def test_what_comes_into_the_picture_is_not_mixed() -> None:
    texture, follower = scene(), Follower(0.5)
    follower.blended(frame(texture, 0), np.zeros((HEIGHT, WIDTH, 3), np.float32))
    shown = follower.blended(frame(texture, 1), np.ones((HEIGHT, WIDTH, 3), np.float32))
    np.testing.assert_array_equal(shown[:, 0], 1)  # everything moves to the right
    assert np.median(shown) == 0.5


def test_a_flash_is_not_mixed() -> None:
    picture = frame(scene(), 0)
    before, after = np.zeros(picture.shape, np.float32), np.ones(picture.shape, np.float32)
    for flash, shown in ((8, 0.5), (40, 1)):
        follower = Follower(0.5)
        follower.blended(picture, before)
        assert np.median(follower.blended(picture + np.uint8(flash), after)) == shown


def test_following_forgets() -> None:
    picture = frame(scene(), 0)
    one, two = np.zeros(picture.shape, np.float32), np.ones(picture.shape, np.float32)
    follower = Follower(0.25)
    follower.blended(picture, one)
    assert follower.blended(picture, two).mean() == 0.75
    follower.forget()
    np.testing.assert_array_equal(follower.blended(picture, two), two)
    np.testing.assert_array_equal(follower.blended(picture[:40], one[:40]), one[:40])


def test_following_nothing_changes_nothing() -> None:
    picture, follower = frame(scene(), 0), Follower(0)
    for value in (1, 2):
        stylized = np.full(picture.shape, value, np.float32)
        assert follower.blended(picture, stylized) is stylized


@pytest.mark.parametrize("share", [-0.1, 1])
def test_shares_out_of_range_are_refused(share: float) -> None:
    with pytest.raises(ValueError, match=f"share={share}"):
        Follower(share)
