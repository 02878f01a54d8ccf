"""What a run records, and what a new start of it may change."""

import datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

import adaptive_style_tf
from adaptive_style_tf.errors import RunFolderError
from adaptive_style_tf.training.material import Places
from adaptive_style_tf.training.request import TrainingRequest
from adaptive_style_tf.training.run_folder import RunFolder
from adaptive_style_tf.training.settings import TrainingSettings, settings_from

# Of every setting a value that is not the default.
OTHER_SETTINGS = {
    "ngf": 3,
    "ndf": 3,
    "discriminator": "patches",
    "transformer_kind": "learned",
    "transformer_kernel": 4,
    "precision": "mixed_bfloat16",
    "adversarial_weight": 2.0,
    "content_weight": 2.0,
    "image_weight": 2.0,
    "content_loss": "l2",
    "generator_adversarial": "saturating",
    "photographs_are_negatives": False,
    "diff_augment": "color",
    "stroke_weight": 2.0,
    "learning_rate": 1e-3,
    "discriminator_rate": 1e-3,
    "adam_beta1": 0.5,
    "lr_schedule": "fade",
    "schedule": "alternate",
    "discriminator_success_rate": 0.5,
    "discriminator_steps": 2,
    "discriminator_head_start": 3,
    "warm_start_steps": 5,
    "warm_start_rate": 1e-3,
    "generator_ema": 0.9,
    "clip_norm": 1.0,
    "image_size": 256,
    "batch_size": 2,
    "style_scale": 0.5,
    "photograph_scale": 0.5,
    "grain": 3.0,
    "scale_bug": True,
    "stretch_small_crops": True,
    "all_categories": True,
    "total_steps": 300_001,
    "save_every": 7,
    "sample_every": 7,
    "seed": 1,
    "deterministic": True,
}
OTHER_PLACES = {
    "artist": "el-greco",
    "data_dir": Path("elsewhere"),
    "style_dir": Path("paintings"),
    "content_dir": Path("photographs"),
}
# They do not change what is learned.
ALWAYS = {
    *("total_steps", "save_every", "sample_every", "deterministic"),
    *("data_dir", "style_dir", "content_dir"),
}
# For these the arrays and step numbers of a checkpoint stand.
NEVER = {
    *("ngf", "ndf", "discriminator", "transformer_kind", "transformer_kernel", "warm_start_steps"),
    *("generator_ema", "seed", "artist", "init_from"),
}


def requested(run_dir, resume_from=None, init_from=None, **changed):
    places = {"artist": "paul-cezanne", "data_dir": Path("data")}
    places |= {name: changed.pop(name) for name in OTHER_PLACES if name in changed}
    return TrainingRequest(
        Places(**places), run_dir, settings_from(changed), "command", init_from, resume_from
    )


@pytest.fixture
def begun(tmp_path):
    """The folder of a run that was begun with the defaults and has a checkpoint."""
    folder = RunFolder(tmp_path / "run")
    folder.write_settings(requested(folder.path).record())
    (folder.checkpoints / "step_000001000").mkdir(parents=True)
    return folder


def may_differ(begun, name, value, resume_from):
    """Whether a new start may change this, and says so then."""
    try:
        lines = requested(begun.path, resume_from, **{name: value}).changes(begun)
    except RunFolderError:
        return False
    assert [line.partition(": was ")[0] for line in lines] == [name]
    return True


EVERYTHING = {**OTHER_SETTINGS, **OTHER_PLACES, "init_from": "a-style"}


def test_every_setting_is_looked_at():
    assert OTHER_SETTINGS.keys() == TrainingSettings().flat().keys()


def test_what_a_new_start_may_change(begun):
    found = {name for name, value in EVERYTHING.items() if may_differ(begun, name, value, None)}
    assert found == ALWAYS


def test_what_may_change_on_going_back_to_a_step(begun):
    found = {name for name, value in EVERYTHING.items() if may_differ(begun, name, value, 1000)}
    assert EVERYTHING.keys() - found == NEVER


def test_the_same_again_differs_in_nothing(begun):
    assert requested(begun.path).changes(begun) == []


def test_a_run_with_settings_that_only_an_earlier_version_had_goes_on(begun):
    begun.write_settings({**requested(begun.path).record(), "texture_steps": 300})
    assert requested(begun.path).changes(begun) == ["texture_steps: was 300, now not set"]


def test_places_are_recorded_as_they_were_given(tmp_path):
    record = requested(tmp_path, init_from="a-style", **OTHER_PLACES).record()
    assert record == {
        "artist": "el-greco",
        "data_dir": "elsewhere",
        "style_dir": "paintings",
        "content_dir": "photographs",
        "init_from": "a-style",
        **TrainingSettings().flat(),
    }
    plain = requested(tmp_path).record()
    assert [plain[name] for name in ("style_dir", "content_dir", "init_from")] == [None] * 3


def test_the_description_of_a_style():
    asked = requested(Path("run"), init_from="a-style", ngf=3, seed=5)
    material = SimpleNamespace(counts=lambda: {"paintings": 3, "photographs": 4})
    description = asked.description(material, "Abacus 3000", 700)
    assert (description.name, description.artist) == ("paul-cezanne", "paul-cezanne")
    assert (description.ngf, description.step) == (3, 700)
    assert description.settings == {**asked.settings.flat(), "init_from": "a-style"}
    assert description.data == {"paintings": 3, "photographs": 4}
    assert description.hardware == "Abacus 3000"
    assert description.package_version == adaptive_style_tf.__version__
    made = datetime.datetime.fromisoformat(description.date)
    assert made.utcoffset() == datetime.timedelta(0)
