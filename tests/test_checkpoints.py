"""The styles that come with the package, as they lie in the repository."""

import re
from pathlib import Path

import pytest

from adaptive_style_tf.styles import read_style

CHECKPOINTS = Path(__file__).resolve().parents[1] / "checkpoints"
SHIPPED = sorted(path.parent for path in CHECKPOINTS.glob("[!.]*/README.md"))

shipped_styles = pytest.mark.parametrize("folder", SHIPPED, ids=[path.name for path in SHIPPED])


@shipped_styles
def test_a_shipped_style_is_whole_and_of_known_terms(folder: Path) -> None:
    style = read_style(folder)
    assert style.generator_weights()
    style.discriminator_weights()
    assert style.optimizer_state() is None
    description = style.description
    assert (description.artist, description.license) == (folder.name, "Apache-2.0")
    assert description.source.split(";")[0] == "trained"
    assert not any(
        re.search(r"[/\\]", value)
        for value in description.settings.values()
        if isinstance(value, str)
    )


@shipped_styles
def test_a_shipped_style_is_small_enough(folder: Path) -> None:
    limits = {"generator.safetensors": 26e6, "discriminator.safetensors": 15e6}
    for path in folder.rglob("*"):
        if path.is_file():
            assert path.stat().st_size < limits.get(path.name, 300_000), path


@shipped_styles
def test_a_model_card_shows_every_sample_and_names_its_weaknesses(folder: Path) -> None:
    card = (folder / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"!\[[^]]*\]\((samples/[^)]+)\)", card))
    assert shown == {f"samples/{path.name}" for path in (folder / "samples").iterdir()}
    assert shown
    for heading in ("Training", "Known weaknesses", "What changed", "License"):
        assert f"\n## {heading}\n" in card
    for target in re.findall(r"\]\((?!https?://)([^)#]+)\)", card):
        assert (folder / target).exists(), target


@shipped_styles
def test_git_tracks_a_shipped_style(folder: Path) -> None:
    lines = (CHECKPOINTS.parent / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert f"!/checkpoints/{folder.name}/" in lines
