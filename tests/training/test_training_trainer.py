"""Whole trainings, from command line to style; `narrow_training` is in conftest.py."""

import contextlib
import errno
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from safetensors.numpy import load_file, save_file
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from adaptive_style_tf.styles import find_style, read_style
from adaptive_style_tf.training import checkpoint_format, checkpoints, initial_state
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.health import CollapseGuard
from adaptive_style_tf.training.outputs import RunOutputs
from adaptive_style_tf.training.run_folder import RunFolder
from adaptive_style_tf.training.settings import TrainingSettings

RELEASE = {
    "artist": "tiny-artist",
    "data_dir": "data",
    "init_from": None,
    "ngf": 2,
    "ndf": 2,
    "transformer_kind": "fixed",
    "transformer_kernel": 10,
    "precision": "float32",
    "adversarial_weight": 1.0,
    "content_weight": 100.0,
    "image_weight": 100.0,
    "content_loss": "l1",
    "generator_adversarial": "non_saturating",
    "photographs_are_negatives": True,
    "learning_rate": 2e-4,
    "lr_schedule": "constant",
    "discriminator_success_rate": 0.8,
    "generator_ema": 0.0,
    "clip_norm": 0.0,
    "image_size": 64,
    "batch_size": 1,
    "scale_bug": False,
    "stretch_small_crops": False,
    "all_categories": False,
    "total_steps": 8,
    "save_every": 3,
    "sample_every": 100,
    "seed": 0,
    "deterministic": True,
}
PAPER = {
    **RELEASE,
    "content_loss": "l2",
    "generator_adversarial": "saturating",
    "photographs_are_negatives": False,
    "adversarial_weight": 0.001,
    "content_weight": 1.0,
    "image_weight": 1.0,
    "transformer_kind": "learned",
    "lr_schedule": "drop",
}


def steps_of(run):
    return CheckpointFolder(run / "checkpoints").steps()


def newest(run):
    return CheckpointFolder(run / "checkpoints").load(steps_of(run)[-1])


def settings_of(run):
    return json.loads((run / "settings.json").read_text())["settings"]


def files_of(run):
    """Every file with its content, apart from the lock."""
    return {
        path: path.read_bytes() for path in run.rglob("*") if path.is_file() and path.name != "lock"
    }


def assert_same_state(one, other):
    """Every number that decides the future, bit for bit."""
    assert one.step == other.step
    assert one.scalars == other.scalars
    assert one.tensors.keys() == other.tensors.keys()
    for name, array in one.tensors.items():
        assert array.tobytes() == other.tensors[name].tobytes(), name


def assert_refused(outcome, exit_code, *parts):
    """One line without a traceback, that holds these words; no training has begun."""
    assert outcome.exit_code == exit_code
    message = outcome.errors.splitlines()[-1]
    assert message.startswith("python -m adaptive_style_tf.train: error: ")
    assert "Traceback" not in outcome.errors
    assert "Training tiny-artist" not in outcome.output
    for part in parts:
        assert part in message


# What a run leaves behind


def test_a_run_trains_both_networks_and_leaves_everything_it_should(narrow_training):
    outcome = narrow_training()
    run = narrow_training.run_dir
    assert outcome.exit_code == 0
    assert "Training tiny-artist for 8 steps" in outcome.output
    assert f"Done: 8 steps. The style is in {run / 'style'}" in outcome.output
    assert sorted(path.name for path in run.iterdir()) == [
        *("checkpoints", "lock", "logs", "samples", "settings.json", "style")
    ]
    assert steps_of(run) == [6, 8]  # of 3, 6 and 8 the two newest
    tensors = newest(run).tensors
    updates = [
        tensors[f"{network}_optimizer/iterations"] for network in ("generator", "discriminator")
    ]
    assert sum(updates) == 8
    assert min(updates) >= 2
    for name, first in narrow_training.first_arrays.items():
        # Deeper scales see one pixel of a crop so small, and their norm removes it.
        if name.startswith(("generator/", "discriminator/conv_0")) and name.endswith("kernel"):
            assert not np.array_equal(tensors[name], first), name


def test_the_style_is_the_generator_of_the_newest_checkpoint(narrow_training, monkeypatch):
    monkeypatch.chdir(narrow_training.run_dir.parent)
    run = narrow_training.finished(Path("runs/tiny-artist"))
    tensors = newest(run).tensors
    for name in ("runs/tiny-artist", "tiny-artist", "tiny", str(run / "style")):
        style = find_style(name)
        assert style.folder.resolve() == (run / "style").resolve()
    description = style.description
    assert (description.artist, description.ngf, description.step) == ("tiny-artist", 2, 8)
    assert description.data == {"paintings": 3, "photographs": 3}
    assert description.settings["content_weight"] == 100.0
    weights = style.generator_weights()
    assert {f"generator/{name}" for name in weights} == {
        name for name in tensors if name.startswith("generator/")
    }
    for name, weight in weights.items():
        assert np.array_equal(weight, tensors[f"generator/{name}"])


def test_the_sample_sheet_and_the_curves_can_be_looked_at(narrow_training):
    run = narrow_training.finished()
    with Image.open(run / "samples" / "step_000008.jpg") as sheet:
        assert sheet.size == (3 * 64 + 2 * 4, 4 * 64 + 3 * 4)
    events = EventAccumulator(str(run / "logs"), size_guidance={"tensors": 0})
    events.Reload()
    names = set(events.Tags()["tensors"])
    assert names >= {
        "samples",
        "generator/total",
        "generator/content",
        "generator/transformed_image",
        "generator/adversarial/scale_6",
        "generator/accuracy",
        "schedule/success",
        "schedule/waiting_for_pictures",
        "health/deviation_ratio",
        "health/following",
        "health/clipped_share",
    }
    assert [event.step for event in events.Tensors("health/following")] == [3, 6, 8]
    [sample] = events.Tensors("samples")
    width, height, _ = tf.make_ndarray(sample.tensor_proto)
    assert (sample.step, width, height) == (8, b"200", b"268")


def assert_written(settings, expected, pictures):
    folders = {"style_dir": str(pictures.paintings), "content_dir": str(pictures.photographs)}
    assert {name: settings[name] for name in (*expected, *folders)} == {**expected, **folders}
    assert set(settings) >= set(TrainingSettings().flat())  # every one there is


def test_settings_are_written_in_full(narrow_training, pictures):
    assert_written(settings_of(narrow_training.finished()), RELEASE, pictures)


def test_the_paper_preset_trains_its_transformer_and_the_average_is_an_average(
    narrow_training, pictures
):
    rates, expected = [], {}

    def look(state, trained):
        if trained == "generator":
            rates.append(float(state.generator_optimizer.learning_rate))
            after = state.arrays()
            for name, first in narrow_training.first_arrays.items():
                if name.startswith("generator/"):
                    mean = expected.get(name, first.astype(np.float64))
                    expected[name] = 0.75 * mean + 0.25 * after[name]

    narrow_training.hooks.append(look)
    outcome = narrow_training("--preset", "paper", "--generator-ema", "0.75")
    assert outcome.exit_code == 0
    run = narrow_training.run_dir
    assert_written(settings_of(run), {**PAPER, "generator_ema": 0.75}, pictures)

    # T starts as the flat average (zeros before the softmax) and stays a weighted average.
    tensors = newest(run).tensors
    kernel = tensors["transformer/kernel"].astype(np.float64)
    assert kernel.shape == (10, 10, 3, 1)
    assert np.abs(kernel).max() > 1e-5
    weights = np.exp(kernel) / np.exp(kernel).sum(axis=(0, 1), keepdims=True)
    assert weights.min() > 0
    assert np.ptp(weights) > 1e-7
    momentum = tensors["generator_optimizer/momentum/kernel"]
    assert (momentum != 0).mean() > 0.9

    # The rate is a tenth for the last third, from step 5.33 of 8 on.
    assert set(np.round(rates, 8)) == {2e-4, 2e-5}
    assert rates == sorted(rates, reverse=True)

    style = read_style(run / "style").generator_weights()
    for name, weight in style.items():
        np.testing.assert_allclose(weight, expected[f"generator/{name}"], rtol=1e-5, atol=1e-7)
        assert np.array_equal(weight, tensors[f"generator_average/{name}"])
    kernel = "decoder/output/kernel"
    assert not np.array_equal(style[kernel], tensors[f"generator/{kernel}"])


# Going on


@pytest.mark.slow
def test_killed_again_and_again_a_process_comes_to_the_same_end(pictures, tmp_path):
    """The real thing: processes of their own, SIGKILL, every part of the state in use."""
    options = [
        *("--artist", "tiny-artist", "--image-size", "64", "--ngf", "2", "--ndf", "2"),
        *("--style-dir", str(pictures.paintings), "--content-dir", str(pictures.photographs)),
        *("--preset", "paper", "--schedule", "alternate", "--warm-start-steps", "7"),
        *("--generator-ema", "0.9", "--clip-norm", "20", "--deterministic"),
        *("--diff-augment", "color,translation,cutout"),
        *("--total-steps", "60", "--save-every", "4", "--sample-every", "100"),
    ]

    def start(run):
        return subprocess.Popen(
            [sys.executable, "-m", "adaptive_style_tf.train", *options, "--run-dir", str(run)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def finish(process):
        output, _ = process.communicate()
        assert process.returncode == 0, output
        return output

    whole, killed = tmp_path / "whole", tmp_path / "killed"
    finish(start(whole))
    random = np.random.default_rng()  # anew each time, as a kill comes
    for number in range(3):
        saved = steps_of(killed)
        with start(killed) as process:
            # Once it has got further: within its next saves, which take half of the time.
            while process.poll() is None and steps_of(killed) == saved:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(0.02)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(random.uniform(0, 1.5))
            process.kill()
            output, _ = process.communicate()
        assert ("Resuming from step" in output) == (number > 0)
    resumed = steps_of(killed)[-1]
    output = finish(start(killed))
    assert f"Resuming from step {resumed}." in output
    assert_same_state(newest(killed), newest(whole))
    one, other = (read_style(run / "style").generator_weights() for run in (whole, killed))
    assert all(np.array_equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize(("died_at", "resumed_from"), [(4, 3), (7, 6)])
def test_what_a_kill_leaves_goes_on_to_the_same_end(narrow_training, died_at, resumed_from):
    run, remains = narrow_training.run_dir, narrow_training.run_dir.with_name("remains")

    def copy_what_a_kill_would_leave(state, trained):
        if state.step == died_at and not remains.exists():
            shutil.copytree(run, remains)

    narrow_training.hooks.append(copy_what_a_kill_would_leave)
    assert narrow_training().exit_code == 0
    outcome = narrow_training(run_dir=remains)
    assert outcome.exit_code == 0
    assert f"Resuming from step {resumed_from}." in outcome.output
    assert_same_state(newest(remains), newest(run))
    assert newest(run).scalars["success"] != 0.8
    assert files_of(remains / "style").keys() != {}
    one, other = (read_style(folder / "style").generator_weights() for folder in (run, remains))
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_a_truncated_newest_checkpoint_is_reported_and_the_one_before_used(narrow_training):
    run = narrow_training.finished()
    before = newest(run)
    [shard] = (run / "checkpoints" / "step_000000008").glob("*.safetensors")
    with shard.open("r+b") as file:
        file.truncate(shard.stat().st_size // 2)
    outcome = narrow_training()
    assert outcome.exit_code == 0
    assert f"{shard.parent} is damaged" in outcome.output
    assert "Resuming from step 6." in outcome.output
    assert_same_state(newest(run), before)


@pytest.mark.parametrize(("name", "exit_code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_saves_and_the_same_command_goes_on_to_the_same_end(
    narrow_training, name, exit_code
):
    def interrupt(state, trained):
        if state.step == 4:
            signal.raise_signal(signal.Signals[name])

    narrow_training.hooks.append(interrupt)
    outcome = narrow_training()
    assert outcome.exit_code == exit_code
    assert f"Stopped by {name} at step 5; everything is saved." in outcome.output
    assert outcome.errors.count("error") == 0
    assert steps_of(narrow_training.run_dir) == [3, 5]
    assert read_style(narrow_training.run_dir / "style").description.step == 5

    narrow_training.hooks.remove(interrupt)
    printed = shlex.split(outcome.output.splitlines()[-1])
    assert printed[:3] == ["python", "-m", "adaptive_style_tf.train"]
    again = narrow_training.command(printed[3:])
    assert again.exit_code == 0
    assert "Resuming from step 5." in again.output
    uninterrupted = narrow_training.finished(narrow_training.run_dir.with_name("uninterrupted"))
    assert_same_state(newest(narrow_training.run_dir), newest(uninterrupted))


def test_a_finished_run_says_so_and_renews_a_style_that_a_kill_took(narrow_training):
    run = narrow_training.finished()
    style = read_style(run / "style").generator_weights()
    shutil.rmtree(run / "style")
    outcome = narrow_training()
    assert outcome.exit_code == 0
    assert "Resuming from step 8." in outcome.output
    assert "Done: 8 steps." in outcome.output
    renewed = read_style(run / "style")
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
    assert steps_of(run) == [8, 9]
    assert settings_of(run)["total_steps"] == 9


def test_a_run_and_a_style_of_an_earlier_version_with_fewer_settings_go_on(narrow_training):
    run = narrow_training.finished()
    source = narrow_training.finished(run.with_name("source"))
    for path in (run / "settings.json", source / "style" / "style.json"):
        content = json.loads(path.read_text())
        kept = {name: value for name, value in content["settings"].items() if name in RELEASE}
        assert len(kept) < len(content["settings"])
        path.write_text(json.dumps({**content, "settings": kept}))
    outcome = narrow_training("--total-steps", "9")
    assert outcome.exit_code == 0
    assert "Resuming from step 8." in outcome.output
    assert set(settings_of(run)) >= set(TrainingSettings().flat())

    started = narrow_training("--init-from", str(source), run_dir=run.with_name("started"))
    assert started.exit_code == 0
    assert f"Starting from the style in {source / 'style'}" in started.output


def test_other_pictures_are_noticed(narrow_training, pictures):
    narrow_training.finished()
    fewer = shutil.copytree(pictures.photographs, narrow_training.run_dir.with_name("fewer"))
    (fewer / "0.png").unlink()
    outcome = narrow_training("--content-dir", str(fewer))
    assert outcome.exit_code == 0
    assert f"Changed: content_dir: was {pictures.photographs}, now {fewer}" in outcome.output
    assert "The pictures have changed since" in outcome.output


def test_a_warm_start_begins_with_residual_blocks_of_no_effect(narrow_training):
    seen = []

    def look(state, trained):
        blocks = state.networks.generator.decoder.residual_blocks
        seen.append(max(float(np.abs(np.asarray(block.norm_2.scale)).max()) for block in blocks))

    narrow_training.hooks.append(look)
    outcome = narrow_training("--warm-start-steps", "2", "--total-steps", "2")
    assert outcome.exit_code == 0
    assert seen
    assert max(seen) < 0.01  # a step changes a scale by the rate, 2.5e-4; they start near 1 else


# Going back and beginning anew


def test_resume_from_sets_later_checkpoints_aside_and_takes_other_weights(narrow_training):
    run = narrow_training.finished()
    before = newest(run)
    outcome = narrow_training("--resume-from", "6", "--learning-rate", "1e-30")
    assert outcome.exit_code == 0
    assert "Resuming from step 6." in outcome.output
    assert "Changed: learning_rate: was 0.0002, now 1e-30" in outcome.output
    assert "step_000000008" in outcome.output
    aside = CheckpointFolder(run / "checkpoints" / "set_aside")
    assert_same_state(aside.load(8), before)
    # At a rate of nearly nothing the end is what step 6 was.
    kernel = "generator/decoder/output/kernel"
    at_six = CheckpointFolder(run / "checkpoints").load(6).tensors[kernel]
    assert np.array_equal(newest(run).tensors[kernel], at_six)
    assert settings_of(run)["learning_rate"] == 1e-30


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
    assert settings_of(run)["discriminator_steps"] == 3


def test_resume_from_an_unknown_step_lists_those_that_are_there(narrow_training):
    before = files_of(narrow_training.finished())
    outcome = narrow_training("--resume-from", "5")
    assert_refused(outcome, 2, "--resume-from 5", "it has: 6, 8")
    assert files_of(narrow_training.run_dir) == before


def test_restart_begins_anew(narrow_training):
    run = narrow_training.finished()
    (run / "notes.txt").write_text("mine")
    outcome = narrow_training("--restart", "--yes", "--total-steps", "2")
    assert outcome.exit_code == 0
    assert "Resuming" not in outcome.output
    assert steps_of(run) == [2]
    assert [path.name for path in (run / "samples").iterdir()] == ["step_000002.jpg"]
    assert (run / "notes.txt").read_text() == "mine"


def test_restart_without_a_terminal_wants_to_be_sure(narrow_training):
    before = files_of(narrow_training.finished())
    outcome = narrow_training("--restart")
    assert_refused(outcome, 2, "Delete checkpoints, logs, samples, style", "add --yes")
    assert files_of(narrow_training.run_dir) == before


@pytest.mark.parametrize(("answer", "deleted"), [("y", True), ("", False), ("no", False)])
def test_restart_asks_on_a_terminal(narrow_training, monkeypatch, answer, deleted):
    before = files_of(narrow_training.finished())
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    questions = []
    monkeypatch.setattr("builtins.input", lambda question: questions.append(question) or answer)
    outcome = narrow_training("--restart", "--total-steps", "1")
    assert len(questions) == 1
    assert "Delete checkpoints" in questions[0]
    if deleted:
        assert outcome.exit_code == 0
        assert steps_of(narrow_training.run_dir) == [1]
    else:
        assert_refused(outcome, 1, "Nothing was deleted")
        assert files_of(narrow_training.run_dir) == before


def test_restart_and_resume_from_exclude_each_other(narrow_training):
    before = files_of(narrow_training.finished())
    outcome = narrow_training("--restart", "--yes", "--resume-from", "6")
    assert_refused(outcome, 2, "--restart deletes the checkpoints")
    assert files_of(narrow_training.run_dir) == before


# Starting from a style


def test_init_from_starts_with_the_style(narrow_training):
    source = narrow_training.finished(narrow_training.run_dir.with_name("source"))
    style = read_style(source / "style").generator_weights()
    outcome = narrow_training("--init-from", str(source), "--learning-rate", "1e-30")
    assert outcome.exit_code == 0
    assert f"Starting from the style in {source / 'style'}: generator." in outcome.output
    trained = newest(narrow_training.run_dir).tensors
    for name, array in style.items():
        assert np.array_equal(trained[f"generator/{name}"], array)
    kernel = "generator/decoder/output/kernel"
    assert not np.array_equal(trained[kernel], narrow_training.first_arrays[kernel])


def test_a_run_that_goes_on_needs_the_style_no_more(narrow_training):
    source = narrow_training.finished(narrow_training.run_dir.with_name("source"))
    options = ("--init-from", str(source), "--learning-rate", "1e-30")
    narrow_training(*options, "--total-steps", "2")
    shutil.rmtree(source)
    outcome = narrow_training(*options, "--total-steps", "3")
    assert outcome.exit_code == 0
    assert "Resuming from step 2." in outcome.output
    assert "Starting from" not in outcome.output


def test_a_run_can_begin_anew_from_its_own_style(narrow_training):
    run = narrow_training.finished()
    style = read_style(run / "style").generator_weights()
    options = ("--restart", "--yes", "--init-from", str(run), "--learning-rate", "1e-30")
    outcome = narrow_training(*options, "--total-steps", "1")
    assert outcome.exit_code == 0
    kernel = "decoder/output/kernel"
    assert np.array_equal(newest(run).tensors[f"generator/{kernel}"], style[kernel])


@pytest.mark.parametrize("width", ["--ngf", "--ndf"])
def test_a_style_of_other_widths_is_refused_before_anything_is_deleted(narrow_training, width):
    run = narrow_training.finished()
    if width == "--ndf":
        add_discriminator(run / "style")
    before = files_of(run)
    restart = ("--restart", "--yes", "--init-from", str(run))
    outcome = narrow_training(*restart, width, "3")
    assert_refused(outcome, 1, "has other widths than this training (--ngf", f"{width} 2")
    assert len(outcome.errors.splitlines()[-1]) < 400
    assert files_of(run) == before


def add_discriminator(folder):
    """Writes the style again with the checkpoint's discriminator, as converted ones have it."""
    from dataclasses import replace

    from adaptive_style_tf.styles import write_style

    style = read_style(folder)
    tensors = newest(folder.parent).tensors
    discriminator = {
        name.removeprefix("discriminator/"): array
        for name, array in tensors.items()
        if name.startswith("discriminator/")
    }
    described = replace(style.description, ndf=2)
    write_style(folder, described, style.generator_weights(), discriminator)


def test_the_discriminator_of_a_style_is_taken_too(narrow_training):
    source = narrow_training.finished(narrow_training.run_dir.with_name("source"))
    add_discriminator(source / "style")
    outcome = narrow_training("--init-from", str(source), "--learning-rate", "1e-30")
    assert ": generator, discriminator." in outcome.output
    kernel = "discriminator/conv_0/kernel"
    found, wanted = (newest(run).tensors[kernel] for run in (narrow_training.run_dir, source))
    assert np.array_equal(found, wanted)


def test_an_unknown_style_is_refused_before_anything_is_deleted(narrow_training, monkeypatch):
    run = narrow_training.finished()
    monkeypatch.chdir(run.parent)
    before = files_of(run)
    outcome = narrow_training("--restart", "--yes", "--init-from", "monett")
    assert_refused(outcome, 2, 'style "monett"')
    assert files_of(run) == before


def test_a_style_with_nan_is_refused(narrow_training):
    source = narrow_training.finished(narrow_training.run_dir.with_name("source"))
    poison_style(source / "style", "decoder/output/kernel")
    outcome = narrow_training("--init-from", str(source))
    assert_refused(outcome, 1, "holds NaN or infinite values: decoder/output/kernel")
    assert steps_of(narrow_training.run_dir) == []


def poison_style(folder, name):
    """Puts a NaN into a weight of an otherwise valid style."""
    import hashlib

    path = folder / "generator.safetensors"
    weights = load_file(path)
    weights[name][0, 0, 0, 0] = np.nan
    save_file(weights, path)
    description = json.loads((folder / "style.json").read_text())
    description["files"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "style.json").write_text(json.dumps(description))


# Runs that cannot be used


def test_other_settings_are_refused_and_every_difference_is_listed(narrow_training):
    before = files_of(narrow_training.finished())
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
    assert files_of(narrow_training.run_dir) == before


def test_a_run_that_is_in_use_is_refused(narrow_training):
    run = narrow_training.finished()
    before = files_of(run)
    with RunFolder(run).lock():
        outcome = narrow_training("--total-steps", "9")
    assert_refused(outcome, 1, "is in use by", str(os.getpid()))
    assert files_of(run) == before


def test_a_folder_of_other_things_is_refused(narrow_training):
    narrow_training.run_dir.mkdir()
    (narrow_training.run_dir / "thesis.txt").write_text("years of work")
    outcome = narrow_training("--restart", "--yes")
    assert_refused(outcome, 1, "no run folder", "choose another --run-dir")
    assert [path.name for path in narrow_training.run_dir.iterdir()] == ["thesis.txt"]


def test_a_checkpoint_with_nan_is_refused(narrow_training):
    run = narrow_training.finished()
    saved = newest(run)
    name = "discriminator_optimizer/velocity/conv_0/kernel"
    saved.tensors[name][0] = np.inf
    folder = CheckpointFolder(run / "checkpoints")
    folder.save(8, saved.tensors, saved.scalars)
    before = files_of(run)
    outcome = narrow_training("--total-steps", "9")
    assert_refused(outcome, 1, "step 8", "NaN or infinite", name, "--resume-from")
    assert files_of(run) == before


def test_a_checkpoint_of_another_make_is_refused(narrow_training):
    run = narrow_training.finished()
    saved = newest(run)
    del saved.tensors["generator/encoder/conv_1/kernel"]
    CheckpointFolder(run / "checkpoints").save(8, saved.tensors, saved.scalars)
    outcome = narrow_training("--total-steps", "9")
    assert_refused(outcome, 1, "does not fit this run", "encoder/conv_1/kernel")


# What goes wrong on the way


def full_disk_usage(folder):
    return shutil._ntuple_diskusage(10**9, 10**9, 0)


def full_disk_write(path, data):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


@pytest.mark.parametrize(
    ("where", "name", "full", "told"),
    [
        (checkpoints.shutil, "disk_usage", full_disk_usage, "too full"),
        (checkpoint_format, "write_durably", full_disk_write, "No space left on device"),
    ],
)
def test_a_full_disk_ends_the_run_and_the_last_checkpoint_is_intact(
    narrow_training, monkeypatch, where, name, full, told
):
    def fill(state, trained):
        if state.step == 4:  # after the save at 3, before the one at 6
            monkeypatch.setattr(where, name, full)

    narrow_training.hooks.append(fill)
    outcome = narrow_training()
    assert outcome.exit_code == 1
    assert told in outcome.errors
    assert "go on from step 3" in outcome.errors
    assert "Traceback" not in outcome.errors
    run = narrow_training.run_dir
    assert steps_of(run) == [3]
    assert [path.name for path in (run / "checkpoints").iterdir()] == ["step_000000003"]
    assert read_style(run / "style").description.step == 3


def test_nan_in_training_is_named_and_never_saved(narrow_training):
    def poison(state, trained):
        if state.step == 4:
            kernel = state.networks.generator.decoder.output_convolution.kernel
            kernel.assign(np.full(kernel.shape, np.nan, np.float32))

    narrow_training.hooks.append(poison)
    outcome = narrow_training()
    assert outcome.exit_code == 1
    run = narrow_training.run_dir
    assert "the loss generator/" in outcome.errors
    assert "became nan" in outcome.errors
    assert steps_of(run) == [3]
    assert read_style(run / "style").description.step == 3

    # What is printed goes on.
    narrow_training.hooks.remove(poison)
    printed = shlex.split(outcome.errors.splitlines()[-1])
    assert printed[-4:] == ["--resume-from", "3", "--clip-norm", "20"]
    outcome = narrow_training.command([*printed[3:-2], "--learning-rate", "1e-5"])
    assert outcome.exit_code == 0
    assert steps_of(run) == [6, 8]


def test_a_device_without_memory_is_told_with_advice(narrow_training):
    def exhaust(state, trained):
        raise tf.errors.ResourceExhaustedError(None, None, "failed to allocate memory")

    narrow_training.hooks.append(exhaust)
    outcome = narrow_training("--batch-size", "1")
    assert outcome.exit_code == 1
    assert "ran out of memory with crops of 64 px" in outcome.errors
    assert "a smaller --ndf" in outcome.errors


def test_a_collapse_stops_the_run_and_the_printed_command_goes_on(narrow_training, monkeypatch):
    monkeypatch.setattr(initial_state, "CollapseGuard", lambda: CollapseGuard(patience=2))
    stylized = RunOutputs._stylized

    def healthy_at_first(outputs):
        # Eight steps make no painter: until step 3 the photographs stand in for its results.
        if outputs._state.step <= 3:
            return 0.8 * outputs._samples.photographs
        return stylized(outputs)

    def freeze(state, trained):
        if state.step >= 3:
            kernel = state.networks.generator.decoder.output_convolution.kernel
            kernel.assign(np.zeros(kernel.shape, np.float32))

    monkeypatch.setattr(RunOutputs, "_stylized", healthy_at_first)
    narrow_training.hooks.append(freeze)
    outcome = narrow_training("--save-every", "1")
    run = narrow_training.run_dir
    assert outcome.exit_code == 1
    assert "Collapse at step 5, for 2 saves in a row" in outcome.errors
    assert "0% of their values are black or white" in outcome.errors
    assert steps_of(run) == [3, 4, 5]  # the last good one beyond the two newest
    assert read_style(run / "style").description.step == 3

    narrow_training.hooks.remove(freeze)
    monkeypatch.setattr(RunOutputs, "_stylized", lambda outputs: 0.8 * outputs._samples.photographs)
    [printed] = [line for line in outcome.errors.splitlines() if "--resume-from" in line]
    arguments = shlex.split(printed)
    assert arguments[:3] == ["python", "-m", "adaptive_style_tf.train"]
    assert arguments[-2:] == ["--resume-from", "3"]
    # With what is advised beside it.
    again = narrow_training.command([*arguments[3:], "--adversarial-weight", "1.0"])
    assert again.exit_code == 0
    assert "Resuming from step 3." in again.output
    aside = CheckpointFolder(run / "checkpoints" / "set_aside")
    assert aside.steps() == [4, 5]
    assert steps_of(run) == [7, 8]
