"""The discriminator that goes along, from which training can go on."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from adaptive_style_tf.models.shapes import discriminator_shapes
from adaptive_style_tf.styles import find_style, read_style, write_style
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.settings import NetworkSettings
from adaptive_style_tf.training.starting_weights import starting_weights

Ship = Callable[..., int]
MakeRun = Callable[..., Path]
Draw = Callable[[int], dict[str, np.ndarray]]


def test_training_can_go_on_from_a_shipped_discriminator(
    ship: Ship, make_run: MakeRun, discriminator_weights: Draw
) -> None:
    run = make_run("a")
    assert ship(run, "--with-discriminator") == 0
    assert find_style("cezanne").folder == Path("checkpoints/paul-cezanne")
    start = starting_weights("checkpoints/paul-cezanne", NetworkSettings(ngf=2, ndf=3))
    trained = discriminator_weights(2)
    assert start.discriminator is not None
    assert start.discriminator.keys() == trained.keys()
    for name, weights in start.discriminator.items():
        assert np.abs(weights - trained[name]).max() < 5e-4, name
    assert start.optimizers is None
    card = Path("checkpoints/paul-cezanne/README.md").read_text(encoding="utf-8")
    assert "--init-from paul-cezanne --ngf 2 --ndf 3" in card


def test_the_discriminator_of_the_style_s_step_comes_before_the_newest(
    ship: Ship,
    make_run: MakeRun,
    discriminator_weights: Draw,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = make_run("a")
    later = discriminator_weights(3)
    tensors = {f"discriminator/{key}": array for key, array in later.items()}
    CheckpointFolder(run / "checkpoints").save(710, tensors, {})

    def shipped_kernel() -> np.ndarray:
        weights = read_style("checkpoints/paul-cezanne").discriminator_weights()
        assert weights is not None
        return weights["conv_0/kernel"]

    assert ship(run, "--with-discriminator") == 0
    of_700 = discriminator_weights(2)["conv_0/kernel"]
    assert np.abs(shipped_kernel() - of_700).max() < 5e-4
    shutil.rmtree(run / "checkpoints" / "step_000000700")
    assert ship(run, "--with-discriminator") == 0
    assert np.abs(shipped_kernel() - later["conv_0/kernel"]).max() < 5e-4
    assert "the discriminator is that of step 710" in capsys.readouterr().err


def test_a_discriminator_that_is_missing_or_too_large_is_refused(
    ship: Ship,
    make_run: MakeRun,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import ship_style

    run = make_run("a")
    size = 2 * sum(int(np.prod(shape)) for shape in discriminator_shapes(3).values())
    monkeypatch.setattr(ship_style, "DISCRIMINATOR_BYTES", size)
    assert ship(run, "--with-discriminator") == 2
    assert f"takes {size / 1e6:.1f} MB in float16" in capsys.readouterr().err
    shutil.rmtree(run / "checkpoints")
    assert ship(run, "--with-discriminator") == 2
    assert "has no discriminator" in capsys.readouterr().err


def test_a_discriminator_of_another_kind_is_not_shipped_or_taken(
    ship: Ship, make_run: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make_run("a")
    assert ship(run, "--with-discriminator") == 0
    network = NetworkSettings(ngf=2, ndf=5, discriminator="patches")
    start = starting_weights("checkpoints/paul-cezanne", network)
    assert start.discriminator is None  # its own begins anew
    assert start.generator

    of_patches = read_style(run / "style")
    settings = {**of_patches.description.settings, "discriminator": "patches"}
    write_style(
        run / "style",
        replace(of_patches.description, settings=settings),
        of_patches.generator_weights(),
    )
    assert ship(run, "--with-discriminator", "--replace") == 2
    assert "trained with --discriminator patches" in capsys.readouterr().err
