"""What both networks see and learn from where pictures are augmented."""

import numpy as np
import pytest
import tensorflow as tf

from adaptive_style_tf.training.differentiable_augmentation import (
    augmented,
    numbers_of_step,
    random_numbers,
)
from adaptive_style_tf.training.objectives import (
    Networks,
    discriminator_objective,
    generator_objective,
)
from adaptive_style_tf.training.settings import ObjectiveSettings, settings_from
from adaptive_style_tf.training.state import TrainingState
from adaptive_style_tf.training.steps import TrainingSteps


def two_pictures(seed=1):
    random = np.random.default_rng(seed)
    return random.uniform(-1, 1, (2, 24, 32, 3)).astype(np.float32)


class Eye:
    """A discriminator that notes what it sees; its logits are the mean of the pixels."""

    def __init__(self):
        self.saw = None

    def __call__(self, given):
        self.saw = given
        return {"scale_0": tf.reduce_mean(given, axis=(1, 2, 3), keepdims=True)}


class Mirror:
    """A generator that gives pictures back."""

    encoder = decoder = staticmethod(tf.convert_to_tensor)


def networks():
    return Networks(Mirror(), Eye(), lambda given: given)


def test_paintings_results_and_photographs_are_changed_each_in_its_own_way():
    made, numbers = networks(), random_numbers(1, 1, 6)
    paintings, photographs, stylized = (two_pictures(seed) for seed in range(3))
    settings = ObjectiveSettings(diff_augment="color,translation,cutout")
    discriminator_objective(made, paintings, photographs, stylized, settings, numbers)
    together = tf.concat([paintings, stylized, photographs], axis=0)
    expected = augmented(together, ("color", "translation", "cutout"), numbers)
    np.testing.assert_allclose(made.discriminator.saw, expected, atol=1e-6)

    fewer = ObjectiveSettings(diff_augment="cutout", photographs_are_negatives=False)
    discriminator_objective(made, paintings, photographs, stylized, fewer, numbers)
    assert made.discriminator.saw.shape[0] == 4


def test_the_generators_gradient_passes_through_what_the_discriminator_sees():
    made, numbers = networks(), random_numbers(1, 1, 6)
    settings = ObjectiveSettings(content_weight=0, image_weight=0, diff_augment="cutout")
    given = tf.constant(two_pictures())
    with tf.GradientTape() as tape:
        tape.watch(given)
        total, _ = generator_objective(made, given, settings, numbers)
    gradient = tape.gradient(total, given).numpy()
    kept = np.asarray(augmented(tf.ones_like(given), ("cutout",), numbers[:2]))
    np.testing.assert_array_equal(gradient != 0, kept != 0)
    assert 0 < kept.mean() < 1


def test_without_policies_nothing_is_touched():
    for numbers in (None, random_numbers(1, 1, 6)):
        made, given = networks(), tf.constant(two_pictures())
        generator_objective(made, given, ObjectiveSettings(), numbers)
        assert made.discriminator.saw is given


def test_an_augmentation_without_random_numbers_is_a_mistake():
    settings = ObjectiveSettings(diff_augment="color")
    with pytest.raises(ValueError, match="Augmentation by color needs random numbers"):
        generator_objective(networks(), tf.constant(two_pictures()), settings)


def test_steps_are_traced_once_and_follow_the_numbers():
    adversarial_alone = {"content_weight": 0.0, "image_weight": 0.0}
    policies = {"diff_augment": "color,translation,cutout,crop,blur"}
    settings = settings_from({"ngf": 2, "ndf": 2, **adversarial_alone, **policies})
    state = TrainingState(settings.network, settings.optimization, 0)
    steps = TrainingSteps(state, settings.objective)
    for optimizer in (state.generator_optimizer, state.discriminator_optimizer):
        optimizer.learning_rate.assign(0.0)  # so that only the numbers change
    random = np.random.default_rng(1)
    paintings, photographs = tf.constant(random.uniform(-1, 1, (2, 1, 64, 64, 3)), tf.float32)
    totals = {"generator": [], "discriminator": []}
    for step in (1, 1, 2):
        numbers = numbers_of_step(settings, step)
        for trained, terms in (
            ("generator", steps.generator_step(photographs, numbers)),
            ("discriminator", steps.discriminator_step(paintings, photographs, numbers)),
        ):
            totals[trained].append(float(terms[f"{trained}/total"]))
    for once, again, other in totals.values():
        assert once == pytest.approx(again, rel=1e-6)
        assert abs(other / once - 1) > 1e-4
    assert steps.generator_step.experimental_get_tracing_count() == 1
    assert steps.discriminator_step.experimental_get_tracing_count() == 1
