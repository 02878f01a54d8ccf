import keras
import numpy as np
import pytest
import tensorflow as tf

from adaptive_style_tf.kernels import fastest_normalization
from adaptive_style_tf.kernels.fused_normalization import FusedInstanceNormalization
from adaptive_style_tf.models import (
    Discriminator,
    Generator,
    InstanceNormalization,
    assign_weights,
    named_weights,
    read_weights,
)

MOST_APART = FusedInstanceNormalization.most_pictures_apart


def random_features(*shape):
    return np.random.default_rng(1).uniform(-1, 1, shape).astype(np.float32)


def values_and_gradients(kind, features, policy="float32"):
    layer = kind(dtype=policy)
    layer.build(features.shape)
    layer.scale.assign(random_features(features.shape[-1]) + 2)
    layer.offset.assign(random_features(features.shape[-1]) / 2)
    features = tf.convert_to_tensor(features)
    with tf.GradientTape() as tape:
        tape.watch(features)
        result = layer(features)
        weights = tf.reshape(tf.cos(tf.range(tf.size(result)) / 3), result.shape)
        total = tf.reduce_sum(tf.cast(result, tf.float64) * weights)
    sources = [features, layer.scale.value, layer.offset.value]
    return [result, *tape.gradient(total, sources)]


SHAPES = [(1, 1, 1, 2), (1, 1, 2, 3), (1, 7, 5, 4), (3, 9, 12, 5)]


@pytest.mark.parametrize("shape", SHAPES)
def test_equals_the_plain_layer_with_gradients(shape):
    features = random_features(*shape) * np.linspace(1, 5, shape[0])[:, None, None, None] + 0.5
    features = features.astype(np.float32)
    ours = values_and_gradients(FusedInstanceNormalization, features)
    plain = values_and_gradients(InstanceNormalization, features)
    for mine, other in zip(ours, plain, strict=True):
        np.testing.assert_allclose(mine, other, atol=1e-4)


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
def test_half_precision_with_gradients(dtype):
    policy = "mixed_float16" if dtype == "float16" else "mixed_bfloat16"
    features = tf.cast(random_features(2, 9, 8, 4), dtype)
    ours = values_and_gradients(FusedInstanceNormalization, features, policy)
    plain = values_and_gradients(InstanceNormalization, features, policy)
    for mine, other in zip(ours, plain, strict=True):
        assert mine.dtype == other.dtype
        mine, other = (np.asarray(array, np.float64) for array in (mine, other))
        np.testing.assert_allclose(mine, other, atol=0.02 * np.abs(other).max())


def test_statistics_are_not_rounded_to_half_precision():
    # 256 + noise of 0.5: bfloat16 would round the noise away.
    features = 256 + 0.5 * random_features(1, 64, 64, 1)
    exact = values_and_gradients(InstanceNormalization, features)[0]
    rounded = values_and_gradients(FusedInstanceNormalization, features, "mixed_bfloat16")[0]
    np.testing.assert_allclose(np.asarray(rounded, np.float32), exact, atol=2e-2)


def operations(layer, shape):
    """The types of the operations of a layer's graph."""
    layer.build(shape)
    call = tf.function(lambda features: layer(features))
    graph = call.get_concrete_function(tf.TensorSpec(shape, layer.variable_dtype)).graph
    return [operation.type for operation in graph.get_operations()]


@pytest.mark.parametrize(
    ("batch", "policy", "calls"),
    [
        (1, "float32", 1),
        (3, "mixed_bfloat16", 3),
        (1, "float64", 0),
        (None, "float32", 0),
        (MOST_APART, "float32", MOST_APART),
        (MOST_APART + 1, "float32", 0),
    ],
)
def test_what_is_computed_with_the_kernel(batch, policy, calls):
    found = operations(FusedInstanceNormalization(dtype=policy), (batch, 4, 4, 2))
    assert found.count("FusedBatchNormV3") == calls


def test_networks_keep_their_results_and_names(tmp_path):
    pictures = random_features(2, 64, 80, 3)
    for kind in (Generator, Discriminator):
        plain, fused = kind(2), kind(2, normalization=FusedInstanceNormalization)
        before = plain(pictures)
        fused.build((None, None, None, 3))
        assert list(named_weights(fused)) == list(named_weights(plain))
        assign_weights(fused, read_weights(plain))
        after = fused(pictures)
        tf.nest.map_structure(
            lambda a, b: np.testing.assert_allclose(a, b, atol=1e-4), after, before
        )
        fused.save(tmp_path / "model.keras")
        loaded = keras.saving.load_model(tmp_path / "model.keras")
        tf.nest.map_structure(np.testing.assert_array_equal, loaded(pictures), after)


def test_what_is_fastest_here():
    accelerated = bool(tf.config.list_logical_devices("GPU"))
    expected = InstanceNormalization if accelerated else FusedInstanceNormalization
    assert fastest_normalization() is expected


def test_other_backends_take_the_plain_layer(monkeypatch):
    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    assert fastest_normalization() is InstanceNormalization
