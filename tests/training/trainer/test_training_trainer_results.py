"""What a training leaves behind: run folder, style, samples, curves, settings."""

import numpy as np
import tensorflow as tf
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from adaptive_style_tf.styles import find_style
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


def assert_written(settings, expected, pictures):
    folders = {"style_dir": str(pictures.paintings), "content_dir": str(pictures.photographs)}
    assert {name: settings[name] for name in (*expected, *folders)} == {**expected, **folders}
    assert set(settings) >= set(TrainingSettings().flat())  # every one there is


def test_a_run_trains_both_networks_and_leaves_everything_it_should(narrow_training):
    outcome = narrow_training()
    run = narrow_training.run
    assert outcome.exit_code == 0
    assert "Training tiny-artist for 8 steps" in outcome.output
    assert f"Done: 8 steps. The style is in {run.path / 'style'}" in outcome.output
    assert sorted(path.name for path in run.path.iterdir()) == [
        *("checkpoints", "lock", "logs", "samples", "settings.json", "style")
    ]
    assert run.steps() == [6, 8]  # of 3, 6 and 8 the two newest
    tensors = run.newest().tensors
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
    run = narrow_training.finished(narrow_training.other_run("runs/tiny-artist"))
    monkeypatch.chdir(run.path.parents[1])
    tensors = run.newest().tensors
    for name in ("runs/tiny-artist", "tiny-artist", "tiny", str(run.path / "style")):
        style = find_style(name)
        assert style.folder.resolve() == run.path / "style"
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
    with Image.open(run.path / "samples" / "step_000008.jpg") as sheet:
        assert sheet.size == (3 * 64 + 2 * 8, 4 * 64 + 3 * 8)
    events = EventAccumulator(str(run.path / "logs"), size_guidance={"tensors": 0})
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
    assert (sample.step, width, height) == (8, b"208", b"280")


def test_settings_are_written_in_full(narrow_training, pictures):
    assert_written(narrow_training.finished().settings(), RELEASE, pictures)


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
    run = narrow_training.run
    assert_written(run.settings(), {**PAPER, "generator_ema": 0.75}, pictures)

    # T starts as the flat average (zeros before the softmax) and stays a weighted average.
    tensors = run.newest().tensors
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

    style = run.style().generator_weights()
    for name, weight in style.items():
        np.testing.assert_allclose(weight, expected[f"generator/{name}"], rtol=1e-5, atol=1e-7)
        assert np.array_equal(weight, tensors[f"generator_average/{name}"])
    kernel = "decoder/output/kernel"
    assert not np.array_equal(style[kernel], tensors[f"generator/{kernel}"])
