import re
import shlex
from pathlib import Path

import pytest

from adaptive_style_tf.errors import UsageError
from adaptive_style_tf.train import build_parser
from adaptive_style_tf.training.profiles import PROFILES, profile
from adaptive_style_tf.training.settings import TrainingSettings, settings_from

ROOT = Path(__file__).parents[2]
EVERY_PROFILE = pytest.mark.parametrize("name", PROFILES)


def test_the_releases_profile_are_the_defaults():
    assert settings_from(profile("release")) == TrainingSettings()
    assert TrainingSettings().data.image_size == 768


def test_the_profile_for_processors():
    settings = settings_from(profile("cpu"))
    assert (settings.data.image_size, settings.network.ndf) == (256, 32)
    assert settings.network.precision == "mixed_bfloat16"
    assert settings.optimization.schedule == "alternate"
    warm, alone = (
        settings.optimization.warm_start_steps,
        settings.optimization.discriminator_head_start,
    )
    assert warm + alone < settings.run.total_steps
    # Half-precision gradients are wrong at random weights, so it needs its warm start; and a
    # discriminator that knows nothing only makes the generator ring.
    assert warm >= 1000
    assert alone >= 500


def test_the_profile_for_processors_says_how_many_steps_of_each_phase_it_has():
    settings = settings_from(profile("cpu"))
    total, warm = settings.run.total_steps, settings.optimization.warm_start_steps
    alone = settings.optimization.discriminator_head_start
    text = " ".join(PROFILES["cpu"].__doc__.split())
    assert f"{warm:,} steps of the warm start" in text
    assert f"{alone:,} of the discriminator alone" in text
    assert f"{total - warm - alone:,} of the networks in turn" in text


def test_the_guide_tells_all_that_the_profile_for_processors_stands_for():
    guide = (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
    table = guide.partition("| option of the profile |")[2].partition("\n\n")[0]
    options = " ".join(re.findall(r"^\| `(--.+?)` \|", table, re.MULTILINE))
    told = vars(build_parser().parse_args(["--artist", "anybody", *shlex.split(options)]))
    in_the_sentence_before = {"image_size", "ndf", "total_steps"}
    for name, value in profile("cpu").items():
        assert name in in_the_sentence_before or told[name] == value, name
    settings = settings_from(profile("cpu"))
    assert f"crops of {settings.data.image_size} px, `--ndf {settings.network.ndf}`" in guide
    assert f"{settings.run.total_steps:,} steps)" in guide


@EVERY_PROFILE
def test_a_profile_makes_valid_settings_and_changes_each_that_it_names(name):
    defaults = TrainingSettings().flat()
    for setting, value in profile(name).items():
        assert value != defaults[setting]
        assert type(value) is type(defaults[setting])
    settings_from(profile(name))


@EVERY_PROFILE
def test_a_profile_leaves_the_generator_and_the_kinds_of_losses_alone(name):
    left_alone = {"ngf", "content_loss", "generator_adversarial", "adversarial_weight"}
    assert not set(profile(name)) & left_alone


@EVERY_PROFILE
def test_a_profile_says_how_it_is_started(name):
    assert "python -m adaptive_style_tf.train --artist" in PROFILES[name].__doc__


def test_an_unknown_profile():
    with pytest.raises(UsageError, match="Unknown profile 'tpu'; choose one of release, cpu"):
        profile("tpu")
