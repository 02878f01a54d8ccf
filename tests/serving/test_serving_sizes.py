import numpy as np
import pytest
import tensorflow as tf

from adaptive_style_tf.inference.sizes import padded_side as padded_side_in_python
from adaptive_style_tf.serving.sizes import at_its_size, extended, padded_side


def test_sides_grow_as_they_do_in_python():
    sides = range(1, 200)
    assert [int(padded_side(tf.constant(side))) for side in sides] == [
        padded_side_in_python(side) for side in sides
    ]


@pytest.mark.parametrize("height", [1, 2, 5, 16, 31, 33, 63, 64, 65, 80])
@pytest.mark.parametrize("width", [1, 7, 64, 70])
def test_pictures_are_extended_as_numpy_does(height, width):
    pictures = np.arange(2 * height * width * 3).reshape(2, height, width, 3)
    added = [(16, 16 + max(64, -(-side // 16) * 16) - side) for side in (height, width)]
    expected = np.pad(pictures, [(0, 0), *added, (0, 0)], mode="symmetric")
    np.testing.assert_array_equal(extended(tf.constant(pictures)), expected)


def test_results_are_cut_back_to_the_picture():
    pictures = np.random.default_rng(0).random((1, 37, 70, 3))
    seen = []

    def network(batch):
        seen.append(batch.shape)
        return batch * 2

    np.testing.assert_array_equal(at_its_size(network, tf.constant(pictures)), pictures * 2)
    assert seen == [(1, 96, 112, 3)]
