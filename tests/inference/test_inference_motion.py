from typing import Any

import numpy as np
import pytest

from adaptive_style_tf.inference.motion import optical_flow, visible, warped


def test_the_flow_of_a_shift_is_the_shift(scene: Any) -> None:
    texture = scene.texture()
    there = optical_flow(scene.frame(texture, 0), scene.frame(texture, 1))
    back = optical_flow(scene.frame(texture, 1), scene.frame(texture, 0))
    inner = (slice(16, -16), slice(16, -16))
    np.testing.assert_allclose(np.median(there[inner], (0, 1)), scene.shift, atol=0.1)
    np.testing.assert_allclose(np.median(back[inner], (0, 1)), np.negative(scene.shift), atol=0.1)


def test_warping_takes_values_from_where_the_flow_points() -> None:
    ramp = np.repeat(np.arange(20, dtype=np.float32)[np.newaxis, :, np.newaxis], 10, 0)
    flow = np.zeros((10, 20, 2), np.float32)
    flow[..., 0] = 1.5
    np.testing.assert_allclose(warped(ramp, flow)[:, :18, ...].squeeze(), ramp[:, :18, 0] + 1.5)
    np.testing.assert_array_equal(warped(ramp, flow)[:, 18:], 19)  # the border goes on
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


@pytest.mark.parametrize(
    ("back", "inside"),
    [
        ((2, 0), (slice(None), slice(0, 58))),
        ((-2, 0), (slice(None), slice(2, 60))),
        ((0, 2), (slice(0, 38), slice(None))),
        ((0, -2), (slice(2, 40), slice(None))),
    ],
)
def test_what_comes_from_outside_is_not_visible(
    back: tuple[int, int], inside: tuple[slice, slice]
) -> None:
    flow = np.full((40, 60, 2), back, np.float32)
    expected = np.zeros((40, 60), bool)
    expected[inside] = True
    np.testing.assert_array_equal(visible(flow, -flow), expected)


@pytest.mark.parametrize(
    ("motion", "miss", "seen"),
    # Sundaram et al. 2010, equation 5: |w + w'|^2 < 0.01 (|w|^2 + |w'|^2) + 0.5, which is
    # 0.49 < 0.505, 0.518 > 0.505, 9 < 9.79, 10.89 > 9.93.
    [(0, 0.7, True), (0, 0.72, False), (20, 3, True), (20, 3.3, False)],
)
def test_there_and_back_may_miss_by_a_share_of_the_motion(
    motion: float, miss: float, seen: bool
) -> None:
    back = np.zeros((8, 60, 2), np.float32)
    there = back.copy()
    back[..., 0], there[..., 0] = -motion, motion + miss
    assert visible(back, there)[4, 40] == seen


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (40, 3)])
def test_small_pictures_have_a_flow_too(size: tuple[int, int], scene: Any) -> None:
    picture = scene.frame(scene.texture(), 0)[: size[0], : size[1]]
    flow = optical_flow(picture, picture)
    assert flow.shape == (*size, 2)
    np.testing.assert_allclose(flow, 0, atol=0.01)


def test_the_flow_of_a_narrow_picture_is_not_held_by_what_is_added_to_it(scene: Any) -> None:
    texture = scene.texture()
    before = texture[72:84, 32 : 32 + scene.width]
    after = texture[71:83, 30 : 30 + scene.width]  # moved by 2 px to the right, 1 px down
    flow = optical_flow(before, after)
    np.testing.assert_allclose(np.median(flow[:, 16:-16], (0, 1)), (2, 1), atol=0.15)
