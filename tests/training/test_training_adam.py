import keras
import numpy as np
import pytest
import tensorflow as tf

from adaptive_style_tf.training.adam import Adam, assign_slots, read_slots

BETA_2, EPSILON, RATE = 0.999, 1e-8, 2e-4


def rule_of_tensorflow_1(weights, momentum, velocity, updates, gradient, dtype, beta_1):
    """One update after `updates` earlier ones, in float64 but for the betas, rounded as there."""
    beta_1, beta_2 = (float(np.dtype(dtype).type(beta)) for beta in (beta_1, BETA_2))
    beta_1_power, beta_2_power = beta_1 ** (updates + 1), beta_2 ** (updates + 1)
    rate = RATE * np.sqrt(1 - beta_2_power) / (1 - beta_1_power)
    momentum = beta_1 * momentum + (1 - beta_1) * gradient
    velocity = beta_2 * velocity + (1 - beta_2) * gradient**2
    return weights - rate * momentum / (np.sqrt(velocity) + EPSILON), momentum, velocity


@pytest.fixture
def numbers():
    random = np.random.default_rng(3)
    return {
        "weights": random.normal(size=(4, 5)),
        "momentum": random.normal(size=(4, 5)) * 1e-3,
        # Velocities from 1e-20 on: there epsilon decides.
        "velocity": 10.0 ** random.uniform(-20, -4, size=(4, 5)),
        "gradient": random.normal(size=(4, 5)) * 10.0 ** random.uniform(-9, 0, size=(4, 5)),
    }


@pytest.mark.parametrize("updates", [0, 1, 15, 1000, 300_000])
@pytest.mark.parametrize(
    ("dtype", "beta_1"), [("float32", 0.9), ("float64", 0.9), ("float32", 0.5)]
)
def test_one_update_from_imported_slots_equals_tensorflow_1(updates, dtype, beta_1, numbers):
    variable = keras.Variable(numbers["weights"], dtype=dtype, name="kernel")
    optimizer = Adam(RATE, beta_1=beta_1)
    optimizer.build([variable])
    state = {
        "iterations": np.array(updates),
        "momentum/kernel": numbers["momentum"],
        "velocity/kernel": numbers["velocity"],
    }
    assign_slots(optimizer, ["kernel"], state)
    gradient = tf.constant(numbers["gradient"], dtype)
    tf.function(lambda: optimizer.apply_gradients([(gradient, variable)]))()

    given = [np.asarray(numbers[name], dtype).astype(np.float64) for name in numbers]
    expected = dict(
        zip(
            ("weights", "momentum/kernel", "velocity/kernel"),
            rule_of_tensorflow_1(*given[:3], updates, given[3], dtype, beta_1),
            strict=True,
        )
    )
    np.testing.assert_allclose(variable.numpy(), expected["weights"], rtol=1e-6)
    after = read_slots(optimizer, ["kernel"])
    assert after["iterations"] == updates + 1
    for name in ("momentum/kernel", "velocity/kernel"):
        np.testing.assert_allclose(after[name], expected[name], rtol=1e-6, atol=1e-30)


def test_many_updates_equal_keras_own_rule(numbers):
    ours, theirs = (keras.Variable(numbers["weights"], name="kernel") for _ in range(2))
    pairs = ((Adam(RATE), ours), (keras.optimizers.Adam(RATE, epsilon=EPSILON), theirs))
    for optimizer, variable in pairs:
        optimizer.build([variable])
        random = np.random.default_rng(5)
        for _ in range(20):
            gradient = tf.constant(random.normal(size=(4, 5)), tf.float32)
            optimizer.apply_gradients([(gradient, variable)])
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), atol=1e-7)
    assert np.abs(ours.numpy() - numbers["weights"]).max() > 1e-4


def test_global_clipping_is_that_of_keras():
    # Gradients (3, 0) and (0, 4): norm 5, cut to 1, so 0.6 and 0.8; momentum is a tenth of it.
    variables = [keras.Variable(np.zeros(2, np.float32), name=name) for name in "ab"]
    optimizer = Adam(RATE, global_clipnorm=1.0)
    optimizer.build(variables)
    gradients = [tf.constant([3.0, 0.0]), tf.constant([0.0, 4.0])]
    optimizer.apply_gradients(zip(gradients, variables, strict=True))
    state = read_slots(optimizer, ["a", "b"])
    np.testing.assert_allclose(state["momentum/a"], [0.06, 0], rtol=1e-5)
    np.testing.assert_allclose(state["momentum/b"], [0, 0.08], rtol=1e-5)


def test_a_missing_slot_is_named():
    variable = keras.Variable(np.zeros(2, np.float32), name="kernel")
    optimizer = Adam(RATE)
    optimizer.build([variable])
    state = {"iterations": np.array(3), "momentum/kernel": np.zeros(2)}
    with pytest.raises(KeyError, match="velocity/kernel"):
        assign_slots(optimizer, ["kernel"], state)
