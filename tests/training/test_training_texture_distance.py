import math

import numpy as np
import pytest
import tensorflow as tf

from adaptive_style_tf.training.texture_distance import texture_distance

LEAST = 0.01  # the strength of what is flat, the root of the least mean square
ROWS, COLUMNS = np.mgrid[:64, :64]


def picture(values):
    return tf.constant(np.repeat(values[None, :, :, None], 3, axis=3).astype(np.float32))


def distance(one, other):
    return float(texture_distance(picture(one), picture(other)))


def alternating(places, size=1):
    return 0.2 * (-1.0) ** (places // size)


FLAT = np.zeros((64, 64))
CHECKS = alternating(ROWS) * alternating(COLUMNS) / 0.2


def test_the_same_texture_elsewhere_is_no_difference():
    assert distance(CHECKS, -CHECKS) == pytest.approx(0, abs=1e-7)
    noise = np.random.default_rng(0).normal(0, 0.2, (64, 64))
    assert distance(noise, np.roll(noise, (4, 8), (0, 1))) < 0.25 * distance(noise, FLAT)


def test_flat_against_checks_by_hand():
    # Pixels side by side differ by 0.4, on diagonals they do not. Their means of 2 x 2 px are flat.
    expected = 2 / 4 * (math.sqrt(0.4**2 + LEAST**2) - LEAST)
    assert distance(FLAT, CHECKS) == pytest.approx(expected, rel=1e-5)


def test_checks_of_two_pixels_are_seen_in_both_sizes():
    checks = alternating(ROWS, 2) * alternating(COLUMNS, 2) / 0.2
    coarse = 2 / 4 * (math.sqrt(0.4**2 + LEAST**2) - LEAST)
    # In half of all places neighbors in a row, in a column or diagonally differ by 0.4.
    fine = math.sqrt(0.4**2 / 2 + LEAST**2) - LEAST
    assert distance(FLAT, checks) == pytest.approx(coarse + fine, rel=1e-3)


def test_stripes_of_another_direction_differ():
    level, upright = alternating(ROWS), alternating(COLUMNS)
    # Stripes differ one way and diagonally: two of four directions change.
    expected = 2 / 4 * (math.sqrt(0.4**2 + LEAST**2) - LEAST)
    assert distance(level, upright) == pytest.approx(expected, rel=1e-5)
    slanted = alternating(ROWS + COLUMNS, 2)
    assert distance(slanted, slanted[:, ::-1]) > 0.3 * expected


def test_a_weave_differs_from_strokes_as_strong_as_it():
    # Columns by chance, and in twos: neighboring pixels differ as often.
    chance = np.random.default_rng(3).choice([-0.2, 0.2], 64)[COLUMNS]
    weave = alternating(COLUMNS, 2)
    # Means of two columns differ by 0.2 in the mean square, or all by 0.4: in three directions.
    assert distance(chance, weave) == pytest.approx(3 / 4 * 0.2, rel=0.3)


def test_the_nearer_in_strength_the_smaller():
    noise = np.random.default_rng(1).normal(0, 0.2, (64, 64))
    distances = [distance(share * noise, noise) for share in (0, 0.5, 0.9, 1, 1.2)]
    assert distances == sorted(distances[:4], reverse=True) + distances[4:]
    assert distances[3] == 0 < distances[4]


def test_places_count_each_by_itself():
    # As much texture in all, in the other half.
    left = np.where(COLUMNS < 32, CHECKS, 0)
    assert distance(left, left[:, ::-1]) > 0.8 * distance(FLAT, CHECKS)


def test_a_flat_result_learns_from_it():
    flat = tf.Variable(0.01 * np.random.default_rng(2).normal(size=(1, 64, 64, 3)), dtype="float32")
    with tf.GradientTape() as tape:
        value = texture_distance(flat, picture(CHECKS))
    gradient = tape.gradient(value, flat).numpy()
    assert np.isfinite(gradient).all()
    step = 1e-3 * gradient / np.abs(gradient).max()
    assert float(texture_distance(flat - step, picture(CHECKS))) < float(value)
