"""What a shipped style consists of, and what it replaces."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf import stylize
from adaptive_style_tf.styles import read_style, write_style

ROOT = Path(__file__).parents[3]
Ship = Callable[..., int]
MakeRun = Callable[..., Path]


def test_a_shipped_style_has_everything_and_nothing_of_the_trainer_s_folders(
    ship: Ship, make_run: MakeRun
) -> None:
    assert ship(make_run("a"), "--hours", "6.54") == 0
    folder = Path("checkpoints/paul-cezanne")
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    names = {"style.json", "generator.safetensors", "README.md", "samples/my-photo.jpg"}
    assert files == names

    shipped, trained = read_style(folder), read_style("runs/a/style")
    for name, weights in trained.generator_weights().items():
        rounded = weights.astype(np.float16).astype(np.float32)
        assert np.array_equal(shipped.generator_weights()[name], rounded)
    description = shipped.description
    assert (description.name, description.artist) == ("Paul Cézanne", "paul-cezanne")
    assert (description.step, description.hours, description.ndf) == (700, 6.54, None)
    assert (description.license, description.date) == ("Apache-2.0", "2026-05-01T10:00:00+00:00")
    assert description.settings["init_from"] == "warm"
    assert description.data == {"paintings": 61, "photographs": 1234}
    for file in ("style.json", "README.md"):
        assert "somebody" not in (folder / file).read_text(encoding="utf-8")
    json.loads((folder / "style.json").read_text(encoding="utf-8"))

    with Image.open(folder / "samples/my-photo.jpg") as sample:
        assert sample.size == (70 + 8 + 70, 50)
        left = np.asarray(sample)[:, :70].astype(int)
    with Image.open("My photo.png") as photograph:
        assert np.abs(left - np.asarray(photograph)).mean() < 5  # a JPEG


def test_without_photographs_those_of_the_demo_are_taken(
    make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ship_style
    import style_samples

    monkeypatch.setattr(style_samples, "LARGEST_CHANGE", 5)  # so narrow a network averages little
    Path("notes.md").write_text("## Known weaknesses\n\nSkies are smeared.\n")
    words = ["--notes", "notes.md", "--output", "checkpoints"]
    assert ship_style.main([str(make_run("a") / "style"), *words]) == 0
    samples = sorted(Path("checkpoints/paul-cezanne/samples").iterdir())
    names = ["astronaut", "chelsea", "coffee", "rocket"]
    assert [path.name for path in samples] == [f"{name}.jpg" for name in names]
    assert all(path.stat().st_size < 300_000 for path in samples)
    card = Path("checkpoints/paul-cezanne/README.md").read_text(encoding="utf-8")
    assert "demo_pictures/SOURCES.md" in card


def test_a_style_takes_the_place_of_an_earlier_one_and_says_what_changed(
    ship: Ship, make_run: MakeRun
) -> None:
    assert ship(make_run("a")) == 0
    Path("checkpoints/paul-cezanne/samples/old.jpg").touch()
    later = {"learning_rate": 0.0001, "save_every": 77}
    assert ship(make_run("b", step=800, settings=later)) == 0
    assert read_style("checkpoints/paul-cezanne").description.step == 800
    card = Path("checkpoints/paul-cezanne/README.md").read_text(encoding="utf-8")
    assert "place of the style of 2026-05-01, which had 700 steps" in card
    assert "Settings that differ:\n\n- `learning_rate`: 0.0005, now 0.0001\n\nMore" in card
    assert not Path("checkpoints/paul-cezanne/samples/old.jpg").exists()


def test_fewer_steps_take_the_place_only_when_asked(
    ship: Ship, make_run: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ship(make_run("a", step=700)) == 0
    fewer = make_run("b", step=699)
    assert ship(fewer) == 2
    assert "has 700 steps and runs/b/style only 699; add --replace" in capsys.readouterr().err
    assert read_style("checkpoints/paul-cezanne").description.step == 700
    assert ship(fewer, "--replace") == 0
    assert read_style("checkpoints/paul-cezanne").description.step == 699


def test_a_flipped_byte_in_a_shipped_style_is_told_by_stylize(
    ship: Ship, make_run: MakeRun, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ship(make_run("a")) == 0
    shutil.rmtree("runs")
    weights = Path("checkpoints/paul-cezanne/generator.safetensors")
    content = bytearray(weights.read_bytes())
    content[len(content) // 2] ^= 1
    weights.write_bytes(content)
    assert stylize.main(["My photo.png", "--style", "paul-cezanne"]) == 1
    error = capsys.readouterr().err
    assert "generator.safetensors is damaged" in error
    assert "SHA-256" in error
    assert "Traceback" not in error


def test_git_tracks_what_is_shipped_and_ignores_the_rest(ship: Ship, make_run: MakeRun) -> None:
    shutil.copy(ROOT / ".gitignore", ".gitignore")
    assert ship(make_run("a")) == 0
    assert ship(make_run("b")) == 0  # adds no second line
    other = read_style("runs/a/style")
    write_style("checkpoints/el-greco", other.description, other.generator_weights())
    subprocess.run(["git", "init", "-q"], check=True)
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard", "checkpoints"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    names = ["README.md", "generator.safetensors", "samples/my-photo.jpg", "style.json"]
    assert listed == [f"checkpoints/paul-cezanne/{name}" for name in names]
    lines = Path(".gitignore").read_text().splitlines()
    assert lines.count("!/checkpoints/paul-cezanne/") == 1
