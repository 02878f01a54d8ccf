"""What the graphs refuse before the network has any work."""

import numpy as np
import pytest
import tensorflow as tf

from adaptive_style_tf.serving.signatures import signatures_of

LONGEST = 65_500  # px, a side of a JPEG


def never(pictures):
    """A network that should not have been asked."""
    with tf.control_dependencies([tf.debugging.Assert(tf.shape(pictures)[0] < 0, ["it ran"])]):
        return tf.identity(pictures)


@pytest.fixture
def line(as_file):
    return lambda length: tf.constant([as_file(np.zeros((1, length, 3), np.uint8), "PNG")])


def test_sides_that_no_jpeg_has_are_refused_before_the_network_runs(line):
    signature = signatures_of(never, 95, 2**24)["stylize_encoded"]
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"The result ends at.*65500.*65501"):
        signature(image_bytes=line(LONGEST + 1))
    with pytest.raises(tf.errors.InvalidArgumentError, match="it ran"):
        signature(image_bytes=line(LONGEST))


def test_sides_that_a_format_has_are_written_in_it(line, pixels):
    signatures = signatures_of(tf.identity, 95, 2**24)
    for name, length in (("stylize_encoded", LONGEST), ("stylize_encoded_png", LONGEST + 1)):
        (content,) = signatures[name](image_bytes=line(length))["stylized_bytes"].numpy()
        assert pixels(content).shape == (1, length, 3)


@pytest.mark.parametrize("added", [0, 0.6, -0.6, 300, -300])
def test_a_network_works_on_minus_one_to_one_and_results_are_rounded_and_limited(added):
    """By networks that add some levels; the arithmetic is NumPy's."""
    signatures = signatures_of(lambda pictures: pictures + added / 127.5, 95, 2**24)
    levels = np.arange(256).repeat(3).reshape(1, 16, 16, 3)
    stylized = signatures["serving_default"](image=tf.constant(levels, tf.uint8))["stylized"]
    np.testing.assert_array_equal(stylized, np.clip(np.round(levels + added), 0, 255))
    values = signatures["stylize_float"](image=tf.constant(levels / 255, tf.float32))["stylized"]
    np.testing.assert_allclose(values, np.clip((levels + added) / 255, 0, 1), rtol=0, atol=1e-6)
