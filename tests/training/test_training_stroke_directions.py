import math

import numpy as np
import pytest
import tensorflow as tf
from scipy.ndimage import gaussian_filter

from adaptive_style_tf.training.stroke_directions import SLANT, stroke_directions


def stripes(angle, side=128, wavelength=16):
    """A picture (1, side, side, 3) of stripes that run at this angle, in degrees, y down."""
    rows, columns = np.mgrid[:side, :side]
    across = rows * math.cos(math.radians(angle)) - columns * math.sin(math.radians(angle))
    gray = np.sin(2 * math.pi * across / wavelength)
    return np.repeat(gray[None, :, :, None], 3, axis=3).astype(np.float32)


@pytest.mark.parametrize("angle", [0, 30, 90, 135, 160])
def test_strokes_run_along_stripes(angle):
    cosines, sines = (np.asarray(part)[0, 20:-20, 20:-20] for part in directions(stripes(angle)))
    wanted = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    assert np.abs(cosines * wanted[0] + sines * wanted[1]).min() > 0.99  # up to the sign


def directions(picture):
    return stroke_directions(tf.constant(picture))


def test_strokes_are_slanted_where_nothing_else_decides():
    cosines, sines = directions(np.full((1, 64, 64, 3), 0.3, np.float32))
    along = np.abs(cosines * math.cos(SLANT) + sines * math.sin(SLANT))
    np.testing.assert_allclose(along, 1, atol=1e-5)


def test_in_flat_parts_groups_of_strokes_differ_a_little_from_the_slant():
    white = np.random.default_rng(2).normal(size=(256, 256, 1))
    patches = gaussian_filter(white, (16, 16, 0), mode="wrap")
    faint = np.repeat(0.005 * patches / patches.std(), 3, axis=2)[None].astype(np.float32)
    cosines, sines = (np.asarray(part)[0] for part in directions(faint))
    angles = np.degrees(np.arctan2(sines, cosines)) % 180
    assert np.percentile(angles, 5) == pytest.approx(125 - 25, abs=8)
    assert np.percentile(angles, 95) == pytest.approx(125 + 25, abs=8)


@pytest.mark.parametrize("angle", [0, 80])
def test_where_edges_are_faint_strokes_run_along_the_larger_shapes(angle):
    broad = 0.5 * stripes(angle, side=256, wavelength=96)
    cosines, sines = (np.asarray(part)[0, 40:-40, 40:-40] for part in directions(broad))
    along = np.abs(cosines * math.cos(math.radians(angle)) + sines * math.sin(math.radians(angle)))
    # At their crests, where neighboring pixels are alike; the slant alone has 0.57 and 0.71.
    assert along.min() > 0.9


def test_directions_of_a_batch_are_each_pictures_own():
    both = np.concatenate([stripes(30), stripes(110)])
    together = np.stack(directions(both), axis=-1)
    for number in range(2):
        alone = np.stack(directions(both[number : number + 1]), axis=-1)
        np.testing.assert_allclose(together[number], alone[0], atol=1e-4)
