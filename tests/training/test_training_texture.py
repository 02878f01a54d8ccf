"""Steps that compare patches, with real networks."""

import numpy as np
import pytest
import tensorflow as tf

from adaptive_style_tf.training.objectives import generator_objective, texture_objective
from adaptive_style_tf.training.painted_windows import PaintedWindows
from adaptive_style_tf.training.palette import Palette
from adaptive_style_tf.training.settings import settings_from
from adaptive_style_tf.training.state import TrainingState
from adaptive_style_tf.training.steps import TrainingSteps

VALUES = {"ngf": 4, "ndf": 2, "patch_weight": 30.0, "shift_weight": 50.0, "generator_ema": 0.9}
SETTINGS = settings_from(VALUES)


def pictures(seed, count=1):
    random = np.random.default_rng(seed)
    coarse = random.uniform(-0.8, 0.8, (count, 8, 8, 3)).repeat(8, axis=1).repeat(8, axis=2)
    return (coarse + random.uniform(-0.2, 0.2, coarse.shape)).astype(np.float32)


@pytest.fixture(scope="module")
def look():
    windows = PaintedWindows(
        pictures(1, 6), pictures(2, 6), Palette((0.0, 0.0, 0.0), (0.3, 0.3, 0.3)), seed=0
    )
    return windows.look(0, pictures(3))


@pytest.fixture
def state():
    return TrainingState(SETTINGS.network, SETTINGS.optimization, seed=0)


def test_without_the_discriminator_all_other_terms_are_the_same(state, look):
    photographs = tf.constant(pictures(3))
    whole, terms = generator_objective(state.networks, photographs, SETTINGS.objective, look=look)
    total, alone = texture_objective(state.networks, photographs, SETTINGS.objective, look)
    names = ("content", "transformed_image", "patches", "shift")
    assert alone.keys() == {"texture/total", *(f"texture/{name}" for name in names)}
    for name in names:
        assert float(alone[f"texture/{name}"]) == pytest.approx(
            float(terms[f"generator/{name}"]), rel=1e-4
        )
    weights = (100.0, 100.0, 30.0, 50.0)
    expected = sum(
        weight * float(alone[f"texture/{name}"])
        for weight, name in zip(weights, names, strict=True)
    )
    assert float(total) == pytest.approx(expected, rel=1e-5)
    assert float(whole) == pytest.approx(expected + float(terms["generator/adversarial"]), rel=1e-4)


def test_a_texture_step_trains_the_generator_alone(state, look):
    before = state.arrays()
    steps = TrainingSteps(state, SETTINGS.objective, average_memory=0.9)
    steps.texture_step(tf.constant(pictures(3)), look)
    after = state.arrays()
    moved = {name for name, array in before.items() if not np.array_equal(array, after[name])}
    assert {name.partition("/")[0] for name in moved} == {
        *("generator", "generator_average", "generator_optimizer"),
    }
    name = "decoder/output/kernel"
    np.testing.assert_allclose(
        after[f"generator_average/{name}"],
        0.9 * before[f"generator_average/{name}"] + 0.1 * after[f"generator/{name}"],
        atol=1e-7,
    )


def test_results_come_nearer_to_the_patches_that_they_are_compared_with(state, look):
    steps = TrainingSteps(state, SETTINGS.objective, average_memory=0.9)
    state.generator_optimizer.learning_rate.assign(2e-3)
    photographs = tf.constant(pictures(3))
    found = [float(steps.texture_step(photographs, look)["texture/patches"]) for _ in range(30)]
    assert found[-1] < 0.5 * found[0]
