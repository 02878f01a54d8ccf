"""What is said of trainings that cannot go on, and that it can be followed."""

import math
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from keras import ops

from adaptive_style_tf.errors import DeviceMemoryError, NonFiniteError
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.failures import (
    first_non_finite_term,
    memory_advice,
    memory_errors_told_plainly,
    non_finite_loss,
    way_on,
    way_on_told,
)
from adaptive_style_tf.training.material import Places
from adaptive_style_tf.training.objectives import (
    Networks,
    discriminator_objective,
    generator_objective,
)
from adaptive_style_tf.training.palette import Palette
from adaptive_style_tf.training.request import TrainingRequest
from adaptive_style_tf.training.settings import ObjectiveSettings, settings_from
from adaptive_style_tf.training.warm_start import warm_start_objective

PICTURES = np.zeros((1, 64, 64, 3), np.float32)


def requested(run_dir, **settings):
    return TrainingRequest(
        Places("somebody", Path("data")), run_dir, settings_from(settings), "train"
    )


def networks(scales=0.0, transformed=0.0):
    """Networks of which the discriminator's scale 3 and the transformer give chosen values."""
    return Networks(
        generator=SimpleNamespace(encoder=lambda pictures: pictures, decoder=lambda latent: latent),
        discriminator=lambda pictures: {
            "scale_0": ops.zeros((len(pictures), 2, 2, 1)),
            "scale_3": ops.full((len(pictures), 1, 1, 1), scales),
        },
        transformer=lambda pictures: pictures + transformed,
    )


def terms_of(objective):
    """In their real order: the total comes first."""
    _, terms = objective
    return {name: float(value) for name, value in terms.items()}


def of_generator(**faults):
    return terms_of(generator_objective(networks(**faults), PICTURES, ObjectiveSettings()))


def of_discriminator(**faults):
    settings = ObjectiveSettings()
    return terms_of(
        discriminator_objective(networks(**faults), PICTURES, PICTURES, PICTURES, settings)
    )


def of_warm_start(value):
    palette = Palette((0.0, 0.0, 0.0), (0.3, 0.3, 0.3))
    return terms_of(warm_start_objective(lambda pictures: pictures + value, PICTURES, palette))


@pytest.mark.parametrize(
    ("terms", "named"),
    [
        (of_generator(scales=math.nan), "generator/adversarial/scale_3"),
        (of_generator(transformed=math.nan), "generator/transformed_image"),
        (of_discriminator(scales=math.nan), "discriminator/painting/scale_3"),
        (of_warm_start(math.nan), "warm_start/pixels"),
        (of_warm_start(math.inf), "warm_start/pixels"),
    ],
)
def test_a_single_term_is_named_and_no_total(terms, named):
    assert next(iter(terms)).endswith("/total")
    assert first_non_finite_term(terms) == named
    in_other_order = dict(sorted(terms.items()))
    assert not math.isfinite(in_other_order[first_non_finite_term(in_other_order)])
    assert first_non_finite_term(in_other_order).count("/") == named.count("/")
    assert not first_non_finite_term(in_other_order).endswith("/total")


def test_a_total_is_named_where_nothing_else_is_at_fault():
    error = non_finite_loss(7, {"generator/content": 1e38, "generator/total": math.inf})
    assert str(error) == (
        "At step 7 the loss generator/total became inf; nothing was saved since the last "
        "checkpoint."
    )


@pytest.mark.parametrize(
    ("settings", "step", "change"),
    [
        ({}, 7, "--clip-norm 20"),
        ({"clip_norm": 20.0, "learning_rate": 3e-4}, 7, "--learning-rate 0.00015"),
        ({"warm_start_steps": 8, "warm_start_rate": 1e-3}, 7, "--warm-start-rate 0.0005"),
        ({"warm_start_steps": 7, "clip_norm": 5.0}, 7, "--learning-rate 0.0001"),
    ],
)
def test_what_is_advised_changes_something(tmp_path, settings, step, change):
    request, checkpoints = requested(tmp_path, **settings), CheckpointFolder(tmp_path / "c")
    advice = way_on(request, checkpoints, step)
    assert advice == f"Go on with:\n  train --restart {change}"
    with (
        pytest.raises(NonFiniteError) as caught,
        way_on_told(request, checkpoints, lambda: step),
    ):
        raise NonFiniteError("It broke.")
    assert str(caught.value) == f"It broke. {advice}"


@pytest.mark.parametrize(
    ("settings", "advice"),
    [
        ({"image_size": 768, "batch_size": 4}, "--batch-size 2"),
        ({"image_size": 768, "batch_size": 1}, "--image-size 384"),
        ({"image_size": 80, "batch_size": 1}, "--image-size 64"),
    ],
)
def test_a_device_that_is_too_small_is_told_with_advice(settings, advice):
    size, batch = settings["image_size"], settings["batch_size"]
    assert memory_advice(settings_from(settings)) == (
        f"The device ran out of memory with crops of {size} px and a batch of {batch}; "
        f"try {advice}, a smaller --ndf, or --precision mixed_bfloat16."
    )


def test_a_size_that_is_advised_is_smaller_and_one_that_is_accepted():
    for size in range(80, 1100, 16):
        advice = memory_advice(settings_from({"image_size": size}))
        smaller = int(advice.partition("--image-size ")[2].partition(",")[0])
        settings_from({"image_size": smaller})  # raises if it is not accepted
        assert smaller < size


def test_nothing_is_advised_that_is_done_already():
    smallest = {"image_size": 64, "batch_size": 1, "precision": "mixed_bfloat16"}
    assert memory_advice(settings_from(smallest)).endswith("; try a smaller --ndf.")


def test_only_the_backends_memory_error_becomes_one_and_checkpoints_are_thought_of(tmp_path):
    request = requested(tmp_path)

    def told(error):
        with memory_errors_told_plainly(request, lambda e: isinstance(e, MemoryError)):
            raise error

    with pytest.raises(OSError, match="unplugged"):
        told(OSError("unplugged"))
    with pytest.raises(DeviceMemoryError) as caught:
        told(MemoryError())
    assert str(caught.value) == memory_advice(request.settings)
    for step in (1000, 2000):
        (tmp_path / "checkpoints" / f"step_{step:09d}").mkdir(parents=True)
    with pytest.raises(DeviceMemoryError) as caught:
        told(MemoryError())
    assert "needs --restart or another --run-dir" in str(caught.value)
    assert str(caught.value).endswith("--resume-from 2000.")
