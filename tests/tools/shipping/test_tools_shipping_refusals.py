"""Styles that must not be shipped, and samples that are too large."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.styles import read_style, write_style

Ship = Callable[..., int]
MakeRun = Callable[..., Path]


@pytest.mark.parametrize(
    ("changes", "options", "notes", "message"),
    [
        ({}, [], "", '"## Known weaknesses", "## Photographs"'),
        ({}, [], "## Known weaknesses\n\n## Photographs\n\nx", 'needs "## Known weaknesses"'),
        ({}, [], "Weak.", "begin with a ## heading"),
        ({"artist": "my-aunt"}, [], None, "When the painter of my-aunt died is not known"),
        ({"artist": "pablo-picasso"}, [], None, "not in the public domain before 2044"),
        ({}, ["--name", "pollock"], None, "not in the public domain before 2027"),
        ({"source": "converted from x of the 2018 release"}, [], None, "is converted from x"),
        ({}, ["--photographs", "My photo.png", "my-photo.jpg"], None, "the same name"),
        ({}, ["--photographs", "missing.png"], None, "missing.png"),
    ],
)
def test_what_cannot_be_shipped_is_refused_and_nothing_is_written(
    ship: Ship,
    make_run: MakeRun,
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
    ship: Ship, make_run: MakeRun, capsys: pytest.CaptureFixture[str]
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


def test_a_photograph_too_large_for_a_small_sample_is_refused() -> None:
    import style_samples

    noise = np.random.default_rng(1).integers(0, 256, (1000, 1000, 3), np.uint8)
    with pytest.raises(style_samples.PictureError, match=r"big\.png takes \d+ bytes"):
        style_samples.small_jpeg(noise, Path("big.png"))
    Image.fromarray(noise[:600, :600]).save("best.jpg", quality=92)
    assert Path("best.jpg").stat().st_size > 300_000
    assert len(style_samples.small_jpeg(noise[:600, :600], Path("fine.png"))) < 300_000
