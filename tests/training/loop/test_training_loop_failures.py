"""Losses that are not finite, and devices that are too small."""

import math
from types import SimpleNamespace

import pytest
import tensorflow as tf

from adaptive_style_tf.errors import DeviceMemoryError, NonFiniteError
from adaptive_style_tf.training.loop import memory_advice
from adaptive_style_tf.training.settings import settings_from


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


def out_of_memory(*batches):
    raise tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape")


@pytest.mark.parametrize(
    ("settings", "advice"),
    [
        ({"image_size": 768, "batch_size": 4}, "--batch-size 2"),
        ({"image_size": 768, "batch_size": 1}, "--image-size 384"),
        ({"image_size": 80, "batch_size": 1}, "--image-size 64"),
    ],
)
def test_a_device_that_is_too_small_is_told_with_advice(run, begun, settings, advice):
    steps = SimpleNamespace(generator_step=out_of_memory)
    with pytest.raises(DeviceMemoryError) as caught:
        run(begun(), steps, settings)
    assert str(caught.value) == memory_advice(settings_from(settings))
    message = str(caught.value)
    assert (
        f"crops of {settings['image_size']} px and a batch of {settings['batch_size']}" in message
    )
    assert f"try {advice}, a smaller --ndf, or --precision mixed_bfloat16" in message


def test_a_size_that_is_advised_is_smaller_and_one_that_is_accepted():
    for size in range(80, 1100, 16):
        advice = memory_advice(settings_from({"image_size": size}))
        smaller = int(advice.partition("--image-size ")[2].partition(",")[0])
        settings_from({"image_size": smaller})  # raises if it is not accepted
        assert smaller < size


def test_nothing_is_advised_that_is_done_already():
    smallest = {"image_size": 64, "batch_size": 1, "precision": "mixed_bfloat16"}
    assert memory_advice(settings_from(smallest)).endswith("; try a smaller --ndf.")
