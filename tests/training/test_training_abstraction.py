"""Against SciPy's Gaussian filter, and by what painting in patches means."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy.ndimage import gaussian_filter

from adaptive_style_tf.training.abstraction import (
    Neighborhoods,
    abstracted,
    means_of_the_most_even,
)


def noise(*shape, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def two_colors(side=32):
    picture = np.full((1, side, side, 3), -0.5, np.float32)
    picture[:, :, side // 2 :] = 0.5, 0.3, 0.1
    return picture


def by_scipy(picture, passes=2, spread=1.2, distance=2.0):
    """All passes in float64: means of the neighborhoods, weighed by their variances."""
    result = picture.astype(np.float64)
    for _ in range(passes):
        blur = [
            gaussian_filter(v, (spread, spread, 0), mode="mirror", radius=math.ceil(3 * spread))
            for v in (result, result**2)
        ]
        means, variances = blur[0], (blur[1] - blur[0] ** 2).sum(axis=-1)
        weights = np.maximum(variances, 1e-6) ** -4.0
        far, near = round(distance), round(distance * 0.5**0.5)
        around = [(0, far), (near, near), (far, 0), (near, -near)]
        around += [(-down, -right) for down, right in around]
        height, width = weights.shape
        means = np.pad(means, [(far, far), (far, far), (0, 0)], mode="reflect")
        weights = np.pad(weights, far, mode="reflect")
        here = [
            (slice(far + y, far + y + height), slice(far + x, far + x + width)) for y, x in around
        ]
        total = sum(weights[part] for part in here)
        result = sum(weights[part][..., None] * means[part] for part in here) / total[..., None]
    return result


def test_each_pixel_is_the_mean_of_its_most_even_neighborhoods():
    pictures = np.stack([noise(20, 27, 3, seed=seed) for seed in range(2)])
    pictures[1] *= 0.05  # little contrast
    found = np.asarray(abstracted(pictures))
    for picture, result in zip(pictures, found, strict=True):
        np.testing.assert_allclose(result, by_scipy(picture), atol=2e-3)


def test_neighborhoods_may_be_larger_and_values_of_any_number_of_channels():
    values = noise(40, 30, 2)
    found = means_of_the_most_even(values[None], Neighborhoods(spread=3.0, distance=5.0))[0]
    np.testing.assert_allclose(found, by_scipy(values, 1, 3.0, 5.0), atol=2e-3)


def test_a_flat_picture_stays_as_it_is():
    flat = np.broadcast_to(np.float32([0.7, -0.2, 0.1]), (1, 16, 16, 3))
    np.testing.assert_allclose(abstracted(flat), flat, atol=1e-6)


def test_an_edge_stays_sharp():
    picture = two_colors()
    found = np.asarray(abstracted(picture))
    steps, before = (np.abs(np.diff(p[0, 16, :, 0])) for p in (found, picture))
    assert np.argmax(steps) == np.argmax(before)
    assert steps.max() > 0.9 * before.max()
    blurred = np.diff(gaussian_filter(picture[0, 16, :, 0], 1.2))
    assert np.abs(blurred).max() < 0.4 * before.max()  # what its Gaussian alone would leave


def test_what_is_smaller_than_a_patch_goes():
    picture = two_colors() + 0.1 * noise(1, 32, 32, 3)
    left = np.asarray(abstracted(picture))[0, :, :14]
    assert left.std(axis=(0, 1)).mean() < 0.5 * picture[0, :, :14].std(axis=(0, 1)).mean()


@pytest.mark.parametrize("turned", [np.flipud, np.fliplr, np.rot90])
def test_no_direction_is_preferred(turned):
    picture = noise(24, 24, 3)
    expected = turned(np.asarray(abstracted(picture[None]))[0])
    found = np.asarray(abstracted(np.ascontiguousarray(turned(picture))[None]))[0]
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_values_stay_in_range_and_finite():
    picture = np.sign(noise(1, 40, 40, 3))
    found = np.asarray(abstracted(picture))
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 1 + 1e-5


def test_no_gradient_flows_through():
    picture = tf.constant(noise(1, 16, 16, 3))
    with tf.GradientTape() as tape:
        tape.watch(picture)
        total = keras.ops.sum(abstracted(picture))
    assert tape.gradient(total, picture) is None
