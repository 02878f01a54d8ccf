"""Runs to be shipped, in a folder of each test's own, and the command that ships them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.drawings import draw_photograph
from adaptive_style_tf.models import Generator, read_weights
from adaptive_style_tf.models.shapes import discriminator_shapes
from adaptive_style_tf.styles import StyleDescription, write_style
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.settings import TrainingSettings

NGF, NDF = 2, 3
NOTES = """## Known weaknesses

Skies are smeared.

## What changed

More strokes.

## Photographs

Mine, CC0."""

Weights = dict[str, np.ndarray]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a photograph to show the style on."""
    monkeypatch.chdir(tmp_path)
    Image.fromarray(draw_photograph(np.random.default_rng(1), 70)[:50]).save("My photo.png")


@pytest.fixture(scope="session")
def generator_weights() -> Weights:
    generator = Generator(ngf=NGF)
    generator.build((None, None, None, 3))
    return dict(read_weights(generator))


@pytest.fixture
def discriminator_weights() -> Callable[[int], Weights]:
    """Draws weights from a seed."""

    def draw(seed: int) -> Weights:
        random = np.random.default_rng(seed)
        shapes = discriminator_shapes(NDF)
        return {name: random.normal(0, 0.1, s).astype(np.float32) for name, s in shapes.items()}

    return draw


@pytest.fixture
def make_run(
    generator_weights: Weights, discriminator_weights: Callable[[int], Weights]
) -> Callable[..., Path]:
    """Makes `runs/<name>`: a style, and a checkpoint of the same step with discriminator 2."""

    def make(
        name: str, step: int = 700, settings: dict[str, Any] | None = None, **changes: Any
    ) -> Path:
        usual: dict[str, Any] = {
            "name": "paul-cezanne",
            "artist": "paul-cezanne",
            "data": {"paintings": 61, "photographs": 1234},
            "hardware": "AMD EPYC, 2 processors",
            "date": "2026-05-01T10:00:00+00:00",
            "package_version": "0.1.0",
            "license": "not stated",
        }
        trained_with = {
            **TrainingSettings().flat(),
            "ngf": NGF,
            "ndf": NDF,
            "learning_rate": 0.0005,
            "photographs_are_negatives": False,
            "scale_bug": True,
            "save_every": 50,
            "total_steps": 900,
            "init_from": "/home/somebody/runs/warm/style",
            **(settings or {}),
        }
        described = {**usual, **changes, "ngf": NGF, "step": step, "settings": trained_with}
        run = Path("runs", name)
        write_style(run / "style", StyleDescription(**described), generator_weights)
        tensors = {f"discriminator/{key}": a for key, a in discriminator_weights(2).items()}
        CheckpointFolder(run / "checkpoints").save(step, tensors, {})
        return run

    return make


@pytest.fixture
def ship() -> Callable[..., int]:
    """Ships into checkpoints/ of the current folder, with one small photograph."""

    def ship(run: Path, *options: str, notes: str = NOTES) -> int:
        import ship_style

        Path("notes.md").write_text(notes)
        words = [str(run), "--notes", "notes.md", "--output", "checkpoints"]
        return int(ship_style.main([*words, "--photographs", "My photo.png", *options]))

    return ship
