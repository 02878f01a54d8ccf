import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf import stylize
from adaptive_style_tf.drawings import draw_photograph
from adaptive_style_tf.models import Generator, read_weights
from adaptive_style_tf.models.shapes import discriminator_shapes
from adaptive_style_tf.styles import StyleDescription, find_style, read_style, write_style
from adaptive_style_tf.train import build_parser
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.settings import (
    NetworkSettings,
    TrainingSettings,
    preset,
    settings_from,
)
from adaptive_style_tf.training.starting_weights import starting_weights

ROOT = Path(__file__).parents[2]
NGF, NDF = 2, 3
NOTES = "## Known weaknesses\n\nSkies are smeared.\n\n## What changed\n\nMore strokes.\n"
SETTINGS = TrainingSettings().flat() | {
    "ngf": NGF,
    "ndf": NDF,
    "learning_rate": 0.0005,
    "photographs_are_negatives": False,
    "scale_bug": True,
    "save_every": 50,
    "total_steps": 900,
    "data_dir": "/home/somebody/data",
    "init_from": "/home/somebody/runs/warm/style",
}

Ship = Callable[..., int]


def random_weights(shapes: Any, seed: int) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    return {name: generator.normal(0, 0.1, s).astype(np.float32) for name, s in shapes.items()}


@cache
def generator_weights() -> dict[str, np.ndarray]:
    generator = Generator(ngf=NGF)
    generator.build((None, None, None, 3))
    return dict(read_weights(generator))


def make_run(name: str, step: int = 700, **changes: Any) -> Path:
    """A run with its style and a checkpoint of the same step."""
    description = StyleDescription(
        name="paul-cezanne",
        artist="paul-cezanne",
        ngf=NGF,
        step=step,
        settings=SETTINGS,
        data={"paintings": 61, "photographs": 1234},
        hardware="AMD EPYC, 2 processors",
        date="2026-05-01T10:00:00+00:00",
        package_version="0.1.0",
        licence="not stated",
    )
    run = Path("runs", name)
    write_style(run / "style", replace(description, **changes), generator_weights())
    discriminator = random_weights(discriminator_shapes(NDF), 2)
    tensors = {f"discriminator/{key}": array for key, array in discriminator.items()}
    CheckpointFolder(run / "checkpoints").save(step, tensors, {})
    return run


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    monkeypatch.chdir(tmp_path)
    Path("notes.md").write_text(NOTES)
    Image.fromarray(draw_photograph(np.random.default_rng(1), 70)[:50]).save("My photo.png")


@pytest.fixture
def ship() -> Ship:
    """Ships into checkpoints/ of the current folder, with one small photograph."""

    def ship(
        run: Path, *options: str, notes: str = f"{NOTES}\n## Photographs\n\nMine, CC0."
    ) -> int:
        import ship_style

        Path("notes.md").write_text(notes)
        words = [str(run), "--notes", "notes.md", "--output", "checkpoints"]
        return int(ship_style.main([*words, "--photographs", "My photo.png", *options]))

    return ship


def test_a_shipped_style_has_everything_and_nothing_of_the_trainer_s_folders(ship: Ship) -> None:
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
    assert (description.licence, description.date) == ("Apache-2.0", "2026-05-01T10:00:00+00:00")
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


def test_the_card_says_what_it_must(ship: Ship) -> None:
    assert ship(make_run("a"), "--hours", "6.54") == 0
    card = Path("checkpoints/paul-cezanne/README.md").read_text(encoding="utf-8")
    head, _, text = card.removeprefix("---\n").partition("---\n")
    assert "license: apache-2.0\n" in head
    assert "- style-transfer\n" in head
    for part in (
        "# Paul Cézanne\n",
        "![my-photo](samples/my-photo.jpg)",
        "| steps | 700 of",
        "| paintings | 61 |",
        "| photographs | 1,234 |",
        "| time | 6.5 hours, without that of warm |",
        "| hardware | AMD EPYC, 2 processors |",
        "## Known weaknesses\n\nSkies are smeared.\n",
        "This is the first version.",
        "## Photographs\n\nMine, CC0.",
        "Paul Cézanne died in 1906, more than 70 years ago",
        "by at most 1 of 255 levels from float32",
    ):
        assert part in text
    digest = read_style("checkpoints/paul-cezanne").description.files["generator.safetensors"]
    assert digest in text
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert len(headings) == len(set(headings)) == 7


def test_the_command_on_the_card_repeats_the_settings(ship: Ship) -> None:
    assert ship(make_run("a")) == 0
    card = Path("checkpoints/paul-cezanne/README.md").read_text(encoding="utf-8")
    (command,) = re.findall(r"^python -m adaptive_style_tf.train (.+)$", card, re.MULTILINE)
    arguments = build_parser().parse_args(shlex.split(command))
    known = TrainingSettings().flat()
    given = {name: value for name in known if (value := getattr(arguments, name, None)) is not None}
    repeated = settings_from({**preset(arguments.preset), **given}).flat()
    expected = {name: SETTINGS[name] for name in known} | {"total_steps": 700, "save_every": 1000}
    assert repeated == expected
    assert arguments.init_from == "warm"


def test_where_the_rate_falls_at_the_end_the_command_keeps_the_end(ship: Ship) -> None:
    assert ship(make_run("a", settings=SETTINGS | {"lr_schedule": "drop"})) == 0
    card = Path("checkpoints/paul-cezanne/README.md").read_text(encoding="utf-8")
    assert "--total-steps 900 " in card


def test_without_photographs_those_of_the_demo_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    import ship_style
    import style_samples

    monkeypatch.setattr(style_samples, "LARGEST_CHANGE", 5)  # so narrow a network averages little
    words = ["--notes", "notes.md", "--output", "checkpoints"]
    assert ship_style.main([str(make_run("a") / "style"), *words]) == 0
    samples = sorted(Path("checkpoints/paul-cezanne/samples").iterdir())
    names = ["astronaut", "chelsea", "coffee", "rocket"]
    assert [path.name for path in samples] == [f"{name}.jpg" for name in names]
    assert all(path.stat().st_size < 300_000 for path in samples)
    card = Path("checkpoints/paul-cezanne/README.md").read_text(encoding="utf-8")
    assert "demo_pictures/SOURCES.md" in card


def test_a_style_takes_the_place_of_an_earlier_one_and_says_what_changed(ship: Ship) -> None:
    assert ship(make_run("a")) == 0
    Path("checkpoints/paul-cezanne/samples/old.jpg").touch()
    later = SETTINGS | {"learning_rate": 0.0001, "save_every": 77}
    assert ship(make_run("b", step=800, settings=later)) == 0
    assert read_style("checkpoints/paul-cezanne").description.step == 800
    card = Path("checkpoints/paul-cezanne/README.md").read_text(encoding="utf-8")
    assert "place of the style of 2026-05-01, which had 700 steps" in card
    assert "Settings that differ:\n\n- `learning_rate`: 0.0005, now 0.0001\n\nMore" in card
    assert not Path("checkpoints/paul-cezanne/samples/old.jpg").exists()


def test_fewer_steps_take_the_place_only_when_asked(
    ship: Ship, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ship(make_run("a", step=700)) == 0
    fewer = make_run("b", step=699)
    assert ship(fewer) == 2
    assert "has 700 steps and runs/b/style only 699; add --replace" in capsys.readouterr().err
    assert read_style("checkpoints/paul-cezanne").description.step == 700
    assert ship(fewer, "--replace") == 0
    assert read_style("checkpoints/paul-cezanne").description.step == 699


@pytest.mark.parametrize(
    ("changes", "options", "notes", "message"),
    [
        ({}, [], "", '"## Known weaknesses", "## Photographs"'),
        ({}, [], "## Known weaknesses\n\n## Photographs\n\nx", 'needs "## Known weaknesses"'),
        ({}, [], "Weak.", "begin with a ## heading"),
        ({"artist": "my-aunt"}, [], NOTES, "When the painter of my-aunt died is not known"),
        ({"artist": "pablo-picasso"}, [], NOTES, "not in the public domain before 2044"),
        ({}, ["--name", "pollock"], NOTES, "not in the public domain before 2027"),
        ({"source": "converted from x of the 2018 release"}, [], NOTES, "is converted from x"),
        ({}, ["--photographs", "My photo.png", "my-photo.jpg"], None, "the same name"),
        ({}, ["--photographs", "missing.png"], None, "missing.png"),
        ({"settings": SETTINGS | {"brushes": 3}}, [], None, "no option for the setting brushes"),
    ],
)
def test_what_cannot_be_shipped_is_refused_and_nothing_is_written(
    ship: Ship,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any],
    options: list[str],
    notes: str | None,
    message: str,
) -> None:
    pretend_it_is(2026, monkeypatch)
    code = ship(make_run("a", **changes), *options, **({} if notes is None else {"notes": notes}))
    assert code in (1, 2)
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert not Path("checkpoints").exists() or not any(Path("checkpoints").iterdir())


def pretend_it_is(year: int, monkeypatch: pytest.MonkeyPatch) -> None:
    import painters

    original = painters.painter_in_public_domain
    monkeypatch.setattr(painters, "painter_in_public_domain", lambda slug, _: original(slug, year))


@pytest.mark.parametrize(("year", "free"), [(2017, True), (2016, False), (2015, False)])
def test_protection_ends_with_the_seventieth_year(
    monkeypatch: pytest.MonkeyPatch, year: int, free: bool
) -> None:
    import painters

    monkeypatch.setitem(painters.PAINTERS, "a-painter", painters.Painter("A Painter", 1946))
    if free:
        assert painters.painter_in_public_domain("a-painter", year).died == 1946
    else:
        with pytest.raises(painters.UsageError, match="before 2017"):
            painters.painter_in_public_domain("a-painter", year)


def test_a_style_that_half_precision_changes_is_refused(
    ship: Ship, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ship(make_run("good")) == 0
    before = read_style("checkpoints/paul-cezanne").description
    run = make_run("bad", step=900)
    # So steep an end turns small changes into many levels.
    style = read_style(run / "style")
    weights = style.generator_weights()
    weights["decoder/output/kernel"] *= 100
    write_style(run / "style", style.description, weights)
    assert ship(run) == 1
    assert re.search(r"change the result of My photo.png by \d+ of 255", capsys.readouterr().err)
    assert read_style("checkpoints/paul-cezanne").description == before
    assert [path.name for path in Path("checkpoints").iterdir()] == ["paul-cezanne"]


def test_training_can_go_on_from_a_shipped_discriminator(ship: Ship) -> None:
    run = make_run("a")
    assert ship(run, "--with-discriminator") == 0
    assert find_style("cezanne").folder == Path("checkpoints/paul-cezanne")
    start = starting_weights("checkpoints/paul-cezanne", NetworkSettings(ngf=NGF, ndf=NDF))
    trained = random_weights(discriminator_shapes(NDF), 2)
    assert start.discriminator is not None
    assert start.discriminator.keys() == trained.keys()
    for name, weights in start.discriminator.items():
        assert np.abs(weights - trained[name]).max() < 5e-4, name
    assert start.optimizers is None
    card = Path("checkpoints/paul-cezanne/README.md").read_text(encoding="utf-8")
    assert "--init-from paul-cezanne --ngf 2 --ndf 3" in card


def test_the_discriminator_of_the_style_s_step_comes_before_the_newest(
    ship: Ship, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make_run("a")
    later = random_weights(discriminator_shapes(NDF), 3)
    tensors = {f"discriminator/{key}": array for key, array in later.items()}
    CheckpointFolder(run / "checkpoints").save(710, tensors, {})

    def shipped_kernel() -> np.ndarray:
        weights = read_style("checkpoints/paul-cezanne").discriminator_weights()
        assert weights is not None
        return weights["conv_0/kernel"]

    assert ship(run, "--with-discriminator") == 0
    of_700 = random_weights(discriminator_shapes(NDF), 2)["conv_0/kernel"]
    assert np.abs(shipped_kernel() - of_700).max() < 5e-4
    shutil.rmtree(run / "checkpoints" / "step_000000700")
    assert ship(run, "--with-discriminator") == 0
    assert np.abs(shipped_kernel() - later["conv_0/kernel"]).max() < 5e-4
    assert "the discriminator is that of step 710" in capsys.readouterr().err


def test_a_discriminator_that_is_missing_or_too_large_is_refused(
    ship: Ship, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import ship_style

    run = make_run("a")
    size = 2 * sum(int(np.prod(shape)) for shape in discriminator_shapes(NDF).values())
    monkeypatch.setattr(ship_style, "DISCRIMINATOR_BYTES", size)
    assert ship(run, "--with-discriminator") == 2
    assert f"takes {size / 1e6:.1f} MB in float16" in capsys.readouterr().err
    shutil.rmtree(run / "checkpoints")
    assert ship(run, "--with-discriminator") == 2
    assert "has no discriminator" in capsys.readouterr().err


def test_a_photograph_too_large_for_a_small_sample_is_refused() -> None:
    import style_samples

    noise = np.random.default_rng(1).integers(0, 256, (1000, 1000, 3), np.uint8)
    with pytest.raises(style_samples.PictureError, match=r"big\.png takes \d+ bytes"):
        style_samples.small_jpeg(noise, Path("big.png"))
    Image.fromarray(noise[:600, :600]).save("best.jpg", quality=92)
    assert Path("best.jpg").stat().st_size > 300_000
    assert len(style_samples.small_jpeg(noise[:600, :600], Path("fine.png"))) < 300_000


def test_a_flipped_byte_in_a_shipped_style_is_told_by_stylize(
    ship: Ship, capsys: pytest.CaptureFixture[str]
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


def test_git_tracks_what_is_shipped_and_ignores_the_rest(ship: Ship) -> None:
    shutil.copy(ROOT / ".gitignore", ".gitignore")
    assert ship(make_run("a")) == 0
    assert ship(make_run("b")) == 0  # adds no second line
    write_style("checkpoints/el-greco", read_style("runs/a/style").description, generator_weights())
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
