"""Losses that are not finite, and curves that cannot be written."""

import math

import pytest

from adaptive_style_tf.errors import NonFiniteError, RunFolderError


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_not_finite_ends_the_training_and_is_named(
    run, recorded_steps, recorded_outputs, begun, value
):
    trained = begun()
    faulty = {
        "generator/total": value,
        "generator/adversarial": value,
        "generator/adversarial/scale_3": value,
        "generator/adversarial/scale_0": 0.1,
        "generator/content": 0.5,
    }
    outputs = recorded_outputs(trained)
    settings = {"total_steps": 5, "save_every": 1}
    with pytest.raises(NonFiniteError) as caught:
        run(trained, recorded_steps(**faulty), settings, outputs=outputs)
    # The term at fault, not the sums that contain it.
    assert f"At step 0 the loss generator/adversarial/scale_3 became {value}" in str(caught.value)
    assert outputs.written == []
    assert trained.step == 0


def test_a_point_that_cannot_be_written_does_not_cost_the_checkpoint(
    run, recorded_steps, recorded_outputs, begun
):
    def fail(*_):
        raise RunFolderError("The disk is full.")

    trained = begun()
    outputs = recorded_outputs(trained)
    outputs.log = fail
    with pytest.raises(RunFolderError):
        run(trained, recorded_steps(), {"total_steps": 20, "save_every": 10}, outputs=outputs)
    assert outputs.written == [("save", 10)]
