import math

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from adaptive_style_tf.images.grain import grain
from adaptive_style_tf.inference.carried_grain import CarriedGrain
from adaptive_style_tf.inference.motion import visible
from adaptive_style_tf.inference.scene_motion import Motion

HEIGHT, WIDTH = 96, 128
RESTING = grain(HEIGHT, WIDTH)


def moved_by(x: float, y: float = 0.0) -> Motion:
    """A scene that moves by so many px, seen wherever it was in the frame before."""
    return into(np.broadcast_to(np.float32([-x, -y]), (HEIGHT, WIDTH, 2)))


def into(back: np.ndarray) -> Motion:
    return Motion(back, visible(back, -back))


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_the_first_grain_is_that_of_a_single_picture() -> None:
    np.testing.assert_array_equal(CarriedGrain().into(None, RESTING), RESTING)
    np.testing.assert_array_equal(CarriedGrain().into(moved_by(3), RESTING), RESTING)


def test_grain_moves_with_the_scene() -> None:
    carried = CarriedGrain()
    carried.into(None, RESTING)
    after = carried.into(moved_by(7, 4), RESTING)
    # A mixture of 0.8 and 0.2 of two independent fields is so much like the one and the other. The
    # broad fifth is like both: in 8 px it hardly changes.
    size = math.hypot(0.8, 0.2)
    moved, rested = RESTING[16:-24, 13:-27], RESTING[20:-20, 20:-20]
    assert likeness(after[20:-20, 20:-20], moved) == pytest.approx(0.8 / size, abs=0.02)
    expected = 0.8 * 0.2 / size + 0.2
    assert likeness(after[20:-20, 20:-20], rested) == pytest.approx(expected, abs=0.1)


def test_grain_moves_on_from_where_it_was() -> None:
    carried = CarriedGrain()
    carried.into(None, RESTING)
    for _ in range(3):
        after = carried.into(moved_by(4), RESTING)
    # By hand: shares of 0.8 cubed of the first, all independent.
    shares = [0.8**3, *(0.2 * 0.8**number for number in range(3))]
    moved = RESTING[20:-20, 8:-32]
    expected = shares[0] / math.hypot(*shares)
    assert likeness(after[20:-20, 20:-20], moved) == pytest.approx(expected, abs=0.1)


def test_grain_of_a_scene_at_rest_rests() -> None:
    carried = CarriedGrain()
    for _ in range(10):
        np.testing.assert_allclose(carried.into(moved_by(0), RESTING), RESTING, atol=1e-4)


def test_grain_keeps_its_strength_under_ever_new_motion() -> None:
    carried = CarriedGrain()
    for _ in range(30):
        field = carried.into(moved_by(0.4, -0.3), RESTING)[20:-20, 20:-20]
    assert field.std() == pytest.approx(1, abs=0.03)


def test_broad_grain_does_not_outgrow_the_fine_under_slow_motion() -> None:
    height, width = 384, 512
    motion = Motion(
        np.full((height, width, 2), (0.4, -0.3), np.float32), np.ones((height, width), bool)
    )
    resting = grain(height, width)
    carried = CarriedGrain()
    for _ in range(30):
        field = carried.into(motion, resting)
    broad = [gaussian_filter(f, (5, 5, 0))[50:-50, 50:-50].std() for f in (field, resting)]
    assert broad[0] == pytest.approx(broad[1], rel=0.15)
    assert field[50:-50, 50:-50].std() == pytest.approx(1, abs=0.05)


def test_grain_does_not_grow_as_a_camera_comes_nearer() -> None:
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
    nearer = into(np.dstack([columns - WIDTH / 2, rows - HEIGHT / 2]) * np.float32(-0.02))
    carried = CarriedGrain()
    for _ in range(40):  # by a factor of 2.2 in all
        field = carried.into(nearer, RESTING)
    # Neighbors three pixels apart are more alike the larger it is; 0.42 at rest.
    assert likeness(field[:, 3:], field[:, :-3]) < 0.72
    assert field.std() == pytest.approx(1, abs=0.03)


def test_what_is_new_has_the_resting_grain() -> None:
    carried, motion = CarriedGrain(), moved_by(9)
    motion.seen[:, :50] = False
    carried.into(None, RESTING)
    after = carried.into(motion, RESTING)
    np.testing.assert_array_equal(after[:, :50], RESTING[:, :50])
    assert (after[:, 50:] != RESTING[:, 50:]).mean() > 0.99


def test_a_frame_without_a_motion_has_the_resting_grain() -> None:
    carried = CarriedGrain()
    carried.into(None, RESTING)
    carried.into(moved_by(5), RESTING)
    np.testing.assert_array_equal(carried.into(None, RESTING), RESTING)
    np.testing.assert_array_equal(carried.into(None, RESTING[:20]), RESTING[:20])
