import numpy as np
import pytest

from adaptive_style_tf.release.adam import AdamState, updates_from_powers, updates_until_vanished


def stored_after(updates: int, beta: float) -> float:
    """What TensorFlow 1 has in its variable: a float32 that is multiplied by itself."""
    power = np.float32(beta)
    for _ in range(updates):
        power = np.float32(power * np.float32(beta))
    return float(power)


@pytest.mark.parametrize("updates", [0, 1, 15, 34, 500, 800, 900, 1500, 20_000, 80_000])
def test_the_number_of_updates_is_exact(updates: int) -> None:
    powers = stored_after(updates, 0.9), stored_after(updates, 0.999)
    assert updates_from_powers(*powers) == updates


def test_values_that_the_original_left() -> None:
    # From the golden checkpoints: 15 updates each; then 19 of the discriminator's, 5 of the other.
    assert updates_from_powers(0.18530193, 0.98411965) == 15
    assert updates_from_powers(0.025031533, 0.96558887) == 34
    assert updates_from_powers(0.10941893, 0.9792089) == 20


def test_beta1_is_gone_after_about_830_updates_and_beta2_after_about_87_000() -> None:
    assert 820 < updates_until_vanished(0.9) < 840
    assert 87_000 < updates_until_vanished(0.999) < 88_000


@pytest.mark.parametrize("gone", [0.0, 1e-45, 6e-45, 1e-39])
def test_a_vanished_beta1_leaves_the_count_to_beta2(gone: float) -> None:
    # Without flushing, the product of denormal numbers stands still above 0.
    assert updates_from_powers(gone, stored_after(5000, 0.999)) == 5000


@pytest.mark.parametrize("gone", [0.0, 7e-43])
def test_no_count_where_both_have_vanished(gone: float) -> None:
    assert updates_from_powers(0.0, gone) is None


def test_powers_computed_in_one_go_are_good_enough() -> None:
    assert updates_from_powers(float(np.float32(0.9**301)), float(np.float32(0.999**301))) == 300


@pytest.mark.parametrize(
    ("beta1_power", "beta2_power", "message"),
    [
        (0.5, 0.999, "beta1's power is 0.5, which is no power of 0.9"),
        (0.9, 0.9985, "beta2's power is 0.9985, which is no power"),
        (0.9, -0.1, "no power"),
        (1.5, 0.999, "no power"),
        (float("nan"), 0.999, "no power"),
        (stored_after(3, 0.9), stored_after(4, 0.999), "tells of 3 updates.* of 4"),
        (0.0, stored_after(100, 0.999), "tells of 100 updates only"),
        (stored_after(100, 0.9), 0.0, "has vanished"),
    ],
)
def test_powers_that_cannot_have_come_about_are_refused(
    beta1_power: float, beta2_power: float, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        updates_from_powers(beta1_power, beta2_power)


def test_the_flat_form_has_the_keys_of_training_states() -> None:
    one, two = np.ones(3, np.float32), np.full(3, 2, np.float32)
    arrays = AdamState({"a/b": one}, {"a/b": two}, 7).arrays("generator_optimizer")
    assert list(arrays) == [
        "generator_optimizer/momentum/a/b",
        "generator_optimizer/velocity/a/b",
        "generator_optimizer/iterations",
    ]
    assert arrays["generator_optimizer/velocity/a/b"] is two
    assert arrays["generator_optimizer/iterations"].dtype == np.int64
    assert arrays["generator_optimizer/iterations"] == 7
