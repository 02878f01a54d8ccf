from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from adaptive_style_tf.training.palette import AXES, Palette
from adaptive_style_tf.training.surface_colors import gray_and_beside_it, varied

# Along gray, red against green and yellow against blue: bright is yellow, as in the paintings.
TURNED = np.array([[0.04, 0.0, 0.008], [0.0, 0.002, 0.001], [0.008, 0.001, 0.005]])
COVARIANCE = tuple(map(tuple, AXES.T @ TURNED @ AXES))
PALETTE = Palette((0.0,) * 3, (0.3,) * 3, surfaces=(COVARIANCE, COVARIANCE))


def patches(seed, side=256):
    """A field (1, side, side, 3) of patches of some 30 px, of deviation 1 along each axis."""
    white = np.random.default_rng(seed).normal(size=(side, side, 3))
    field = gaussian_filter(white, (12, 12, 0), mode="wrap")
    return (field / field.std(axis=(0, 1)))[None]


def picture(gray=0.0, chroma=0.0):
    """Patches of so much gray and chroma."""
    return ((patches(1) * [gray, chroma, chroma]) @ AXES).astype(np.float32)


def along_axes(pictures):
    return np.asarray(pictures)[0, 20:-20, 20:-20].reshape(-1, 3) @ AXES.T


def test_what_goes_with_gray_and_the_rest_by_hand():
    gray, with_gray, rest = gray_and_beside_it(np.asarray(COVARIANCE))
    assert gray == pytest.approx(0.04)
    assert with_gray == pytest.approx([0, 0.2])
    assert rest == pytest.approx(np.array([[0.002, 0.001], [0.001, 0.005 - 0.0016]]))


def test_strong_grays_stay_nearly_as_they_are():
    before = picture(gray=1.0)
    change = np.asarray(varied(before, PALETTE)) - before
    assert change.mean(axis=-1).std() < 0.15 * before.mean(axis=-1).std()


def test_faint_grays_come_to_vary_nearly_as_in_paintings():
    gray = along_axes(varied(picture(gray=0.02), PALETTE))[:, 0]
    # Two bands that share much of such patches, each of seven tenths of the strength, 0.2.
    assert 0.1 < gray.std() < 0.3


def test_patches_have_one_color_and_end_sharply():
    after = np.asarray(varied(picture(chroma=0.02), PALETTE))[0, 20:-20, 20:-20, 2]
    steps = np.hypot(*np.gradient(after))
    # Of what is only strengthened half of all steps are above 0.45 of those at the steepest edges.
    assert np.median(steps) < 0.3 * np.percentile(steps, 95)


def test_darks_and_lights_vary_less_where_those_of_paintings_do():
    calm = replace(PALETTE, strengths=(-1.0, 0.0, 1.0))
    changes = []
    for gray in (0.0, 0.7):
        before = picture(chroma=0.02) + np.float32(gray)
        changes.append((along_axes(varied(before, calm)) - along_axes(before)).std())
    # By hand: 1 - 0.7^2.
    assert changes[1] / changes[0] == pytest.approx(0.51, abs=0.05)


def test_a_gray_surface_without_any_color_stays_gray():
    flat = np.full((1, 64, 64, 3), 0.3, np.float32)
    np.testing.assert_allclose(varied(flat, PALETTE), flat, atol=1e-5)


def test_faint_colors_come_to_vary_as_in_paintings():
    faint = 0.02
    after = along_axes(varied(picture(chroma=faint), PALETTE))[:, 1:]
    wanted = np.sqrt([0.002, 0.0034])
    # Two bands that share much of such patches, each of seven tenths of the strength.
    assert np.all(after.std(axis=0) > 0.7 * wanted)
    assert np.all(after.std(axis=0) < 2 * wanted)
    assert after[:, 1].std() > 1.1 * after[:, 0].std()  # more of yellow, as there


def test_strong_colors_stay_nearly_as_they_are():
    before = picture(chroma=0.5)
    after = along_axes(varied(before, PALETTE))[:, 1:]
    change = after - along_axes(before)[:, 1:]
    assert change.std() < 0.05 * after.std()


def test_what_is_bright_becomes_warm():
    before = picture(gray=0.2)
    gray, red, yellow = along_axes(varied(before, PALETTE)).T
    assert np.corrcoef(gray, yellow)[0, 1] > 0.8
    assert yellow.std() > 20 * red.std()


def test_what_is_made_brighter_becomes_warm_too():
    gray, _, yellow = along_axes(varied(picture(gray=0.02), PALETTE)).T
    # By hand: half of 0.2 of gray, and less where two bands share it; of the photograph's own
    # faint gray alone it would be a tenth of that.
    assert yellow.std() > 0.04 * gray.std()
    assert np.corrcoef(gray, yellow)[0, 1] > 0.8


def test_without_surfaces_in_the_palette_nothing_changes():
    before = picture(0.3, 0.1)
    after = varied(before, Palette((0.0,) * 3, (0.3,) * 3))
    np.testing.assert_allclose(after, before, atol=1e-5)
