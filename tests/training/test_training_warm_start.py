import math

import numpy as np
import pytest
import tensorflow as tf

from adaptive_style_tf.training.brushwork import painted
from adaptive_style_tf.training.loop import take_step
from adaptive_style_tf.training.palette import Palette
from adaptive_style_tf.training.settings import settings_from
from adaptive_style_tf.training.state import TrainingState
from adaptive_style_tf.training.steps import TrainingSteps
from adaptive_style_tf.training.warm_start import let_the_latent_through, warm_start_objective

PALETTE = Palette((0.2, 0.0, -0.3), (0.3, 0.2, 0.1))


def pictures(seed, side=64):
    return np.random.default_rng(seed).uniform(-1, 1, (2, side, side, 3)).astype(np.float32)


def begun():
    """A state at the beginning of its warm start."""
    settings = settings_from({"ngf": 4, "ndf": 2})
    state = TrainingState(settings.network, settings.optimization, seed=0)
    let_the_latent_through(state.networks.generator)
    return state


@pytest.fixture(scope="module")
def after_one_step():
    state = begun()
    steps = TrainingSteps(state, settings_from({}).objective, palette=PALETTE)
    steps.warm_start_step(tf.constant(pictures(3)))
    return state


def test_residual_blocks_start_without_effect():
    latent = np.random.default_rng(0).normal(size=(1, 4, 5, 32)).astype(np.float32)
    for block in begun().networks.generator.decoder.residual_blocks:
        np.testing.assert_array_equal(block(latent), latent)


def test_residual_blocks_learn_from_the_first_step_on(after_one_step):
    for block in after_one_step.networks.generator.decoder.residual_blocks:
        assert np.all(np.asarray(block.norm_2.scale) != 0)


def test_the_gradient_is_cut_to_a_norm_of_one(after_one_step):
    # After one step Adam's momentum is a tenth of the gradient.
    squares = [
        np.sum(np.square(array, dtype=np.float64))
        for name, array in after_one_step.arrays().items()
        if name.startswith("generator_optimizer/momentum/")
    ]
    assert np.sqrt(sum(squares)) == pytest.approx(0.1, rel=1e-4)


def test_objective_by_hand():
    # The target is flat at the palette's mean; the result is 0.5 too red everywhere.
    palette = Palette((0.0, 0.0, 0.0), (0.1, 0.1, 0.1))
    flat = np.full((1, 64, 64, 3), 0.5, np.float32)
    total, terms = warm_start_objective(
        lambda _: tf.constant([0.5, 0.0, 0.0]) + 0 * flat, flat, palette
    )
    # Pixels: mean of 0.5, 0, 0. Chroma of (0.5, 0, 0): (1/3, -1/6, -1/6), mean size 2/9.
    assert float(terms["warm_start/pixels"]) == pytest.approx(1 / 6, abs=1e-5)
    assert float(terms["warm_start/edges"]) == pytest.approx(0, abs=1e-5)
    assert float(terms["warm_start/fine_color"]) == pytest.approx(2 / 9, abs=1e-5)
    assert float(terms["warm_start/coarse_color"]) == pytest.approx(2 / 9, abs=1e-5)
    assert float(total) == pytest.approx(1 / 6 + 6 * 2 / 9, abs=1e-4)


def test_the_target_is_the_photograph_in_strokes():
    given = pictures(8)
    for result, holds in ((painted(given, PALETTE), True), (given, False)):
        total, _ = warm_start_objective(lambda _, result=result: result, given, PALETTE)
        assert (float(total) < 1e-5) == holds


def test_coarse_color_does_not_see_what_averages_out():
    palette = Palette((0.0, 0.0, 0.0), (0.1, 0.1, 0.1))
    flat = np.zeros((1, 64, 64, 3), np.float32)
    checked = np.zeros_like(flat)
    checked[..., 0] = 0.5 * (-1.0) ** np.add.outer(np.arange(64), np.arange(64))
    total, terms = warm_start_objective(lambda _: tf.constant(checked), flat, palette)
    assert float(terms["warm_start/fine_color"]) == pytest.approx(2 / 9, abs=1e-5)
    assert float(terms["warm_start/coarse_color"]) == pytest.approx(0, abs=1e-6)
    assert float(terms["warm_start/edges"]) == pytest.approx(2 / 3, abs=1e-5)  # steps of 1 in red
    # Two directions of four and one color of three differ.
    texture = (math.sqrt(1 + 1e-4) - 0.01) / 6
    assert float(terms["warm_start/texture"]) == pytest.approx(texture, abs=1e-5)
    expected = 1 / 6 + 1.5 * 2 / 3 + 2 * 2 / 9 + 4 * texture
    assert float(total) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("axis", [1, 2])
def test_edges_of_rows_and_of_columns_count_alike(axis):
    flat = np.zeros((1, 64, 64, 3), np.float32)
    striped = 0.5 * (-1.0) ** np.indices(flat.shape)[axis].astype(np.float32)
    palette = Palette((0.0, 0.0, 0.0), (0.1, 0.1, 0.1))
    _, terms = warm_start_objective(lambda _: tf.constant(striped), flat, palette)
    assert float(terms["warm_start/edges"]) == pytest.approx(1, abs=1e-5)  # steps of 1 one way


def test_the_warm_start_leaves_the_discriminator_and_the_optimizers_as_they_were():
    settings = settings_from(
        {"ngf": 2, "ndf": 2, "image_size": 64, "warm_start_steps": 3, "generator_ema": 0.9}
    )
    state = TrainingState(settings.network, settings.optimization, 0)
    steps = TrainingSteps(state, settings.objective, 0.9, PALETTE)
    before = state.arrays()
    for index in range(3):
        batches = [tf.constant(pictures(seed)) for seed in (index, 50 + index)]
        outcome = take_step(state, steps, settings, *batches)
        assert all(name.startswith("warm_start/") for name in outcome.terms)
    after = state.arrays()
    changed = {name.split("/")[0] for name in before if (before[name] != after[name]).any()}
    assert changed == {"generator", "generator_average"}
    for name, value in after.items():
        if name.startswith("generator_average/"):
            np.testing.assert_array_equal(value, after["generator/" + name.split("/", 1)[1]])


def test_the_warm_start_learns():
    # Four times the usual rate, since it has only 60 steps.
    settings = settings_from(
        {"ngf": 4, "ndf": 1, "image_size": 64, "warm_start_steps": 60, "warm_start_rate": 1e-3}
    )
    state = TrainingState(settings.network, settings.optimization, 0)
    steps = TrainingSteps(state, settings.objective, palette=PALETTE)
    rows = np.linspace(-1, 1, 64)[:, None, None] * np.array([1, -1, 0.5])
    photographs = tf.constant(np.broadcast_to(rows, (1, 64, 64, 3)), tf.float32)
    totals = [take_step(state, steps, settings, photographs, photographs).total for _ in range(60)]
    assert totals[-1] < 0.5 * totals[0]
