"""The JAX loop beside the golden trajectories of the 2018 release."""

import numpy as np
import pytest


def errors(replay, expected, recorded=""):
    """Relative errors of the totals of the network that each step trained."""
    names = {"G": "gener", "D": "discr"}
    wanted = [
        expected[f"{recorded}{names[trained]}_objective"][step]
        for step, trained in enumerate(replay["pattern"])
    ]
    return np.abs(np.array(replay["total"]) / wanted - 1)


def test_trajectory_of_24_steps(small, golden):
    expected, replay = golden("trajectory"), small["trajectory"]
    assert replay["pattern"] == "".join(expected["trained"]) == "G" * 5 + "D" * 19
    assert errors(replay, expected)[:4].max() < 3e-2
    assert errors(replay, expected).max() < 12e-2
    for step, trained in enumerate(replay["pattern"]):
        accuracy = expected["gener_acc" if trained == "G" else "discr_acc"][step]
        assert replay["accuracy"][step] == pytest.approx(accuracy, abs=0.06)
    assert replay["success"] == pytest.approx(expected["discr_success_after"][-1], abs=2e-3)


@pytest.mark.slow
def test_trajectory_at_144_px(large, golden):
    expected, replay = golden("trajectory_144"), large["trajectory"]
    assert replay["pattern"] == "".join(expected["trained"]) == "DDDDGGGG"
    assert errors(replay, expected)[:5].max() < 1e-3
    assert errors(replay, expected).max() < 2e-2


@pytest.mark.parametrize(("recorded", "pattern"), [("carried", "DDDD"), ("resumed", "GDDD")])
def test_going_on_from_the_checkpoint_after_24_steps(recorded, pattern, small, golden):
    expected, replay = golden("continue"), small[recorded]
    assert replay["pattern"] == "".join(expected[f"{recorded}/trained"]) == pattern
    assert errors(replay, expected, f"{recorded}/")[0] < 3e-2
    assert errors(replay, expected, f"{recorded}/").max() < 8e-2


def test_a_lagging_schedule_notices_one_step_later(small):
    assert small["lagging"]["pattern"] == "G" * 6 + "D" * 18
