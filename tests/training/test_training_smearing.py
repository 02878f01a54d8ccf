import numpy as np

from adaptive_style_tf.training.smearing import Stroke, nearest, smeared


def test_smearing_along_stripes_keeps_them_and_across_takes_them_away():
    across = np.sin(2 * np.pi * np.arange(128) / 8)[None, :, None, None]  # stripes along rows
    picture = np.broadcast_to(across, (1, 128, 128, 3)).astype(np.float32)
    stroke = Stroke(reach=12.0, spacing=1.0)
    one, none = np.ones((1, 128, 128), np.float32), np.zeros((1, 128, 128), np.float32)
    np.testing.assert_allclose(smeared(picture, (one, none), stroke), picture, atol=1e-5)
    across = np.asarray(smeared(picture, (none, one), stroke))[:, 20:-20]
    assert np.abs(across).max() < 0.1


def test_positions_beyond_a_side_are_mirrored():
    positions = np.array([-3.2, -0.4, 0.6, 6.4, 9.0], np.float32)
    assert np.asarray(nearest(positions, 8)).tolist() == [3, 0, 1, 6, 5]
