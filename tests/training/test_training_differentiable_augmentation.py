"""Every change by hand, and all together against DiffAugment's published code."""

import numpy as np
import pytest
import tensorflow as tf
from scipy.ndimage import gaussian_filter

from adaptive_style_tf.training.differentiable_augmentation import (
    COLUMNS,
    augmented,
    brightened,
    contrasted,
    cropped,
    cut,
    numbers_of_step,
    random_numbers,
    saturated,
    translated,
)
from adaptive_style_tf.training.settings import settings_from

ALL = ("color", "translation", "cutout")


def pictures(count=2, height=24, width=32, seed=1):
    random = np.random.default_rng(seed)
    return random.uniform(-1, 1, (count, height, width, 3)).astype(np.float32)


def amounts(*values):
    return tf.reshape(tf.constant(values, tf.float32), (-1, 1, 1, 1))


def whole(*values):
    return tf.constant(values, tf.int32)


def changed(given, *policies, **columns):
    """The pictures where all random numbers are 0.5, but for these columns."""
    order = ["brightness", "saturation", "contrast", "down", "right", "hole_row", "hole_column"]
    order += ["top", "left"]
    numbers = np.full((len(given), COLUMNS), 0.5, np.float32)
    for name, value in columns.items():
        numbers[:, order.index(name)] = value
    return np.asarray(augmented(tf.constant(given), policies, tf.constant(numbers)))


# Blur


def test_blur_is_scipys_and_the_same_for_every_picture_and_number():
    given = pictures()
    expected = gaussian_filter(given, (0, 1.5, 1.5, 0), mode="mirror", radius=(0, 5, 5, 0))
    np.testing.assert_allclose(changed(given, "blur"), expected, atol=1e-5)
    np.testing.assert_allclose(changed(given, "blur", top=0.1, hole_row=0.9), expected, atol=1e-5)


# Color


def test_brightness_adds_a_constant():
    given = pictures()
    found = np.asarray(brightened(given, amounts(0.25, -0.5)))
    np.testing.assert_allclose(found[0], given[0] + 0.25, atol=1e-6)
    np.testing.assert_allclose(found[1], given[1] - 0.5, atol=1e-6)


def test_saturation_moves_away_from_each_pixels_gray():
    pixel = np.array([0.9, 0.3, 0.0], np.float32).reshape(1, 1, 1, 3)  # gray 0.4
    given = np.concatenate([pixel] * 3)
    found = np.asarray(saturated(given, amounts(0, 1, 2)))[:, 0, 0]
    expected = [[0.4, 0.4, 0.4], [0.9, 0.3, 0.0], [1.4, 0.2, -0.4]]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_contrast_moves_away_from_the_pictures_mean():
    given = np.array([[0.0, 0.2, 0.4], [0.6, 0.0, 0.0]], np.float32).reshape(1, 1, 2, 3)  # mean 0.2
    found = np.asarray(contrasted(given, amounts(1.5)))[0, 0]
    np.testing.assert_allclose(found, [[-0.1, 0.2, 0.5], [0.8, -0.1, -0.1]], atol=1e-6)


def test_color_in_the_middle_of_its_range_changes_nothing():
    np.testing.assert_allclose(changed(pictures(), "color"), pictures(), atol=1e-6)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"brightness": 0.0}, [[-0.3, 0.1], [-0.5, -0.1]]),  # from -0.5 on
        ({"saturation": 0.0}, [[0.25, 0.25], [0.25, 0.25]]),  # from gray on
        ({"contrast": 0.0}, [[0.225, 0.425], [0.125, 0.325]]),  # from half on
    ],
)
def test_the_lower_ends_of_the_colors_ranges(columns, expected):
    # Two pixels of green 0.2, 0.6 and red 0, 0.4; blue keeps gray and mean at 0.25.
    given = np.array([[[0.0, 0.2, 0.55], [0.4, 0.6, -0.25]]], np.float32)[np.newaxis]
    found = changed(given, "color", **columns)[0, 0]
    np.testing.assert_allclose([found[:, 1], found[:, 0]], expected, atol=1e-6)


# Translation


def test_translation_moves_by_whole_pixels_and_fills_with_zeros():
    given = pictures(3)
    found = np.asarray(translated(given, whole(2, -3, 0), whole(-1, 4, 0), (3, 4)))
    assert found.shape == given.shape
    np.testing.assert_array_equal(found[0, 2:, :-1], given[0, :-2, 1:])
    assert not found[0, :2].any()
    assert not found[0, :, -1:].any()
    np.testing.assert_array_equal(found[1, :-3, 4:], given[1, 3:, :-4])
    assert not found[1, -3:].any()
    assert not found[1, :, :4].any()
    np.testing.assert_array_equal(found[2], given[2])


def test_translation_goes_up_to_an_eighth_of_a_side():
    given = pictures(1)  # 24 x 32: 3 and 4 px
    least = changed(given, "translation", down=0.0, right=0.0)
    np.testing.assert_array_equal(least[:, :-3, :-4], given[:, 3:, 4:])
    almost_one = np.nextafter(np.float32(1), np.float32(0))
    most = changed(given, "translation", down=almost_one, right=almost_one)
    np.testing.assert_array_equal(most[:, 3:, 4:], given[:, :-3, :-4])
    np.testing.assert_array_equal(changed(given, "translation"), given)


# Cutout


def test_cutout_makes_a_hole_where_it_is_told():
    given = pictures()
    found = np.asarray(cut(given, whole(3, -2), whole(20, 1), (12, 16)))
    expected = given.copy()
    expected[0, 3:15, 20:36] = 0
    expected[1, :10, 1:17] = 0
    np.testing.assert_array_equal(found, expected)


def test_the_hole_has_half_of_each_side():
    holes = changed(pictures(1), "cutout") == 0
    assert holes.sum() == 12 * 16 * 3
    # The middle of 0 to 24 and of 0 to 32, so the hole begins at a quarter.
    assert holes[0, 6:18, 8:24].all()


@pytest.mark.parametrize("number", [0.0, np.nextafter(np.float32(1), np.float32(0))])
def test_at_the_very_edge_a_quarter_of_the_hole_is_inside(number):
    holes = changed(pictures(1), "cutout", hole_row=number, hole_column=number) == 0
    assert holes.sum() == 6 * 8 * 3


# Crop


def test_a_crop_leaves_out_16_rows_and_columns():
    given = pictures(3)
    found = np.asarray(cropped(given, whole(0, 5, 16), whole(16, 2, 0)))
    expected = [given[0, :8, 16:], given[1, 5:13, 2:18], given[2, 16:, :16]]
    np.testing.assert_array_equal(found, expected)


def test_the_crops_corner_lies_anywhere_in_16_px():
    given = pictures(1)
    np.testing.assert_array_equal(changed(given, "crop", top=0.0, left=0.0), given[:, :8, :16])
    most = np.nextafter(np.float32(1), np.float32(0))
    found = changed(given, "crop", top=most, left=most)
    np.testing.assert_array_equal(found, given[:, 15:23, 15:31])
    random, corners = np.random.default_rng(0), set()
    marked = np.zeros((1, 32, 32, 3), np.float32)
    marked[0, 15, 15] = 1
    for _ in range(400):
        top, left = random.uniform(size=2).astype(np.float32)
        row, column = np.argwhere(changed(marked, "crop", top=top, left=left)[0, ..., 0])[0]
        corners |= {("row", row), ("column", column)}
    assert corners == {(axis, at) for axis in ("row", "column") for at in range(16)}


# Together


def published(picture, policies, numbers):
    """DiffAugment of one picture, after its PyTorch code: gathered by clamped grids."""
    height, width, _ = picture.shape
    for policy in policies:
        if policy == "color":
            picture = picture + (numbers[0] - 0.5)
            gray = picture.mean(axis=-1, keepdims=True)
            picture = (picture - gray) * (numbers[1] * 2) + gray
            picture = (picture - picture.mean()) * (numbers[2] + 0.5) + picture.mean()
        elif policy == "translation":
            grids = []
            for side, number in ((height, numbers[3]), (width, numbers[4])):
                most = int(side * 0.125 + 0.5)
                moved = -most + int(number * (2 * most + 1))  # randint(-most, most + 1)
                grids.append(np.clip(np.arange(side) - moved + 1, 0, side + 1))
            picture = np.pad(picture, [(1, 1), (1, 1), (0, 0)])[np.ix_(*grids)]
        else:
            grids = []
            for side, number in ((height, numbers[5]), (width, numbers[6])):
                size = int(side * 0.5 + 0.5)
                offset = int(number * (side + (1 - size % 2)))  # randint
                grids.append(np.clip(np.arange(size) + offset - size // 2, 0, side - 1))
            mask = np.ones((height, width, 1))
            mask[np.ix_(*grids)] = 0
            picture = picture * mask
    return picture


@pytest.mark.parametrize("policies", [ALL, ALL[::-1], ("translation",), ("cutout", "color")])
@pytest.mark.parametrize("size", [(24, 32), (26, 21)])
def test_all_changes_are_those_of_the_published_code(policies, size):
    given, numbers = pictures(16, *size), random_numbers(7, 3, 16)
    found = np.asarray(augmented(tf.constant(given), policies, tf.constant(numbers)))
    for index in range(16):
        expected = published(given[index].astype(np.float64), policies, numbers[index])
        np.testing.assert_allclose(found[index], expected, atol=1e-6)


def test_gradients_pass_through_all_changes():
    given, numbers = tf.constant(pictures()), tf.constant(random_numbers(7, 3, 2))
    weights = pictures(seed=2)
    with tf.GradientTape() as tape:
        tape.watch(given)
        total = tf.reduce_sum(augmented(given, ALL, numbers) * weights)
    gradient = tape.gradient(total, given).numpy().astype(np.float64)
    # Every change is linear or adds a constant, so that differences are exact.
    for seed in range(3):
        moved = given + pictures(seed=10 + seed)
        difference = tf.reduce_sum(augmented(moved, ALL, numbers) * weights) - total
        assert float(difference) == pytest.approx(
            np.sum(gradient * pictures(seed=10 + seed)), abs=1e-3
        )
        assert abs(float(difference)) > 1


# Random numbers


def test_numbers_are_those_of_seed_and_step():
    numbers = random_numbers(5, 9, 6)
    assert (numbers.shape, numbers.dtype) == ((6, COLUMNS), np.float32)
    np.testing.assert_array_equal(numbers, random_numbers(5, 9, 6))
    for other in (random_numbers(5, 10, 6), random_numbers(6, 9, 6)):
        assert (numbers != other).all()
    assert len(np.unique(numbers)) == numbers.size  # each picture and each change has its own
    assert random_numbers(2**63 - 1, 2**31, 1).shape == (1, COLUMNS)


def test_numbers_are_spread_evenly_below_one():
    numbers = random_numbers(0, 0, 10_000)
    counts, _ = np.histogram(numbers, bins=10, range=(0, 1))
    assert counts.sum() == numbers.size
    np.testing.assert_allclose(counts, 9000, rtol=0.05)
    assert numbers.max() < 1


def test_a_step_has_numbers_for_all_that_the_discriminator_sees():
    settings = settings_from({"diff_augment": "color", "seed": 4, "batch_size": 2})
    np.testing.assert_array_equal(numbers_of_step(settings, 8), random_numbers(4, 8, 3 * 2))
    assert numbers_of_step(settings_from({"seed": 4}), 8) is None
