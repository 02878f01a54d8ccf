"""Against SciPy's filters and by hand."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter, uniform_filter

from adaptive_style_tf.training.local_means import (
    enlarged,
    framed,
    gaussian,
    local_mean,
    quartered,
)


def noise(*shape):
    return np.random.default_rng(3).uniform(-1, 1, shape).astype(np.float32)


@pytest.mark.parametrize(("spread", "reach"), [(0.7, 3), (1.5, 5), (4.0, 12)])
def test_gaussian_is_scipys(spread, reach):
    values = noise(2, 30, 41, 5)
    spreads, reaches = (0, spread, spread, 0), (0, reach, reach, 0)
    expected = gaussian_filter(values, spreads, mode="mirror", radius=reaches)
    np.testing.assert_allclose(gaussian(values, spread), expected, atol=1e-5)


def test_a_gaussian_wider_than_the_picture_reaches_to_its_borders():
    values = noise(1, 16, 24, 2)
    expected = gaussian_filter(values, (0, 10, 10, 0), mode="mirror", radius=(0, 15, 15, 0))
    np.testing.assert_allclose(gaussian(values, 10.0), expected, atol=1e-5)


def test_local_mean_is_scipys():
    values = noise(2, 20, 31, 3)
    expected = uniform_filter(values, (1, 9, 9, 1), mode="mirror")
    np.testing.assert_allclose(local_mean(values, 9), expected, atol=1e-5)


def test_beyond_the_frame_lies_a_reflection_without_the_edge_itself():
    row = np.arange(4.0, dtype=np.float32).reshape(1, 1, 4, 1) + np.zeros((1, 4, 1, 1), np.float32)
    assert np.asarray(framed(row, 2))[0, 0, :, 0].tolist() == [2, 1, 0, 1, 2, 3, 2, 1]


def test_a_quarter_is_the_mean_of_sixteen_pixels():
    values = noise(2, 8, 12, 3)
    expected = values.reshape(2, 2, 4, 3, 4, 3).mean(axis=(2, 4))
    np.testing.assert_allclose(quartered(values), expected, atol=1e-6)


def test_an_even_slope_survives_being_quartered_and_enlarged():
    slope = np.broadcast_to(np.linspace(-1, 1, 32, dtype=np.float32)[:, None, None], (1, 32, 16, 2))
    back = np.asarray(enlarged(quartered(slope)))
    assert back.shape == slope.shape
    np.testing.assert_allclose(back[:, 2:-2], slope[:, 2:-2], atol=1e-5)  # at the border it is flat
