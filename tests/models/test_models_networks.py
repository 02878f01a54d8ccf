import json
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from adaptive_style_tf.models import (
    SCALES,
    Decoder,
    Discriminator,
    Encoder,
    Generator,
    InstanceNormalization,
    assign_weights,
    named_weights,
    read_weights,
)
from adaptive_style_tf.models.shapes import discriminator_shapes, generator_shapes

DEFAULTS = json.loads(
    (Path(__file__).parents[1] / "goldens" / "variables_default.json").read_text("utf-8")
)
POLICIES = ["float32", "mixed_bfloat16", "mixed_float16", "float64"]


def built(model):
    model.build((None, None, None, 3))
    return model


def random_pictures(*shape):
    return np.random.default_rng(1).uniform(-1, 1, shape).astype(np.float32)


def test_parameter_counts_at_the_default_widths():
    generator = built(Generator())
    assert generator.count_params() == 12_006_790 == DEFAULTS["parameters"]["generator"]
    assert generator.encoder.count_params() == DEFAULTS["parameters"]["encoder"]
    assert generator.decoder.count_params() == DEFAULTS["parameters"]["decoder"]
    assert built(Discriminator()).count_params() == 50_510_848
    assert sum(w.trainable for w in generator.weights) == len(generator.weights)


@pytest.mark.parametrize("width", [1, 3, 32])
def test_names_and_shapes_of_the_weights(width):
    for model, shapes in (
        (Generator(width), generator_shapes(width)),
        (Discriminator(width), discriminator_shapes(width)),
    ):
        found = {name: tuple(v.shape) for name, v in named_weights(built(model)).items()}
        assert found == shapes


def test_initial_values_are_those_of_the_release():
    generator = read_weights(built(Generator()))
    kernel = generator["decoder/residual_1/conv_1/kernel"]
    # A normal distribution of deviation 0.02 cut at two deviations has 0.88 of it.
    assert abs(kernel).max() <= 0.04
    assert kernel.std() == pytest.approx(0.0176, rel=0.01)
    scales = np.concatenate([v for name, v in generator.items() if name.endswith("scale")])
    assert scales.mean() == pytest.approx(1, abs=0.002)
    assert scales.std() == pytest.approx(0.02, rel=0.1)
    assert all((v == 0).all() for name, v in generator.items() if name.endswith("offset"))


@pytest.mark.parametrize(
    ("side", "latent"), [(19, 2), (64, 4), (75, 5), (80, 5), (81, 5), (82, 5), (83, 6), (97, 6)]
)
def test_sizes_are_those_of_the_release(side, latent):
    generator = Generator(2)
    picture = random_pictures(1, side, 48, 3)
    encoded = generator.encoder(picture)
    assert encoded.shape == (1, latent, 3, 16)
    assert generator(picture).shape == (1, 16 * latent, 48, 3)
    assert generator.compute_output_shape((1, side, 48, 3)) == (1, 16 * latent, 48, 3)


def test_too_small_pictures_are_refused():
    with pytest.raises(ValueError, match=r"at least 19 pixels.*height=18, width=64"):
        Generator(2)(random_pictures(1, 18, 64, 3))


@pytest.mark.parametrize(("height", "width"), [(64, 64), (75, 70), (144, 160)])
def test_logit_maps_halve_with_every_layer(height, width):
    discriminator = Discriminator(2)
    pictures = random_pictures(2, height, width, 3)
    logits = discriminator(pictures)
    assert tuple(logits) == SCALES
    for scale, logit_map in logits.items():
        halvings = int(scale.removeprefix("scale_")) + 1
        expected = (2, -(-height // 2**halvings), -(-width // 2**halvings), 1)
        assert tuple(logit_map.shape) == expected
        assert discriminator.compute_output_shape(pictures.shape)[scale] == expected


@pytest.mark.parametrize("policy", POLICIES)
def test_results_are_full_precision_whatever_the_policy(policy):
    wanted = "float64" if policy == "float64" else "float32"
    picture = random_pictures(1, 64, 80, 3)
    generator, discriminator = Generator(2, dtype=policy), Discriminator(2, dtype=policy)
    stylized = generator(picture)
    assert keras.backend.standardize_dtype(stylized.dtype) == wanted
    assert np.abs(stylized).max() <= 1
    for logits in discriminator(stylized).values():
        assert keras.backend.standardize_dtype(logits.dtype) == wanted
        assert np.isfinite(logits).all()
    for weight in (*generator.weights, *discriminator.weights):
        assert keras.backend.standardize_dtype(weight.dtype) == wanted


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_half_precision_gives_nearly_the_same_picture(policy):
    exact, rounded = built(Generator(4)), built(Generator(4, dtype=policy))
    assign_weights(rounded, read_weights(exact))
    picture = random_pictures(1, 64, 64, 3)
    difference = np.abs(np.asarray(exact(picture)) - np.asarray(rounded(picture)))
    assert 0 < difference.max() < 0.15


@pytest.mark.parametrize("model", [Encoder(3), Decoder(3), Generator(3), Discriminator(3)])
def test_configuration_and_keras_file(model, tmp_path):
    channels = 24 if isinstance(model, Decoder) else 3
    pictures = random_pictures(1, 64, 80, channels)
    before = model(pictures)
    twin = type(model).from_config(model.get_config())
    assert twin.get_config() == model.get_config()
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert type(loaded) is type(model)
    after = loaded(pictures)
    tf.nest.map_structure(np.testing.assert_array_equal, before, after)


@keras.saving.register_keras_serializable("tests")
class DoubledNormalization(InstanceNormalization):
    def normalized(self, values, mean, variance):
        return 2 * super().normalized(values, mean, variance)


@pytest.mark.parametrize("kind", [Encoder, Decoder, Generator, Discriminator])
def test_another_normalization_in_every_layer(kind, tmp_path):
    plain, changed = kind(2), kind(2, normalization=DoubledNormalization)
    pictures = random_pictures(1, 64, 64, 16 if kind is Decoder else 3)
    plain(pictures)
    before = changed(pictures)
    assert list(named_weights(changed)) == list(named_weights(plain))
    layers = [
        layer
        for layer in changed._flatten_layers(include_self=False)
        if isinstance(layer, InstanceNormalization)
    ]
    assert {type(layer) for layer in layers} == {DoubledNormalization}
    names = [name for name in named_weights(changed) if name.endswith(("scale", "offset"))]
    assert 2 * len(layers) == len(names)

    assert "normalization" not in plain.get_config()
    assert json.loads(json.dumps(changed.get_config()))["normalization"] == (
        "tests>DoubledNormalization"
    )
    assert kind.from_config(changed.get_config()).get_config() == changed.get_config()
    changed.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    tf.nest.map_structure(np.testing.assert_array_equal, loaded(pictures), before)


def test_an_unknown_normalization_is_named():
    with pytest.raises(ValueError, match=r"not registered.*'elsewhere>Steady'"):
        Generator.from_config({"ngf": 2, "normalization": "elsewhere>Steady"})


def test_a_size_that_is_only_known_when_it_runs():
    generator = built(Generator(2))
    call = tf.function(
        lambda pictures: generator(pictures),
        input_signature=[tf.TensorSpec((None, None, None, 3), tf.float32)],
    )
    for side in (48, 64):
        picture = random_pictures(1, side, 80, 3)
        np.testing.assert_allclose(call(picture), generator(picture), atol=1e-5)


def test_every_weight_gets_a_gradient():
    generator, discriminator = built(Generator(2)), built(Discriminator(2))
    pictures = random_pictures(1, 272, 272, 3)  # the last scale sees 3 x 3 positions
    with tf.GradientTape() as tape:
        logits = discriminator(generator(pictures))
        total = sum(tf.reduce_sum(value**2) for value in logits.values())
    variables = {**named_weights(generator), **named_weights(discriminator)}
    gradients = tape.gradient(total, [variable.value for variable in variables.values()])
    without = {
        name
        for name, gradient in zip(variables, gradients, strict=True)
        if gradient is None or not np.any(gradient)
    }
    assert not without


class TestAssignWeights:
    def test_lists_every_fault_and_assigns_nothing(self):
        model = built(Discriminator(1))
        before = read_weights(model)
        values = {name: value + 1 for name, value in before.items()}
        del values["norm_0/scale"]
        values["norm_9/scale"] = np.zeros(2, np.float32)
        values["norm_1/offset"] = np.zeros(5, np.float32)
        with pytest.raises(ValueError, match="missing: norm_0/scale") as caught:
            assign_weights(model, values)
        assert "unexpected: norm_9/scale" in str(caught.value)
        assert "norm_1/offset: shape (5,) instead of (2,)" in str(caught.value)
        for name, value in read_weights(model).items():
            np.testing.assert_array_equal(value, before[name])

    def test_round_trip(self):
        model, twin = built(Generator(2)), built(Generator(2))
        assign_weights(twin, read_weights(model))
        picture = random_pictures(1, 32, 32, 3)
        np.testing.assert_array_equal(model(picture), twin(picture))
