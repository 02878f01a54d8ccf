"""Going on with a run: as it is, with other settings, from an earlier step."""

import json
import shutil

import numpy as np

from adaptive_style_tf.training.settings import TrainingSettings

# Of which the first version knew nothing.
LATER_SETTINGS = (
    *("adam_beta1", "diff_augment", "schedule", "discriminator_steps"),
    "discriminator_head_start",
    *("warm_start_steps", "warm_start_rate", "style_scale", "photograph_scale"),
)


def test_a_finished_run_says_so_and_renews_a_style_that_a_kill_took(narrow_training):
    run = narrow_training.finished()
    style = run.style().generator_weights()
    shutil.rmtree(run.path / "style")
    outcome = narrow_training()
    assert outcome.exit_code == 0
    assert "Resuming from step 8." in outcome.output
    assert "Done: 8 steps." in outcome.output
    renewed = run.style()
    assert renewed.description.step == 8
    assert all(
        np.array_equal(style[name], array) for name, array in renewed.generator_weights().items()
    )


def test_longer_and_saved_at_other_steps_is_the_same_run(narrow_training):
    run = narrow_training.finished()
    outcome = narrow_training("--total-steps", "9", "--save-every", "5", "--sample-every", "7")
    assert outcome.exit_code == 0
    for line in ("total_steps: was 8, now 9", "save_every: was 3, now 5"):
        assert f"Changed: {line}" in outcome.output
    assert run.steps() == [8, 9]
    assert run.settings()["total_steps"] == 9


def test_a_run_and_a_style_of_an_earlier_version_with_fewer_settings_go_on(narrow_training):
    run = narrow_training.finished()
    source = narrow_training.finished(narrow_training.other_run("source"))
    for path in (run.path / "settings.json", source.path / "style" / "style.json"):
        content = json.loads(path.read_text())
        for name in LATER_SETTINGS:
            del content["settings"][name]
        path.write_text(json.dumps(content))
    outcome = narrow_training("--total-steps", "9")
    assert outcome.exit_code == 0
    assert "Resuming from step 8." in outcome.output
    assert set(run.settings()) >= set(TrainingSettings().flat())

    begun = narrow_training.other_run("begun")
    started = narrow_training("--init-from", str(source.path), run=begun)
    assert started.exit_code == 0
    assert f"Starting from the style in {source.path / 'style'}" in started.output


def test_other_pictures_are_noticed(narrow_training, pictures, tmp_path):
    narrow_training.finished()
    fewer = shutil.copytree(pictures.photographs, tmp_path / "fewer")
    (fewer / "0.png").unlink()
    outcome = narrow_training("--content-dir", str(fewer))
    assert outcome.exit_code == 0
    assert f"Changed: content_dir: was {pictures.photographs}, now {fewer}" in outcome.output
    assert "The pictures have changed since" in outcome.output


def test_resume_from_sets_later_checkpoints_aside_and_takes_other_weights(
    narrow_training, assert_same_state
):
    run = narrow_training.finished()
    before = run.newest()
    outcome = narrow_training("--resume-from", "6", "--learning-rate", "1e-30")
    assert outcome.exit_code == 0
    assert "Resuming from step 6." in outcome.output
    assert "Changed: learning_rate: was 0.0002, now 1e-30" in outcome.output
    assert "step_000000008" in outcome.output
    assert_same_state(run.set_aside.load(8), before)
    # At a rate of nearly nothing the end is what step 6 was.
    kernel = "generator/decoder/output/kernel"
    at_six = run.checkpoints.load(6).tensors[kernel]
    assert np.array_equal(run.newest().tensors[kernel], at_six)
    assert run.settings()["learning_rate"] == 1e-30


def test_resume_from_takes_another_course_but_not_another_network(narrow_training):
    run = narrow_training.finished()
    wider = narrow_training("--resume-from", "6", "--ngf", "8")
    assert wider.exit_code == 1
    assert "ngf: was 2, now 8" in wider.errors
    course = ("--schedule", "alternate", "--discriminator-steps", "3", "--image-size", "80")
    assert narrow_training(*course).exit_code == 1  # not without saying where it turns off
    outcome = narrow_training("--resume-from", "6", *course)
    assert outcome.exit_code == 0
    for change in ("schedule: was success, now alternate", "image_size: was 64, now 80"):
        assert change in outcome.output
    assert run.settings()["discriminator_steps"] == 3


def test_resume_from_an_unknown_step_lists_those_that_are_there(narrow_training):
    before = narrow_training.finished().files()
    outcome = narrow_training("--resume-from", "5")
    outcome.assert_refused(2, "--resume-from 5", "it has: 6, 8")
    assert narrow_training.run.files() == before
