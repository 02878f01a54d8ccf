import math
from dataclasses import replace

import numpy as np
import pytest

from adaptive_style_tf.training.palette import (
    AXES,
    STROKE_WIDTHS,
    SURFACE_WIDTHS,
    Palette,
    in_palette,
    measured_palette,
    square_root,
    strength_at,
    strengths_by_gray,
    usual,
)

PALETTE = Palette((0.2, 0.0, -0.3), (0.3, 0.2, 0.1))


def pictures(seed, side=64):
    return np.random.default_rng(seed).uniform(-1, 1, (2, side, side, 3)).astype(np.float32)


def test_mean_and_deviation_by_hand():
    # Two crops, half of their columns each: red -1, 1 and 0, 0.5; green and blue constant.
    crops = np.zeros((2, 64, 64, 3), np.float32)
    crops[0, :, :32, 0], crops[0, :, 32:, 0] = -1, 1
    crops[1, :, 32:, 0] = 0.5
    crops[..., 1] = 0.25
    palette = measured_palette(crops)
    assert palette.mean == pytest.approx((0.125, 0.25, 0))
    assert palette.deviation == pytest.approx(((1 + 0.25) / 2, 0, 0))


def test_streaks_of_noise_have_the_strength_of_its_two_blurs_and_its_colors():
    # White noise through the difference of two Gaussians a, b keeps, of its variance,
    # 1 / (4 pi a^2) + 1 / (4 pi b^2) - 1 / (pi (a^2 + b^2)).
    colors = np.array([[0.04, 0.03, 0.0], [0.03, 0.05, 0.01], [0.0, 0.01, 0.02]])
    random = np.random.default_rng(5)
    crops = random.multivariate_normal(np.zeros(3), colors, (8, 256, 256)).astype(np.float32)
    for found, (a, b) in zip(measured_palette(crops).strokes, STROKE_WIDTHS, strict=True):
        kept = 1 / (4 * a**2) + 1 / (4 * b**2) - 1 / (a**2 + b**2)
        # The finest blur is only a pixel wide, so its sum over pixels is not quite the integral.
        assert np.asarray(found) == pytest.approx(colors * kept / math.pi, rel=0.25, abs=2e-4)


def test_what_varies_within_surfaces_has_the_strength_of_its_two_blurs():
    # A quarter's pixel is the mean of 16, which have a sixteenth of the variance.
    random = np.random.default_rng(6)
    crops = random.normal(size=(24, 256, 256, 3)).astype(np.float32)
    for found, (a, b) in zip(measured_palette(crops).surfaces, SURFACE_WIDTHS, strict=True):
        kept = 1 / (4 * a**2) + 1 / (4 * b**2) - 1 / (a**2 + b**2)
        variance = kept / math.pi / 16
        assert np.asarray(found) / variance == pytest.approx(np.eye(3), abs=0.2)


def test_the_axes_of_colors_are_at_right_angles_and_begin_with_gray():
    np.testing.assert_allclose(AXES @ AXES.T, np.eye(3), atol=1e-12)
    assert AXES[0] == pytest.approx(np.full(3, 3**-0.5))


def test_the_square_root_of_a_covariance_gives_values_this_one():
    colors = np.array([[0.04, 0.03, 0.0], [0.03, 0.05, 0.01], [0.0, 0.01, 0.02]])
    independent = np.random.default_rng(7).normal(size=(100_000, 3))
    found = np.cov((independent @ square_root(colors)).T)
    assert found == pytest.approx(colors, abs=6e-4)
    assert square_root(colors) == pytest.approx(square_root(colors).T)


def test_what_is_usual_leaves_out_the_weak_and_the_strong():
    found = [np.eye(3) * value for value in (9.0, 0.0, 3.0, 100.0, 3.0)]
    assert np.asarray(usual(found)) == pytest.approx(3 * np.eye(3))


def test_strengths_by_gray_are_a_parabola_through_what_is_measured():
    # Squares of noise whose strength falls by (g - 0.25)^2: the usual one is the median, of g = 0.
    grays = np.linspace(-0.75, 0.75, 7)
    random = np.random.default_rng(8)
    crops = [
        (gray + 0.05 * (2 - (gray - 0.25) ** 2) * random.normal(size=(64, 64, 3))) for gray in grays
    ]
    palette = measured_palette(np.float32(crops))
    wanted = 2 - (grays - 0.25) ** 2
    wanted /= np.median(wanted)
    np.testing.assert_allclose(strength_at(grays, palette), wanted, atol=0.1)


def test_contours_do_not_count_for_more_than_twice_what_is_usual():
    strong = [np.eye(3) * value for value in (1.0, 1.0, 1.0, 100.0)]
    a, b, c = strengths_by_gray([0.0, 0.0, 0.0, 0.0], strong)
    assert a * 0 + b * 0 + c == pytest.approx((1 + 1 + 1 + 2) / 4)


def test_strengths_of_few_squares_and_of_none_are_finite():
    assert strengths_by_gray([0.5], [np.eye(3)]) != pytest.approx((0, 0, 0))
    assert strengths_by_gray([0.5, 0.1], [np.zeros((3, 3))] * 2) == pytest.approx((0, 0, 0))


def test_strengths_stay_within_bounds():
    steep = Palette((0.0,) * 3, (0.3,) * 3, strengths=(-9.0, 0.0, 3.0))
    np.testing.assert_allclose(strength_at(np.array([0.0, 0.5, 1.0]), steep), [2, 0.75, 0.3])


def test_a_palette_of_no_streaks_is_the_default():
    assert np.asarray(PALETTE.strokes).shape == (len(STROKE_WIDTHS), 3, 3)
    assert np.asarray(PALETTE.surfaces).shape == (len(SURFACE_WIDTHS), 3, 3)
    assert not np.any(PALETTE.strokes)
    assert not np.any(PALETTE.surfaces)
    assert not np.any(PALETTE.tones)
    np.testing.assert_allclose(strength_at(np.array([-1.0, 0.0, 1.0]), PALETTE), 1)


TONES = ((0.2, -0.1, 0.05), (-0.1, 0.0, 0.08))


def chroma_and_gray(values):
    """Along the second and third axis `(..., 2)`, and the mean of the channels `(...)`."""
    return values @ AXES[1:].T, values.mean(axis=-1)


def of_tones(gray):
    return np.stack([np.polyval(tone, gray) for tone in TONES], axis=-1)


def test_tones_are_the_parabola_of_colors_over_grays():
    random = np.random.default_rng(9)
    grays = random.uniform(-0.8, 0.8, (6, 16, 16)).repeat(4, axis=1).repeat(4, axis=2)
    chroma = of_tones(grays) + 0.02 * random.normal(size=(*grays.shape, 2))
    crops = np.float32(grays[..., None] + chroma @ AXES[1:])
    np.testing.assert_allclose(measured_palette(crops).tones, TONES, atol=5e-3)


def test_a_gray_photograph_gets_the_tones():
    toned = replace(PALETTE, tones=TONES)
    gray = np.repeat(pictures(2)[..., :1], 3, axis=-1)
    for saturation in (1.0, 1.5):
        moved = np.asarray(in_palette(gray, toned, saturation))
        chroma, found = chroma_and_gray(moved)
        np.testing.assert_allclose(chroma, of_tones(found), atol=1e-5)
        np.testing.assert_allclose(
            found, np.asarray(in_palette(gray, PALETTE)).mean(axis=-1), atol=1e-5
        )


def test_colors_lie_beside_their_tones_as_far_as_beside_gray():
    small = Palette((0.1, 0.0, -0.1), (0.1, 0.2, 0.15), tones=TONES)
    picture = pictures(3)
    chroma, gray = chroma_and_gray(np.asarray(in_palette(picture, small)))
    # By hand: channels with the palette's deviations, less those of a gray picture as bright.
    spread = (picture - picture.mean(axis=(1, 2), keepdims=True)) * np.array([0.1, 0.2, 0.15])
    spread = spread / picture.std(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(gray, spread.mean(axis=-1), atol=1e-5)
    line = spread.mean(axis=-1, keepdims=True) / 0.15 * np.array([0.1, 0.2, 0.15])
    beside = (spread - line) @ AXES[1:].T
    np.testing.assert_allclose(chroma - of_tones(gray), beside, atol=1e-5)


def test_in_palette_gray_has_the_palettes_mean_and_deviation():
    gray = np.repeat(0.4 * pictures(1)[..., :1] + 0.5, 3, axis=-1)
    _, found = chroma_and_gray(np.asarray(in_palette(gray, PALETTE)))
    np.testing.assert_allclose(found.mean(axis=(1, 2)), np.mean(PALETTE.mean), atol=1e-3)
    np.testing.assert_allclose(found.std(axis=(1, 2)), np.mean(PALETTE.deviation), atol=1e-3)


def test_in_palette_stays_in_range():
    moved = np.asarray(in_palette(pictures(1), Palette((0.5, 0.0, -0.5), (0.9, 0.9, 0.9))))
    assert (moved.min(), moved.max()) == (-1, 1)


def test_saturation_moves_colors_away_from_their_gray_alone():
    small = Palette((0.1, 0.0, -0.1), (0.1, 0.1, 0.1))
    plain, strong = (np.asarray(in_palette(pictures(1), small, factor)) for factor in (1.0, 1.5))
    gray = plain.mean(axis=-1, keepdims=True)
    np.testing.assert_allclose(strong, gray + 1.5 * (plain - gray), atol=1e-5)
