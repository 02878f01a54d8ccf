"""The steps of the JAX loop beside those of the TensorFlow loop."""

import numpy as np
import pytest
import tensorflow as tf

from adaptive_style_tf.training.loop import take_step
from adaptive_style_tf.training.palette import Palette
from adaptive_style_tf.training.settings import preset, settings_from
from adaptive_style_tf.training.state import TrainingState
from adaptive_style_tf.training.steps import TrainingSteps

OTHER_SETTINGS = {
    **preset("paper"),
    "ngf": 6,
    "ndf": 6,
    "schedule": "alternate",
    "clip_norm": 0.5,
    "adam_beta1": 0.5,
    "diff_augment": "color,translation,cutout,crop,blur",
    "generator_ema": 0.9,
    "total_steps": 4,
}


@pytest.fixture
def untraced():
    """TensorFlow without graphs, which take longer to build than a few steps to run."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


def terms_under_tensorflow(start, expected, palette, warms_up):
    """Of a generator's and a discriminator's step, and, if asked, of the warm start."""
    paintings, photographs = (expected[name][:1] for name in ("paintings", "photos"))
    settings = settings_from({"ngf": 6, "ndf": 6})
    state = TrainingState(settings.network, settings.optimization, seed=0)
    steps = TrainingSteps(state, settings.objective, palette=Palette(*palette))
    wanted = [lambda: steps.generator_step(photographs)]
    wanted.append(lambda: steps.discriminator_step(paintings, photographs))
    if warms_up:
        wanted.append(lambda: steps.warm_start_step(photographs))
    terms = {}
    for step in wanted:
        state.start_from(start.generator, start.discriminator, start.optimizer_arrays())
        terms |= {term: float(value) for term, value in step().items()}
    return terms


@pytest.mark.usefixtures("untraced")
def test_terms_of_a_step_equal_the_tensorflow_loops(start, small, golden, palette):
    terms = terms_under_tensorflow(start, golden("trajectory"), palette, warms_up=True)
    assert len(terms) > 50
    assert small["step"] == pytest.approx(terms, rel=1e-5)


@pytest.mark.slow
@pytest.mark.usefixtures("untraced")
def test_terms_of_a_step_at_144_px_equal_the_tensorflow_loops(start, large, golden, palette):
    terms = terms_under_tensorflow(start, golden("trajectory_144"), palette, warms_up=False)
    assert large["step"] == pytest.approx(terms, rel=1e-5)


@pytest.mark.slow
@pytest.mark.usefixtures("untraced")
def test_other_settings_train_as_the_tensorflow_loop(start, replayed, golden):
    expected = golden("trajectory")
    for precision, replay in replayed("others", OTHER_SETTINGS).items():
        settings = settings_from({**OTHER_SETTINGS, "precision": precision})
        state = TrainingState(settings.network, settings.optimization, seed=0)
        state.start_from(start.generator, start.discriminator, start.optimizer_arrays())
        steps = TrainingSteps(state, settings.objective, settings.optimization.generator_ema)
        totals = []
        for index in range(4):
            pictures = (expected[name][index : index + 1] for name in ("paintings", "photos"))
            totals.append(take_step(state, steps, settings, *pictures).total)
        exact = precision == "float32"
        assert replay["pattern"] == "GDGD"
        assert replay["total"] == pytest.approx(totals, rel=1e-3 if exact else 3e-2)
        kernel = state.arrays()["transformer/kernel"].ravel()
        assert np.abs(kernel).max() > 1e-4
        np.testing.assert_allclose(replay["kernel"], kernel, atol=1e-5 if exact else 1e-4)
        average = start.generator["decoder/upsample_4/norm/scale"]
        for step in (0, 2):  # the generator's
            average = 0.9 * average + 0.1 * np.array(replay["scales"][step])
        np.testing.assert_allclose(replay["average"], average, rtol=1e-6)


def test_each_step_is_compiled_once(small):
    # Nearly 60 steps and six states came in between.
    compiled = {"generator": 1, "discriminator": 1, "warm_start": 1, "stylize": 0}
    assert small["compiled"] == compiled


def test_adam_is_tensorflow_1s(small):
    weights, momentum, velocity, gradient = map(np.array, small["adam"]["given"])
    momentum = 0.9 * momentum + 0.1 * gradient
    velocity = 0.999 * velocity + 0.001 * gradient**2
    rate = 2e-4 * np.sqrt(1 - 0.999**16) / (1 - 0.9**16)
    moved = weights - rate * momentum / (np.sqrt(velocity) + 1e-8)
    after = small["adam"]["after"]
    np.testing.assert_allclose(after[0] - weights, moved - weights, rtol=1e-4, atol=1e-7)
    np.testing.assert_allclose(after[1], momentum, rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(after[2], velocity, rtol=1e-6)
