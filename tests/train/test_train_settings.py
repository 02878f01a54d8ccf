"""Which settings the options of the command line make."""

from pathlib import Path

import pytest

from adaptive_style_tf import train


def test_options_of_the_2018_release_set_the_same_settings(requested):
    request = requested(
        *("--ptad", "paintings", "--ptcd", "places", "--image_size=64", "--batch_size", "2"),
        *("--total_steps", "100", "--dsr", "0.75", "--lr=0.001"),
        *("--dlw", "2", "--tlw", "30", "--flw", "40", "--ngf", "16", "--ndf", "8"),
    )
    assert request.places.style_dir == Path("paintings")
    assert request.places.content_dir == Path("places")
    expected = {
        "image_size": 64,
        "batch_size": 2,
        "total_steps": 100,
        "discriminator_success_rate": 0.75,
        "learning_rate": 0.001,
        "adversarial_weight": 2.0,  # dlw: of the discriminator's loss
        "image_weight": 30.0,  # tlw: of the transformed image's
        "content_weight": 40.0,  # flw: of the features'
        "ngf": 16,
        "ndf": 8,
    }
    settings = request.settings.flat()
    assert {name: settings[name] for name in expected} == expected


def test_underscores_in_values_stay(requested):
    request = requested("--style_dir", "my_paintings", "--run_dir=my_runs/run_1")
    assert request.places.style_dir == Path("my_paintings")
    assert request.run_dir == Path("my_runs/run_1")


def test_without_options_it_is_the_release(requested):
    settings = requested().settings.flat()
    expected = {  # as it was published in 2018
        "image_size": 768,
        "batch_size": 1,
        "total_steps": 300_000,
        "save_every": 1000,
        "sample_every": 500,
        "ngf": 32,
        "ndf": 64,
        "learning_rate": 2e-4,
        "lr_schedule": "constant",
        "discriminator_success_rate": 0.8,
        "adversarial_weight": 1.0,
        "content_weight": 100.0,
        "image_weight": 100.0,
        "content_loss": "l1",
        "generator_adversarial": "non_saturating",
        "photographs_are_negatives": True,
        "transformer_kind": "fixed",
        "transformer_kernel": 10,
        "scale_bug": False,
        "stretch_small_crops": False,
        "generator_ema": 0.0,
        "clip_norm": 0.0,
        "precision": "float32",
        "deterministic": False,
    }
    assert {name: settings[name] for name in expected} == expected


def test_a_preset_is_a_set_of_settings_each_of_which_can_be_overridden(requested):
    overrides = ("--content-weight", "3", "--photographs-are-negatives")
    settings = requested("--preset", "paper", *overrides).settings.flat()
    expected = {
        "content_loss": "l2",
        "generator_adversarial": "saturating",
        "photographs_are_negatives": True,
        "adversarial_weight": 0.001,
        "content_weight": 3.0,
        "image_weight": 1.0,
        "transformer_kind": "learned",
        "lr_schedule": "drop",
    }
    assert {name: settings[name] for name in expected} == expected


def test_a_profile_goes_with_any_preset_and_options_override_both(requested):
    from adaptive_style_tf.training.profiles import profile
    from adaptive_style_tf.training.settings import preset

    plain = requested().settings.flat()
    assert requested("--profile", "cpu").settings.flat() == {**plain, **profile("cpu")}
    both = {**plain, **profile("cpu"), **preset("paper")}
    assert requested("--profile", "cpu", "--preset", "paper").settings.flat() == both
    # Where both speak, the preset is heard.
    assert both["lr_schedule"] == "drop" != profile("cpu")["lr_schedule"]
    # Back to the release's values, and to none of the two's.
    overrides = ("--ndf", "64", "--precision", "float32", "--content-weight", "7")
    found = requested(*overrides, "--profile", "cpu", "--preset", "paper").settings.flat()
    assert found == {**both, "ndf": 64, "precision": "float32", "content_weight": 7.0}


def test_a_style_to_start_from_takes_the_place_of_the_profile_s_warm_start(requested, capsys):
    from adaptive_style_tf.training.profiles import profile

    from_a_style = ("--profile", "cpu", "--init-from", "runs/monet")
    told = "Without the profile's warm start: --init-from gives trained weights already."
    settings = requested(*from_a_style).settings.flat()
    assert settings == {**requested("--profile", "cpu").settings.flat(), "warm_start_steps": 0}
    assert capsys.readouterr().out.splitlines() == [told]
    # Whoever asks for a warm start gets it, and what comes without one needs no remark.
    asked_for = requested(*from_a_style, "--warm-start-steps", "70").settings.flat()
    assert asked_for == {**settings, "warm_start_steps": 70}
    assert requested("--init-from", "runs/monet").settings == requested().settings
    assert requested("--profile", "cpu").settings.flat()["warm_start_steps"] > 0
    assert profile("cpu")["warm_start_steps"] > 0  # else this test shows nothing
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("option", "name", "value"),
    [
        ("--transformer-kind", "transformer_kind", "learned"),
        ("--transformer-kernel", "transformer_kernel", 5),
        ("--content-loss", "content_loss", "l2"),
        ("--generator-adversarial", "generator_adversarial", "saturating"),
        ("--lr-schedule", "lr_schedule", "drop"),
        ("--adam-beta1", "adam_beta1", 0.5),
        ("--diff-augment", "diff_augment", "translation,cutout"),
        ("--warm-start-rate", "warm_start_rate", 0.0004),
        ("--generator-ema", "generator_ema", 0.999),
        ("--clip-norm", "clip_norm", 20.0),
        ("--precision", "precision", "mixed_bfloat16"),
        ("--seed", "seed", 5),
        ("--save-every", "save_every", 7),
        ("--sample-every", "sample_every", 9),
        ("--all-categories", "all_categories", True),
        ("--scale-bug", "scale_bug", True),
        ("--stretch-small-crops", "stretch_small_crops", True),
        ("--deterministic", "deterministic", True),
    ],
)
def test_an_option_sets_its_setting_and_no_other(requested, option, name, value):
    plain = requested().settings.flat()
    changed = requested(option, *([] if value is True else [str(value)])).settings.flat()
    assert changed == {**plain, name: value}
    assert plain[name] != value


def test_every_setting_has_its_option(requested):
    destinations = {option.dest for option in train.build_parser()._actions}
    assert set(requested().settings.flat()) <= destinations


def test_what_else_is_asked_for(requested):
    request = requested("--init-from", "monet", "--data-dir", "elsewhere")
    assert (request.init_from, request.places.data_dir) == ("monet", Path("elsewhere"))
    assert (request.resume_from, request.restart) == (None, False)
    assert requested("--resume-from", "15000").resume_from == 15000
    assert requested("--restart").restart
    assert request.cache_bytes == 2**29
    assert requested("--cache-gigabytes", "4").cache_bytes == 2**32
    assert requested("--cache-gigabytes", "0").cache_bytes == 0
