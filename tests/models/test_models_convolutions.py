import os
import subprocess
import sys

import keras
import numpy as np
import pytest
import scipy.signal
import tensorflow as tf

from adaptive_style_tf.models import (
    MatrixConvolution,
    QuadConvolution,
    SingleMapConvolution,
    UpsamplingConvolution,
)


def random_pictures(*shape):
    return np.random.default_rng(1).uniform(-1, 1, shape).astype(np.float32)


def assert_same_with_gradients(ours, theirs, features, tolerance=1e-5):
    """Compares values and gradients, to features and kernel, with a plain layer's."""
    for layer in (ours, theirs):
        layer.build(features.shape)
    theirs.kernel.assign(ours.kernel.value)
    features = tf.constant(features, ours.compute_dtype)
    found = []
    for layer in (ours, theirs):
        with tf.GradientTape() as tape:
            tape.watch(features)
            value = tf.cast(layer(features), tf.float64)
            weights = tf.reshape(tf.cos(tf.cast(tf.range(tf.size(value)), tf.float64)), value.shape)
            total = tf.reduce_sum(value * weights)
        found.append([value, *tape.gradient(total, [features, layer.kernel.value])])
    for mine, other in zip(*found, strict=True):
        mine, other = (np.asarray(array, np.float64) for array in (mine, other))
        np.testing.assert_allclose(mine, other, atol=tolerance * np.abs(other).max())


class TestUpsamplingConvolution:
    @pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 3), (5, 4)])
    def test_equals_upsampling_and_then_convolving(self, height, width):
        features = random_pictures(2, height, width, 3)
        layer = UpsamplingConvolution(4)
        ours = np.asarray(layer(features))
        kernel = np.asarray(layer.kernel.value)
        doubled = features.repeat(2, axis=1).repeat(2, axis=2)
        expected = np.zeros_like(ours)
        for picture in range(2):
            for leaving in range(4):
                for entering in range(3):
                    expected[picture, ..., leaving] += scipy.signal.correlate2d(
                        doubled[picture, ..., entering], kernel[:, :, entering, leaving], "same"
                    )
        np.testing.assert_allclose(ours, expected, atol=1e-6)

    def test_gradients(self):
        class Plain(UpsamplingConvolution):
            def call(self, inputs):
                doubled = tf.repeat(tf.repeat(inputs, 2, axis=1), 2, axis=2)
                return tf.nn.conv2d(doubled, self.kernel.value, 1, "SAME")

        features = random_pictures(2, 5, 4, 3)
        assert_same_with_gradients(UpsamplingConvolution(4), Plain(4), features)

    def test_kernel_elements_are_summed_before_they_are_rounded_to_half_precision(self):
        layer = UpsamplingConvolution(1, dtype="mixed_bfloat16")
        layer.build((1, 1, 1, 1))
        kernel = np.zeros((3, 3, 1, 1), np.float32)
        kernel[1, 1], kernel[1, 2] = 1 + 2**-9, -1  # bfloat16 has no 1 + 2^-9
        layer.kernel.assign(kernel)
        # They meet at the first of the pixels to which one pixel is repeated.
        assert float(layer(np.ones((1, 1, 1, 1), np.float32))[0, 0, 0, 0]) == 2**-9


class TestMatrixConvolution:
    @pytest.mark.parametrize(("height", "width"), [(1, 1), (1, 2), (2, 5), (8, 7), (9, 12)])
    def test_equals_keras(self, height, width):
        features = random_pictures(2, height, width, 3)
        ours = MatrixConvolution(4)
        theirs = keras.layers.Conv2D(4, 5, strides=2, padding="same", use_bias=False)
        for layer in (ours, theirs):
            layer.build(features.shape)
        theirs.kernel.assign(ours.kernel.value)
        np.testing.assert_allclose(ours(features), theirs(features), atol=1e-6)

    def test_sizes_that_are_only_known_when_it_runs(self):
        assert_same_at_any_size(MatrixConvolution(4))

    @pytest.mark.parametrize(("height", "width"), [(1, 2), (8, 7)])
    def test_gradients(self, height, width):
        theirs = keras.layers.Conv2D(4, 5, strides=2, padding="same", use_bias=False)
        features = random_pictures(2, height, width, 3)
        assert_same_with_gradients(MatrixConvolution(4), theirs, features)


class TestSingleMapConvolution:
    @pytest.mark.parametrize("side", [1, 3, 10])
    @pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 5), (13, 12)])
    def test_equals_keras(self, side, height, width):
        theirs = keras.layers.Conv2D(1, side, padding="same", use_bias=False)
        features = random_pictures(2, height, width, 3)
        assert_same_with_gradients(SingleMapConvolution(side), theirs, features)

    def test_half_precision(self):
        layer = SingleMapConvolution(5, dtype="mixed_bfloat16")
        theirs = keras.layers.Conv2D(1, 5, padding="same", use_bias=False, dtype="mixed_bfloat16")
        features = random_pictures(1, 9, 8, 16)
        assert_same_with_gradients(layer, theirs, features, tolerance=2e-2)
        assert layer(features).dtype == tf.float32

    def test_sizes_that_are_only_known_when_it_runs(self):
        assert_same_at_any_size(SingleMapConvolution(4))


class TestQuadConvolution:
    @pytest.mark.parametrize("side", [1, 4, 7])
    @pytest.mark.parametrize(("rows", "columns"), [(2, 2), (4, 6)])
    @pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
    def test_equals_keras(self, side, rows, columns, policy):
        theirs = keras.layers.Conv2D(3, side, use_bias=False, dtype=policy)
        features = random_pictures(2, rows + side - 1, columns + side - 1, 4)
        ours = QuadConvolution(3, side, dtype=policy)
        tolerance = 1e-5 if policy == "float32" else 2e-2
        assert_same_with_gradients(ours, theirs, features, tolerance)

    def test_odd_sides_are_refused(self):
        with pytest.raises(ValueError, match=r"must be even.*height=3, width=4"):
            QuadConvolution(3, 7)(random_pictures(1, 9, 10, 2))

    def test_sizes_that_are_only_known_when_it_runs(self):
        assert_same_at_any_size(QuadConvolution(3, 2))


def assert_same_at_any_size(layer):
    layer.build((None, None, None, 3))
    call = tf.function(
        layer.__call__, input_signature=[tf.TensorSpec((None, None, None, 3), tf.float32)]
    )
    for shape in ((1, 5, 9, 3), (2, 9, 5, 3)):
        features = random_pictures(*shape)
        np.testing.assert_allclose(call(features), layer(features), atol=1e-6)


UNDER_JAX = """
import jax, keras, numpy as np
from adaptive_style_tf import models

random = np.random.default_rng(3)
features = random.uniform(-1, 1, (2, 9, 7, 3)).astype("float32")
plain = keras.layers.Conv2D
pairs = [
    (models.MatrixConvolution(4), plain(4, 5, 2, padding="same", use_bias=False)),
    (models.SingleMapConvolution(4), plain(1, 4, padding="same", use_bias=False)),
    (models.QuadConvolution(3, 2), plain(3, 2, use_bias=False)),
]
for ours, theirs in pairs:
    results = []
    for layer in (ours, theirs):
        layer.build(features.shape)
    kernel = ours.kernel.value
    for layer in (ours, theirs):
        def weighted(kernel, features, layer=layer):
            value = layer.stateless_call([kernel], [], features)[0]
            return (value * np.cos(np.arange(value.size)).reshape(value.shape)).sum()
        results.append(jax.jit(jax.value_and_grad(weighted, (0, 1)))(kernel, features))
    for mine, other in zip(*map(jax.tree.leaves, results), strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-4)
"""


def test_values_and_gradients_under_jax():
    environment = {**os.environ, "KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
    subprocess.run([sys.executable, "-c", UNDER_JAX], env=environment, check=True)
