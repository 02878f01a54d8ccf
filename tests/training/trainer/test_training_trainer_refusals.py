"""Runs that cannot be used are refused and left alone."""

import os

import numpy as np

from adaptive_style_tf.training.run_folder import RunFolder


def test_other_settings_are_refused_and_every_difference_is_listed(narrow_training):
    before = narrow_training.finished().files()
    outcome = narrow_training(
        *("--seed", "7", "--content-weight", "50", "--total-steps", "5", "--save-every", "9")
    )
    assert outcome.exit_code == 1
    assert "was started with other settings" in outcome.errors
    for line in (
        "content_weight: was 100.0, now 50.0",
        "seed: was 0, now 7",
        "total_steps: was 8, now 5 (may only grow)",
    ):
        assert line in outcome.errors
    assert "save_every" not in outcome.errors
    assert "Traceback" not in outcome.errors
    assert narrow_training.run.files() == before


def test_what_the_run_folder_forbids_is_told_before_the_pictures_are_looked_at(narrow_training):
    before = narrow_training.finished().files()
    no_pictures = ("--content-dir", str(narrow_training.run.path / "nowhere"))
    outcome = narrow_training(*no_pictures, "--seed", "7")
    assert "was started with other settings" in outcome.errors
    with RunFolder(narrow_training.run.path).lock():
        for more in ((), ("--restart", "--yes")):
            narrow_training(*no_pictures, *more).assert_refused(1, "is in use by")
    # To begin anew the settings may be others; then the pictures are what is missing.
    outcome = narrow_training(*no_pictures, "--seed", "7", "--restart", "--yes")
    outcome.assert_refused(1, "There are no photographs")
    assert narrow_training.run.files() == before


def test_a_run_that_is_in_use_is_refused(narrow_training):
    run = narrow_training.finished()
    before = run.files()
    with RunFolder(run.path).lock():
        outcome = narrow_training("--total-steps", "9")
    outcome.assert_refused(1, "is in use by", str(os.getpid()))
    assert run.files() == before


def test_a_folder_of_other_things_is_refused(narrow_training):
    folder = narrow_training.run.path
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    outcome = narrow_training("--restart", "--yes")
    outcome.assert_refused(1, "no run folder", "choose another --run-dir")
    assert [path.name for path in folder.iterdir()] == ["thesis.txt"]


def test_a_checkpoint_with_nan_is_refused(narrow_training):
    run = narrow_training.finished()
    saved = run.newest()
    name = "discriminator_optimizer/velocity/conv_0/kernel"
    saved.tensors[name][0] = np.inf
    run.checkpoints.save(8, saved.tensors, saved.scalars)
    before = run.files()
    outcome = narrow_training("--total-steps", "9")
    outcome.assert_refused(1, "step 8", "NaN or infinite", name, "--resume-from")
    assert run.files() == before


def test_a_checkpoint_of_another_make_is_refused(narrow_training):
    run = narrow_training.finished()
    saved = run.newest()
    del saved.tensors["generator/encoder/conv_1/kernel"]
    run.checkpoints.save(8, saved.tensors, saved.scalars)
    outcome = narrow_training("--total-steps", "9")
    outcome.assert_refused(1, "does not fit this run", "encoder/conv_1/kernel")
