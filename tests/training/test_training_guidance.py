"""The guided filter against windows solved one by one, SciPy's filters, and what it is for."""

import cv2
import numpy as np
import pytest
import tensorflow as tf
from scipy.ndimage import correlate1d, gaussian_filter

from adaptive_style_tf.training.abstraction import abstracted
from adaptive_style_tf.training.guidance import (
    explained,
    guides,
    slope,
    unexplained_difference,
    window_means,
)

SIDE = 64  # px
X = np.arange(SIDE, dtype=np.float32)


def random(*shape, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype(np.float32)


def columns(values):
    """A picture whose columns have these values, gray."""
    return np.broadcast_to(values[None, None, :, None], (1, SIDE, SIDE, 3)).astype(np.float32)


def step():
    """Dark at the left, light at the right."""
    return columns(np.where(X < 32, -0.5, 0.5))


def by_windows(guide, picture):
    """Each window of 16 px solved by itself in float64, its solution spread by OpenCV."""
    kinds = guide.shape[-1]
    framed = [
        np.pad(v.astype(np.float64), [(4, 4), (4, 4), (0, 0)], "reflect") for v in (guide, picture)
    ]
    cells = [n // 8 for n in picture.shape[:2]]
    solved = np.zeros((*cells, kinds + 1, 3))
    for row in range(cells[0]):
        for column in range(cells[1]):
            here = np.s_[8 * row : 8 * row + 16, 8 * column : 8 * column + 16]
            given, wanted = (v[here].reshape(256, -1) for v in framed)
            centered = given - given.mean(axis=0)
            # Ridge regression: rows of sqrt(256 * 8e-4) ask for factors of 0.
            rows = np.concatenate([centered, np.sqrt(256 * 8e-4) * np.eye(kinds)])
            aims = np.concatenate([wanted - wanted.mean(axis=0), np.zeros((kinds, 3))])
            factors = np.linalg.lstsq(rows, aims, rcond=None)[0]
            rest = wanted.mean(axis=0) - given.mean(axis=0) @ factors
            solved[row, column] = np.concatenate([factors, rest[None]])
    size = picture.shape[1::-1]
    spread = np.stack(
        [
            cv2.resize(solved[..., k, :], size, interpolation=cv2.INTER_LINEAR)
            for k in range(kinds + 1)
        ],
        axis=2,
    )
    return (guide[..., None] * spread[:, :, :kinds]).sum(axis=2) + spread[:, :, kinds]


def test_every_window_is_solved_by_itself():
    guide, pictures = random(2, 32, 48, 4), random(2, 32, 48, 3, seed=1)
    pictures += guide[..., 1:2]  # so that there is something to explain
    found = np.asarray(explained(guide, pictures))
    for one, picture, result in zip(guide, pictures, found, strict=True):
        np.testing.assert_allclose(result, by_windows(one, picture), atol=2e-4)


def test_means_of_windows_around_each_cell():
    values = random(1, 16, 24, 2)
    whole = np.pad(values, [(0, 0), (4, 4), (4, 4), (0, 0)], "reflect")
    expected = whole[0, :16, 8:24].mean(axis=(0, 1))
    np.testing.assert_allclose(window_means(values)[0, 0, 1], expected, atol=1e-6)


def test_guides_are_patches_edges_and_ridges():
    photographs = random(1, 32, 48, 3, seed=2)
    photographs = gaussian_filter(photographs, (0, 2, 2, 0)) * 4
    patches = np.asarray(abstracted(photographs))
    luminance = patches[0] @ np.array([0.299, 0.587, 0.114])

    def blurred(values, spread):
        return gaussian_filter(values, spread, mode="mirror", radius=int(np.ceil(3 * spread)))

    def edges(spread):
        smooth = blurred(luminance, spread)
        ways = [correlate1d(smooth, [-0.5, 0, 0.5], axis, mode="mirror") for axis in (0, 1)]
        return blurred(6 * spread * np.hypot(*ways), 0.8 * spread)

    ridges = 2 * (blurred(luminance, 1.5) - blurred(luminance, 3.5))
    expected = np.stack([*np.moveaxis(patches[0], -1, 0), edges(1), edges(2.5), ridges], axis=-1)
    np.testing.assert_allclose(guides(photographs)[0], expected, atol=1e-5)


def test_the_slope_of_a_plane_is_its_own():
    rows, columns = np.mgrid[:8, :9].astype(np.float32)
    plane = (0.3 * rows + 0.4 * columns)[None, ..., None]
    np.testing.assert_allclose(slope(plane)[:, 1:-1, 1:-1], 0.5, atol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_other_colors_are_explained(seed):
    """Whatever color each surface gets: each is a linear function of the photograph's."""
    turned = np.random.default_rng(seed).uniform(-0.5, 0.5, (3, 3)).astype(np.float32)
    assert float(unexplained_difference(step(), step() @ turned + 0.1)) < 1e-3


def test_a_contour_is_explained_and_rings_beside_it_are_not():
    contour = columns(-0.4 * np.exp(-(((X - 31.5) / 2.5) ** 2)))
    away = np.abs(X - 31.5)
    rings = columns(np.where((away > 6) & (away < 30), 0.1 * np.sin(2 * np.pi * away / 8), 0))
    of_contour = float(unexplained_difference(step(), step() + contour))
    of_rings = float(unexplained_difference(step(), step() + rings))
    # Nearly all of the rings is left, and a tenth of the contour.
    assert of_rings > 0.8 * (np.sqrt(rings**2 + 1e-4) - 0.01).mean()
    assert of_contour < 0.15 * (np.sqrt(contour**2 + 1e-4) - 0.01).mean()


def test_the_gradient_flows_through_the_result_alone():
    photographs, stylized = (
        tf.constant(random(1, 32, 32, 3)),
        tf.constant(random(1, 32, 32, 3, seed=1)),
    )
    with tf.GradientTape() as tape:
        tape.watch([photographs, stylized])
        loss = unexplained_difference(photographs, stylized)
    of_photographs, of_stylized = tape.gradient(loss, [photographs, stylized])
    difference = stylized - explained(guides(photographs), stylized)
    expected = difference / np.sqrt(np.square(difference) + 1e-4) / difference.numpy().size
    assert of_photographs is None
    np.testing.assert_allclose(of_stylized, expected, atol=1e-9)
