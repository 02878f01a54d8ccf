"""What a new run starts with: a style, or the warm start."""

import hashlib
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from adaptive_style_tf.styles import write_style


def test_init_from_starts_with_the_style(narrow_training):
    source = narrow_training.finished(narrow_training.other_run("source"))
    style = source.style().generator_weights()
    outcome = narrow_training("--init-from", str(source.path), "--learning-rate", "1e-30")
    assert outcome.exit_code == 0
    assert f"Starting from the style in {source.path / 'style'}: generator." in outcome.output
    trained = narrow_training.run.newest().tensors
    for name, array in style.items():
        assert np.array_equal(trained[f"generator/{name}"], array)
    kernel = "generator/decoder/output/kernel"
    assert not np.array_equal(trained[kernel], narrow_training.first_arrays[kernel])


def test_a_run_that_goes_on_needs_the_style_no_more(narrow_training):
    source = narrow_training.finished(narrow_training.other_run("source"))
    options = ("--init-from", str(source.path), "--learning-rate", "1e-30")
    narrow_training(*options, "--total-steps", "2")
    shutil.rmtree(source.path)
    outcome = narrow_training(*options, "--total-steps", "3")
    assert outcome.exit_code == 0
    assert "Resuming from step 2." in outcome.output
    assert "Starting from" not in outcome.output


def test_a_run_can_begin_anew_from_its_own_style(narrow_training):
    run = narrow_training.finished()
    style = run.style().generator_weights()
    options = ("--restart", "--yes", "--init-from", str(run.path), "--learning-rate", "1e-30")
    outcome = narrow_training(*options, "--total-steps", "1")
    assert outcome.exit_code == 0
    kernel = "decoder/output/kernel"
    assert np.array_equal(run.newest().tensors[f"generator/{kernel}"], style[kernel])


@pytest.mark.parametrize("width", ["--ngf", "--ndf"])
def test_a_style_of_other_widths_is_refused_before_anything_is_deleted(narrow_training, width):
    run = narrow_training.finished()
    if width == "--ndf":
        add_discriminator(run)
    before = run.files()
    restart = ("--restart", "--yes", "--init-from", str(run.path))
    outcome = narrow_training(*restart, width, "3")
    outcome.assert_refused(1, "has other widths than this training (--ngf", f"{width} 2")
    assert len(outcome.errors.splitlines()[-1]) < 400
    assert run.files() == before


def add_discriminator(run):
    """Writes the style again with the checkpoint's discriminator, as converted ones have it."""
    style = run.style()
    discriminator = {
        name.removeprefix("discriminator/"): array
        for name, array in run.newest().tensors.items()
        if name.startswith("discriminator/")
    }
    described = replace(style.description, ndf=2)
    write_style(style.folder, described, style.generator_weights(), discriminator)


def test_the_discriminator_of_a_style_is_taken_too(narrow_training):
    source = narrow_training.finished(narrow_training.other_run("source"))
    add_discriminator(source)
    outcome = narrow_training("--init-from", str(source.path), "--learning-rate", "1e-30")
    assert ": generator, discriminator." in outcome.output
    kernel = "discriminator/conv_0/kernel"
    found, wanted = (run.newest().tensors[kernel] for run in (narrow_training.run, source))
    assert np.array_equal(found, wanted)


def test_an_unknown_style_is_refused_before_anything_is_deleted(narrow_training, monkeypatch):
    run = narrow_training.finished()
    monkeypatch.chdir(run.path.parent)
    before = run.files()
    outcome = narrow_training("--restart", "--yes", "--init-from", "monett")
    outcome.assert_refused(2, 'style "monett"')
    assert run.files() == before


def test_a_style_with_nan_is_refused(narrow_training):
    source = narrow_training.finished(narrow_training.other_run("source"))
    poison_style(source.path / "style", "decoder/output/kernel")
    outcome = narrow_training("--init-from", str(source.path))
    outcome.assert_refused(1, "holds NaN or infinite values: decoder/output/kernel")
    assert narrow_training.run.steps() == []


def poison_style(folder, name):
    """Puts a NaN into a weight of an otherwise valid style."""
    path = folder / "generator.safetensors"
    weights = load_file(path)
    weights[name][0, 0, 0, 0] = np.nan
    save_file(weights, path)
    description = json.loads((folder / "style.json").read_text())
    description["files"][path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "style.json").write_text(json.dumps(description))


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
