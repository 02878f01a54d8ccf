"""Totals, terms and accuracies on networks so simple that a pocket calculator follows them."""

from dataclasses import dataclass, field

import numpy as np
import pytest
import tensorflow as tf

from adaptive_style_tf.training.brushwork import painted
from adaptive_style_tf.training.objectives import (
    Networks,
    discriminator_objective,
    generator_objective,
)
from adaptive_style_tf.training.palette import Palette
from adaptive_style_tf.training.reconstruction import reconstruction_distance
from adaptive_style_tf.training.settings import ObjectiveSettings, preset, settings_from

SCALES = ("scale_0", "scale_1")


@dataclass
class PictureMean:
    """A discriminator whose logits are a picture's mean, the same at both scales."""

    batches: list[int] = field(default_factory=list)

    def __call__(self, pictures):
        self.batches.append(int(pictures.shape[0]))
        mean = tf.reduce_mean(pictures, axis=(1, 2, 3), keepdims=True)
        return dict.fromkeys(SCALES, mean)


@dataclass
class Halving:
    """A generator that halves; its latent is the picture itself."""

    def encoder(self, pictures):
        return tf.convert_to_tensor(pictures)

    def decoder(self, latent):
        return 0.5 * latent

    def __call__(self, pictures):
        return self.decoder(self.encoder(pictures))


def flat(value):
    return tf.fill((1, 16, 16, 3), float(value))


def networks():
    return Networks(Halving(), PictureMean(), lambda pictures: 3 * pictures)


def softplus(value):
    return float(np.log1p(np.exp(value)))


def test_generator_of_the_release():
    total, terms = generator_objective(networks(), flat(0.8), ObjectiveSettings())
    # Result 0.4; latents 0.8 and 0.4; T gives 2.4 and 1.2; logits 0.4, taken for paintings.
    assert float(terms["generator/content"]) == pytest.approx(0.4)
    assert float(terms["generator/transformed_image"]) == pytest.approx(1.44)
    assert float(terms["generator/adversarial"]) == pytest.approx(2 * softplus(-0.4))
    assert float(terms["generator/adversarial/scale_1"]) == pytest.approx(softplus(-0.4))
    assert float(terms["generator/accuracy"]) == 1
    assert float(total) == pytest.approx(2 * softplus(-0.4) + 100 * 1.44 + 100 * 0.4)
    assert float(terms["generator/total"]) == float(total)


def test_generator_of_the_paper():
    settings = settings_from(preset("paper")).objective
    total, terms = generator_objective(networks(), flat(0.8), settings)
    assert float(terms["generator/content"]) == pytest.approx(0.16)
    assert float(terms["generator/adversarial"]) == pytest.approx(-2 * softplus(0.4))
    assert float(total) == pytest.approx(-0.001 * 2 * softplus(0.4) + 1.44 + 0.16)


def test_discriminator_of_the_release():
    made = networks()
    total, terms = discriminator_objective(
        made, flat(0.5), flat(-0.3), flat(0.2), ObjectiveSettings(adversarial_weight=2)
    )
    painting, photograph, stylized = softplus(-0.5), softplus(-0.3), softplus(0.2)
    assert float(total) == pytest.approx(2 * 2 * (painting + photograph + stylized))
    assert float(terms["discriminator/painting/scale_0"]) == pytest.approx(painting)
    assert float(terms["discriminator/photograph/scale_0"]) == pytest.approx(photograph)
    assert float(terms["discriminator/stylized/scale_1"]) == pytest.approx(stylized)
    # Right about the painting and the photograph, wrong about the result.
    assert float(terms["discriminator/accuracy"]) == pytest.approx(2 / 3)
    assert float(terms["discriminator/accuracy/balanced"]) == pytest.approx((1 + 1 / 2) / 2)
    assert float(terms["discriminator/accuracy/stylized"]) == 0
    assert made.discriminator.batches == [3]  # one pass for the three


def test_discriminator_of_the_paper_sees_no_photographs():
    settings = settings_from({**preset("paper"), "adversarial_weight": 1.0}).objective
    made = networks()
    total, terms = discriminator_objective(made, flat(0.5), flat(-0.3), flat(0.2), settings)
    assert float(total) == pytest.approx(2 * (softplus(-0.5) + softplus(0.2)))
    assert float(terms["discriminator/accuracy"]) == pytest.approx(1 / 2)
    assert not any("photograph" in name for name in terms)
    assert made.discriminator.batches == [2]


def test_always_no_has_half_the_balanced_accuracy():
    _, terms = discriminator_objective(
        networks(), flat(-1), flat(-1), flat(-1), ObjectiveSettings()
    )
    assert float(terms["discriminator/accuracy"]) == pytest.approx(2 / 3)
    assert float(terms["discriminator/accuracy/balanced"]) == pytest.approx(1 / 2)


def test_the_stroke_weight_counts_the_distance_from_the_photograph_in_strokes():
    streaks = ((0.01, 0.0, 0.0), (0.0, 0.01, 0.0), (0.0, 0.0, 0.01))
    palette = Palette((0.1, 0.0, -0.2), (0.3, 0.3, 0.2), (streaks,) * 3)
    photographs = tf.random.stateless_uniform((1, 64, 64, 3), (1, 2), -1.0, 1.0)
    settings = ObjectiveSettings(stroke_weight=7.0)
    without, _ = generator_objective(networks(), photographs, ObjectiveSettings())
    total, terms = generator_objective(networks(), photographs, settings, palette=palette)
    stylized = networks().generator(photographs)
    expected, _ = reconstruction_distance(stylized, painted(photographs, palette))
    assert float(terms["generator/strokes"]) == pytest.approx(float(expected), rel=1e-5)
    assert float(total) == pytest.approx(float(without) + 7 * float(expected), rel=1e-5)
    with pytest.raises(ValueError, match="stroke_weight needs a palette"):
        generator_objective(networks(), photographs, settings)
