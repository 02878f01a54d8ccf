import dataclasses
import math

import pytest

from adaptive_style_tf.errors import UsageError
from adaptive_style_tf.training.settings import (
    DataSettings,
    TrainingSettings,
    preset,
    settings_from,
)

POLICIES = "none, or some of color, translation, cutout, crop, blur with commas between"


def test_the_defaults_are_the_releases():
    settings = TrainingSettings().flat()
    expected = {
        "ngf": 32,
        "ndf": 64,
        "learning_rate": 2e-4,
        "adam_beta1": 0.9,
        "discriminator_success_rate": 0.8,
        "adversarial_weight": 1,
        "content_weight": 100,
        "image_weight": 100,
        "content_loss": "l1",
        "generator_adversarial": "non_saturating",
        "photographs_are_negatives": True,
        "transformer_kind": "fixed",
        "transformer_kernel": 10,
        "image_size": 768,
        "batch_size": 1,
        "total_steps": 300_000,
        "save_every": 1000,
        "sample_every": 500,
        "lr_schedule": "constant",
    }
    assert {name: settings[name] for name in expected} == expected
    assert preset("release") == {}


def test_the_papers_preset():
    paper = settings_from(preset("paper"))
    assert paper.objective.content_loss == "l2"
    assert paper.objective.generator_adversarial == "saturating"
    assert not paper.objective.photographs_are_negatives
    weights = paper.objective
    assert (weights.adversarial_weight, weights.content_weight, weights.image_weight) == (
        0.001,
        1,
        1,
    )
    assert paper.network.transformer_kind == "learned"
    assert paper.optimization.lr_schedule == "drop"
    assert paper.run.total_steps == 300_000


def test_a_preset_can_be_overridden():
    settings = settings_from({**preset("paper"), "content_weight": 5.0, "image_size": 256})
    assert settings.objective.content_weight == 5
    assert settings.objective.image_weight == 1
    assert settings.data == DataSettings(image_size=256)


def test_flat_settings_make_the_same_settings():
    settings = settings_from({"ngf": 3, "seed": 7, "clip_norm": 2.5, "all_categories": True})
    assert settings_from(settings.flat()) == settings


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("image_size", 48, "a multiple of 16 and at least 64"),
        ("image_size", 100, "a multiple of 16 and at least 64"),
        ("batch_size", 0, "at least 1"),
        ("ngf", 0, "at least 1"),
        ("ndf", -1, "at least 1"),
        ("learning_rate", 0.0, "above 0"),
        ("learning_rate", math.nan, "above 0"),
        ("learning_rate", math.inf, "above 0"),
        ("content_weight", -1.0, "at least 0"),
        ("adversarial_weight", math.nan, "at least 0"),
        ("discriminator_success_rate", 1.1, "between 0 and 1"),
        ("generator_ema", 1.0, "at least 0 and below 1"),
        ("clip_norm", -1.0, "at least 0"),
        ("discriminator_rate", -1.0, "at least 0"),
        ("adam_beta1", 1.0, "at least 0 and below 1"),
        ("adam_beta1", math.nan, "at least 0 and below 1"),
        ("total_steps", 0, "at least 1"),
        ("save_every", 0, "at least 1"),
        ("seed", -1, "at least 0"),
        ("precision", "float16", "one of float32, mixed_bfloat16"),
        ("lr_schedule", "cosine", "one of constant, drop, fade"),
        ("schedule", "random", "one of success, alternate"),
        ("discriminator_steps", 0, "at least 1"),
        ("discriminator_head_start", -1, "at least 0"),
        ("warm_start_steps", -1, "at least 0"),
        ("warm_start_rate", 0.0, "above 0"),
        ("grain", -1.0, "between 0 and 64"),
        ("grain", math.nan, "between 0 and 64"),
        ("stroke_weight", -1.0, "at least 0"),
        ("style_scale", 0.0, "between 0.05 and 4"),
        ("photograph_scale", math.nan, "between 0.05 and 4"),
        ("content_loss", "l3", "one of l1, l2"),
        ("diff_augment", "", POLICIES),
        ("diff_augment", "color,noise", POLICIES),
        ("diff_augment", "cutout,none", POLICIES),
        ("diff_augment", "cutout,cutout", POLICIES),
        ("transformer_kind", "none", "one of fixed, learned"),
        ("discriminator", "large", "one of release, patches"),
    ],
)
def test_values_out_of_range(name, value, wanted):
    option = name.replace("_", "-")
    with pytest.raises(UsageError, match=f"--{option} must be {wanted}. Received: {value}"):
        settings_from({name: value})


def test_unknown_names():
    with pytest.raises(UsageError, match="Unknown settings: colour, size"):
        settings_from({"size": 1, "colour": 2, "ngf": 4})
    with pytest.raises(UsageError, match="Unknown preset 'thesis'; choose one of release, paper"):
        preset("thesis")


@pytest.mark.parametrize(
    ("value", "policies"),
    [
        ("none", ()),
        ("color", ("color",)),
        ("translation,cutout,color", ("translation", "cutout", "color")),
    ],
)
def test_policies_of_the_augmentation_keep_their_order(value, policies):
    assert settings_from({"diff_augment": value}).objective.augmentation_policies == policies


def test_every_setting_is_checked_when_it_is_made():
    with pytest.raises(UsageError):
        dataclasses.replace(DataSettings(), image_size=65)
