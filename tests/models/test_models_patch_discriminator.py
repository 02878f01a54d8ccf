import keras
import numpy as np
import pytest
import tensorflow as tf

from adaptive_style_tf.models import PatchDiscriminator


def built(ndf=2, **options):
    model = PatchDiscriminator(ndf, **options)
    model.build((None, None, None, 3))
    return model


def pictures(*shape):
    return np.random.default_rng(1).uniform(-1, 1, shape).astype(np.float32)


@pytest.mark.parametrize(("height", "width"), [(64, 64), (70, 100), (240, 64)])
def test_logit_maps_halve_three_times_from_each_scale(height, width):
    model = built()
    logits = model(pictures(2, height, width, 3))
    expected = {
        f"scale_{scale}": (2, -(-(height >> scale) // 8), -(-(width >> scale) // 8), 1)
        for scale in range(3)
    }
    assert {name: tuple(maps.shape) for name, maps in logits.items()} == expected
    assert model.compute_output_shape((2, height, width, 3)) == expected


@pytest.mark.parametrize("scale", [0, 1, 2])
def test_a_logit_sees_a_patch_of_54_pixels_at_its_scale(scale):
    # By hand: 3 logits, 5 features of stride 8, then (5 - 1) * 2 + 4 = 12, 26 and 54.
    model, side = built(), 512
    picture = tf.constant(pictures(1, side, side, 3))
    with tf.GradientTape() as tape:
        tape.watch(picture)
        maps = model(picture)[f"scale_{scale}"]
        one = maps[0, maps.shape[1] // 2, maps.shape[2] // 2, 0]
    seen = np.abs(tape.gradient(one, picture)[0]).sum(axis=(1, 2)) > 0
    assert np.ptp(np.flatnonzero(seen)) + 1 == 54 << scale


def test_pictures_of_a_batch_are_judged_each_by_itself():
    model, both = built(), pictures(2, 64, 64, 3)
    together = model(both)["scale_1"]
    np.testing.assert_allclose(together[1:], model(both[1:])["scale_1"], atol=1e-5)


def test_contrast_counts_since_nothing_is_normalized():
    model, picture = built(), pictures(1, 64, 64, 3)
    once, twice = (np.asarray(model(factor * picture)["scale_0"]) for factor in (1, 2))
    np.testing.assert_allclose(twice, 2 * once, rtol=1e-3, atol=1e-5)


def test_logits_are_float32_in_half_precision():
    model = built(dtype="mixed_bfloat16")
    full = built()
    full.set_weights(model.get_weights())
    for name, maps in model(pictures(1, 64, 64, 3)).items():
        assert maps.dtype == tf.float32
        np.testing.assert_allclose(maps, full(pictures(1, 64, 64, 3))[name], atol=0.02)


def test_every_weight_gets_a_gradient():
    model = built()
    with tf.GradientTape() as tape:
        total = sum(
            tf.reduce_sum(tf.square(maps)) for maps in model(pictures(1, 64, 64, 3)).values()
        )
    for gradient in tape.gradient(total, [weight.value for weight in model.trainable_weights]):
        assert np.any(gradient)


def test_configuration_and_keras_file(tmp_path):
    model = built(3)
    assert PatchDiscriminator.from_config(model.get_config()).ndf == 3
    model.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    picture = pictures(1, 64, 64, 3)
    for name, maps in model(picture).items():
        np.testing.assert_array_equal(loaded(picture)[name], maps)
