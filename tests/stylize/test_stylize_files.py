"""Which files the command reads and writes."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.styles import Style
from adaptive_style_tf.stylize import main


def test_one_photograph_with_the_default_style_and_folder(
    tiny_style: Style,
    capsys: pytest.CaptureFixture[str],
    photograph: Callable[..., str],
    files: Callable[[], list[str]],
    pixels: Callable[[str], np.ndarray],
) -> None:
    assert main([photograph("holiday.jpg", 70, 50)]) == 0
    printed = capsys.readouterr()
    assert printed.out == "stylized/holiday_stylized.jpg\n"
    assert "Style: runs/paul-cezanne/style (7 steps)" in printed.err
    assert pixels("stylized/holiday_stylized.jpg").shape == (50, 70, 3)
    assert files() == ["holiday.jpg", "stylized/holiday_stylized.jpg"]


def test_output_is_a_file_for_one_input_and_a_pictures_suffix(
    tiny_style: Style, photograph: Callable[..., str], files: Callable[[], list[str]]
) -> None:
    assert main([photograph("a.jpg"), "--style", "cezanne", "--output", "results/b.PNG"]) == 0
    assert files() == ["a.jpg", "results/b.PNG"]
    with Image.open("results/b.PNG") as picture:
        assert (picture.format, picture.size) == ("PNG", (70, 50))


def test_output_is_a_folder_for_several_inputs_or_another_suffix(
    tiny_style: Style, photograph: Callable[..., str], files: Callable[[], list[str]]
) -> None:
    assert main([photograph("a.jpg"), photograph("b.webp"), "--output", "c.jpg"]) == 0
    assert main(["a.jpg", "--output", "v1.0"]) == 0
    assert files() == [
        "a.jpg",
        "b.webp",
        "c.jpg/a_stylized.jpg",
        "c.jpg/b_stylized.webp",
        "v1.0/a_stylized.jpg",
    ]


def test_a_folder_that_is_named_like_a_picture_stays_a_folder(
    tiny_style: Style, photograph: Callable[..., str], files: Callable[[], list[str]]
) -> None:
    Path("b.jpg").mkdir()
    assert main([photograph("a.jpg"), "--output", "b.jpg"]) == 0
    assert files() == ["a.jpg", "b.jpg/a_stylized.jpg"]


def test_the_format_follows_the_content_of_the_input_or_is_chosen(
    tiny_style: Style, photograph: Callable[..., str], files: Callable[[], list[str]]
) -> None:
    Path(photograph("a.gif")).rename("a.b.jpg")
    assert main(["a.b.jpg"]) == 0
    assert main(["a.b.jpg", "--format", "webp"]) == 0
    assert files() == ["a.b.jpg", "stylized/a.b_stylized.gif", "stylized/a.b_stylized.webp"]
    for path, expected in (("gif", "GIF"), ("webp", "WEBP")):
        with Image.open(f"stylized/a.b_stylized.{path}") as picture:
            assert picture.format == expected


def test_results_are_replaced_only_when_asked(
    tiny_style: Style,
    capsys: pytest.CaptureFixture[str],
    photograph: Callable[..., str],
    pixels: Callable[[str], np.ndarray],
) -> None:
    photograph("a.jpg")
    Path("b.png").write_bytes(b"precious")
    assert main(["a.jpg", "--output", "b.png"]) == 1
    assert "b.png exists already" in capsys.readouterr().err
    assert Path("b.png").read_bytes() == b"precious"
    assert main(["a.jpg", "--output", "b.png", "--overwrite"]) == 0
    assert pixels("b.png").shape == (50, 70, 3)


def test_a_photograph_is_never_replaced(
    tiny_style: Style, capsys: pytest.CaptureFixture[str], photograph: Callable[..., str]
) -> None:
    before = Path(photograph("a.jpg")).read_bytes()
    assert main(["a.jpg", "--output", "./a.jpg", "--overwrite"]) == 2
    assert "a.jpg is the input a.jpg itself" in capsys.readouterr().err
    assert Path("a.jpg").read_bytes() == before


def test_photographs_that_would_share_a_name_are_refused(
    tiny_style: Style, capsys: pytest.CaptureFixture[str], photograph: Callable[..., str]
) -> None:
    assert main([photograph("x/a.jpg"), photograph("y/a.jpg")]) == 2
    assert "x/a.jpg and y/a.jpg would both become stylized/a_" in capsys.readouterr().err
    assert not Path("stylized").exists()


def test_a_folder_is_searched_and_mirrored_and_gone_on_with(
    tiny_style: Style,
    capsys: pytest.CaptureFixture[str],
    photograph: Callable[..., str],
    files: Callable[[], list[str]],
) -> None:
    photograph("trip/Übung 1.jpg")
    photograph("trip/day two/b.png")
    Path("trip/notes.txt").write_text("no picture")
    assert main(["trip", "--recursive"]) == 0
    results = ["stylized/day two/b_stylized.png", "stylized/Übung 1_stylized.jpg"]
    assert set(results) < set(files())
    printed = capsys.readouterr()
    assert sorted(printed.out.splitlines()) == sorted(results)
    assert "2 done, 0 skipped, 0 failed." in printed.err

    assert main(["trip", "--recursive"]) == 1
    assert "exists already (and 1 more)" in capsys.readouterr().err
    Path(results[0]).unlink()
    assert main(["trip", "--recursive", "--skip-existing", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert {entry["target"]: entry["state"] for entry in report["results"]} == {
        results[0]: "done",
        results[1]: "skipped",
    }
