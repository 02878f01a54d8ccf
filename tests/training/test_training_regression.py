import numpy as np
import pytest

from adaptive_style_tf.training.regression import Regression, strongest

random = np.random.default_rng(0)
INPUTS = random.normal(1.0, 2.0, (90, 4)).astype(np.float32)
OUTPUTS = (INPUTS @ random.normal(size=(4, 3)) + 5 + random.normal(size=(90, 3))).astype(np.float32)


def in_parts(centered):
    known = Regression(centered)
    for part in (slice(0, 7), slice(7, 60), slice(60, 90)):
        known.add(INPUTS[part], OUTPUTS[part])
    return known


def test_parts_give_what_least_squares_give_at_once():
    with_constant = np.concatenate([INPUTS, np.ones((90, 1))], axis=1)
    expected = np.linalg.lstsq(with_constant, OUTPUTS, rcond=None)[0][:4]
    np.testing.assert_allclose(in_parts(centered=True).solved(0.0), expected, rtol=1e-4)


def test_without_a_constant():
    expected = np.linalg.lstsq(INPUTS, OUTPUTS, rcond=None)[0]
    np.testing.assert_allclose(in_parts(centered=False).solved(0.0), expected, rtol=1e-4)


def test_a_ridge_is_a_share_of_the_mean_variance():
    centered = INPUTS - INPUTS.mean(0)
    variances = centered.T @ centered / 90
    shared = centered.T @ (OUTPUTS - OUTPUTS.mean(0)) / 90
    expected = np.linalg.solve(variances + 0.5 * np.mean(np.diag(variances)) * np.eye(4), shared)
    np.testing.assert_allclose(in_parts(centered=True).solved(0.5), expected, rtol=1e-4)


def test_inputs_that_never_change_count_for_nothing():
    known = Regression()
    known.add(np.ones((5, 2), np.float32), OUTPUTS[:5])
    np.testing.assert_allclose(known.solved(1e-4), 0, atol=1e-3)


def test_strongest_directions_by_hand():
    # Along (1, 1) the variance is 4 + 1, along (1, -1) 4 - 1; the third input hardly moves.
    covariance = np.array([[4.0, 1.0, 0.0], [1.0, 4.0, 0.0], [0.0, 0.0, 1e-6]])
    variances, directions = strongest(covariance, 3)
    assert variances == pytest.approx([5, 3])
    np.testing.assert_allclose(np.abs(directions), [[0.5**0.5] * 2, [0.5**0.5] * 2, [0, 0]])
    assert strongest(covariance, 1)[0] == pytest.approx([5])


def test_nothing_that_varies_has_no_directions():
    variances, directions = strongest(np.zeros((3, 3)), 2)
    assert variances.shape == (0,)
    assert directions.shape == (3, 0)
