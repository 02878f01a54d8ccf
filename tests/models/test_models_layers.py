import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from adaptive_style_tf.models import (
    InstanceNormalization,
    MatrixConvolution,
    QuadConvolution,
    ReflectionPadding2D,
    SingleMapConvolution,
    TransformerBlock,
    UpsamplingConvolution,
)


def random_pictures(*shape):
    return np.random.default_rng(1).uniform(-1, 1, shape).astype(np.float32)


def made_normalization(pictures, scale, offset, **options):
    layer = InstanceNormalization(**options)
    layer.build(pictures.shape)
    layer.scale.assign(scale)
    layer.offset.assign(offset)
    return layer


class TestInstanceNormalization:
    def test_by_hand(self):
        # Values 1 and 3: mean 2, biased variance 1, so -1 and 1 before scale 3 and offset 5.
        picture = np.array([1, 3], np.float32).reshape(1, 1, 2, 1)
        layer = made_normalization(picture, [3], [5], epsilon=0.0)
        np.testing.assert_allclose(np.ravel(layer(picture)), [2, 8], rtol=1e-6)

    def test_epsilon_is_added_to_the_variance(self):
        picture = np.array([-1, 1], np.float32).reshape(1, 1, 2, 1)  # variance 1
        layer = made_normalization(picture, [1], [0], epsilon=3.0)
        np.testing.assert_allclose(np.ravel(layer(picture)), [-0.5, 0.5], rtol=1e-6)

    def test_equals_group_normalization_of_keras(self):
        pictures = random_pictures(3, 7, 5, 4)
        scale, offset = random_pictures(2, 4)
        theirs = keras.layers.GroupNormalization(groups=-1, epsilon=1e-5)
        theirs.build(pictures.shape)
        theirs.gamma.assign(scale)
        theirs.beta.assign(offset)
        ours = made_normalization(pictures, scale, offset)
        np.testing.assert_allclose(ours(pictures), theirs(pictures), atol=2e-6)

    def test_a_picture_does_not_depend_on_its_batch(self):
        pictures = random_pictures(3, 6, 6, 2) * np.reshape([1, 10, 0.1], (3, 1, 1, 1))
        layer = made_normalization(pictures, [1, 2], [0, 1])
        together = np.asarray(layer(pictures))
        alone = [np.asarray(layer(picture[None]))[0] for picture in pictures]
        np.testing.assert_allclose(together, alone, atol=1e-6)

    @pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
    def test_statistics_are_float32_whatever_the_precision(self, policy):
        # 256 + noise of 0.5: bfloat16 would round the noise away, float16 sums would overflow.
        pictures = 256 + 0.5 * random_pictures(1, 64, 64, 1)
        exact = made_normalization(pictures, [1], [0])(pictures)
        rounded = made_normalization(pictures, [1], [0], dtype=policy)(pictures)
        assert rounded.dtype.name == policy.removeprefix("mixed_")
        np.testing.assert_allclose(np.asarray(rounded, np.float32), exact, atol=2e-2)

    def test_statistics_by_hand(self):
        pictures = np.array([[1, 3], [5, 5]], np.float32).reshape(2, 1, 2, 1)
        mean, variance = InstanceNormalization().statistics(pictures)
        np.testing.assert_array_equal(mean, np.reshape([2, 5], (2, 1, 1, 1)))
        np.testing.assert_array_equal(variance, np.reshape([1, 0], (2, 1, 1, 1)))

    def test_a_subclass_may_bring_its_own_statistics(self):
        class FromElsewhere(InstanceNormalization):
            def statistics(self, values):
                return np.full((1, 1, 1, 1), 1, np.float32), np.full((1, 1, 1, 1), 4, np.float32)

        layer = FromElsewhere(epsilon=0.0)
        layer.build((1, 1, 2, 1))
        layer.scale.assign([3])
        layer.offset.assign([5])
        pictures = np.array([1, 5], np.float32).reshape(1, 1, 2, 1)
        np.testing.assert_allclose(np.ravel(layer(pictures)), [5, 11], rtol=1e-6)


class TestReflectionPadding2D:
    def test_equals_numpy(self):
        pictures = random_pictures(2, 5, 7, 3)
        ours = ReflectionPadding2D(4)(pictures)
        sides = (4, 4)
        expected = np.pad(pictures, ((0, 0), sides, sides, (0, 0)), mode="reflect")
        np.testing.assert_array_equal(ours, expected)


class TestTransformerBlock:
    def test_fixed_averages_the_pixels_inside_only(self):
        # TensorFlow's SAME reaches 4 pixels up and left, 5 down and right.
        picture = random_pictures(1, 20, 24, 3)
        ours = np.asarray(TransformerBlock("fixed")(picture))
        assert ours.shape == picture.shape
        for row, column in ((0, 0), (10, 12), (19, 23), (3, 20)):
            rows = slice(max(0, row - 4), row + 6)
            columns = slice(max(0, column - 4), column + 6)
            expected = picture[0, rows, columns].mean(axis=(0, 1))
            np.testing.assert_allclose(ours[0, row, column], expected, atol=1e-6)

    @pytest.mark.parametrize("side", [3, 10])
    def test_fixed_equals_average_pooling_and_its_gradient(self, side):
        pictures, weights = tf.constant(random_pictures(2, 13, 8, 3)), random_pictures(2, 13, 8, 3)
        block = TransformerBlock("fixed", side)

        def value_and_gradient(average):
            with tf.GradientTape() as tape:
                tape.watch(pictures)
                value = average(pictures)
                total = tf.reduce_sum(weights * value**2)
            return value, tape.gradient(total, pictures)

        ours = value_and_gradient(block)
        theirs = value_and_gradient(lambda x: tf.nn.avg_pool2d(x, side, 1, "SAME"))
        for mine, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(mine, other, atol=1e-6)

    def test_learned_starts_as_the_fixed_one(self):
        pictures = random_pictures(2, 20, 24, 3)
        learned, fixed = TransformerBlock("learned"), TransformerBlock("fixed")
        np.testing.assert_allclose(learned(pictures), fixed(pictures), atol=1e-6)
        assert len(learned.trainable_weights) == 1
        assert not fixed.weights

    def test_learned_is_a_weighted_average_of_each_channel(self):
        block = TransformerBlock("learned", kernel_size=3)
        block.build((None, None, None, 3))
        free = np.random.default_rng(2).normal(size=(3, 3, 3, 1)).astype(np.float32)
        block.kernel.assign(free)
        weights = np.exp(free) / np.exp(free).sum(axis=(0, 1), keepdims=True)
        picture = random_pictures(1, 6, 7, 3)
        ours = np.asarray(block(picture))
        inner = np.einsum("rck,rck->k", picture[0, 1:4, 2:5], weights[..., 0])
        np.testing.assert_allclose(ours[0, 2, 3], inner, atol=1e-6)
        corner = np.einsum("rck,rck->k", picture[0, :2, :2], weights[1:, 1:, :, 0])
        inside = weights[1:, 1:, :, 0].sum(axis=(0, 1))
        np.testing.assert_allclose(ours[0, 0, 0], corner / inside, atol=1e-6)

    def test_a_flat_picture_stays_as_it_is(self):
        block = TransformerBlock("learned", kernel_size=4)
        block.build((None, None, None, 3))
        block.kernel.assign(random_pictures(4, 4, 3, 1) * 3)
        flat = np.full((1, 9, 8, 3), 0.7, np.float32)
        np.testing.assert_allclose(block(flat), flat, atol=1e-6)

    def test_unknown_kind(self):
        with pytest.raises(ValueError, match=r"kind must be one of .*'median'"):
            TransformerBlock("median")


LAYERS = [
    (InstanceNormalization, {"epsilon": 1e-3}),
    (ReflectionPadding2D, {"padding": 2}),
    (UpsamplingConvolution, {"filters": 5}),
    (MatrixConvolution, {"filters": 5}),
    (SingleMapConvolution, {"kernel_size": 4}),
    (QuadConvolution, {"filters": 5, "kernel_size": 4}),
    (TransformerBlock, {"kind": "learned", "kernel_size": 4}),
    (TransformerBlock, {"kind": "fixed", "kernel_size": 10}),
]


@pytest.mark.parametrize(("kind", "options"), LAYERS)
@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16", "mixed_float16", "float64"])
def test_battery(kind, options, policy, tmp_path):
    layer = kind(**options, dtype=policy, name="subject")
    pictures = random_pictures(2, 9, 13, 3)
    result = layer(pictures)
    assert tuple(result.shape) == layer.compute_output_shape(pictures.shape)
    assert bool(ops.all(ops.isfinite(result)))

    twin = kind.from_config(layer.get_config())
    assert twin.get_config() == layer.get_config()
    twin.build(pictures.shape)
    twin.set_weights(layer.get_weights())
    np.testing.assert_array_equal(
        np.asarray(twin(pictures), np.float64), np.asarray(result, np.float64)
    )

    model = keras.Sequential([keras.Input((None, None, 3)), layer])
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        np.asarray(loaded(pictures), np.float64), np.asarray(result, np.float64)
    )
