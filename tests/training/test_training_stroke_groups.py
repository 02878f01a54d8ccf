import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from adaptive_style_tf.training.stroke_groups import groups


def patches(strength, side=256, seed=0):
    """Values (1, side, side, 1) of patches of some 50 px, of this deviation."""
    white = np.random.default_rng(seed).normal(size=(side, side))
    field = gaussian_filter(white, 16, mode="wrap")
    return (strength * field / field.std())[None, :, :, None].astype(np.float32)


def test_a_flat_picture_has_no_groups():
    np.testing.assert_allclose(groups(np.full((1, 64, 64, 1), 0.3, np.float32)), 0, atol=1e-3)


@pytest.mark.parametrize("strength", [0.01, 0.5])
def test_groups_follow_patches_however_faint(strength):
    values = patches(strength)
    found = np.asarray(groups(values))
    assert np.corrcoef(found.ravel(), values.ravel())[0, 1] > 0.7
    assert np.abs(found).max() <= 1
    assert np.mean(np.abs(found) > 0.8) > 0.3  # distinct


def test_what_is_much_finer_than_groups_hardly_counts():
    values = patches(0.01)
    fine = 0.01 * np.random.default_rng(1).normal(size=values.shape).astype(np.float32)
    alone, both = np.asarray(groups(values)), np.asarray(groups(values + fine))
    assert np.corrcoef(alone.ravel(), both.ravel())[0, 1] > 0.95
