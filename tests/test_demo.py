import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf import demo
from adaptive_style_tf.styles import Style


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pixels = np.random.default_rng(1).integers(0, 256, (50, 70, 3), np.uint8)
    Image.fromarray(pixels).save("photo.png")


@pytest.fixture
def few_and_small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "PAINTINGS", 2)
    monkeypatch.setattr(demo, "PHOTOGRAPHS", 2)
    monkeypatch.setattr(demo, "SMOKE_SIZE", 64)
    monkeypatch.setattr(demo, "SMOKE_WIDTH", 2)


def test_a_trained_style_is_used_without_training(
    tiny_style: Style, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(tiny_style.folder, "checkpoints/paul-cezanne")
    assert demo.main(["--photograph", "photo.png"]) == 0
    printed = capsys.readouterr().out
    sheet = Path("demo_output/contact_sheet.jpg").resolve()
    assert printed.endswith(f"Photograph and paul-cezanne side by side: {sheet}\n")
    assert "SMOKE RUN" not in printed
    with Image.open(sheet) as picture:
        assert picture.size == (70 + 8 + 70, 50)
    assert not Path("demo_output/run").exists()


def test_a_photograph_is_provided(tiny_style: Style) -> None:
    shutil.copytree(tiny_style.folder, "checkpoints/paul-cezanne")
    photograph = demo.provide_photograph(Path("out"))
    with Image.open(photograph) as picture:
        assert min(picture.size) >= 400


def test_an_unfinished_run_is_no_trained_style(tiny_style: Style) -> None:
    assert demo.trained_styles() == []


def test_a_door_that_fails_ends_the_demonstration_with_its_code(
    tiny_style: Style, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(tiny_style.folder, "checkpoints/paul-cezanne")
    Path("broken.jpg").write_bytes(b"no picture")
    assert demo.main(["--photograph", "broken.jpg"]) == 1
    assert "broken.jpg" in capsys.readouterr().err


@pytest.mark.slow
def test_without_a_style_a_smoke_run_makes_one_and_the_next_time_goes_on(
    few_and_small_pictures: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo.main(["--photograph", "photo.png", "--steps", "2"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("SMOKE RUN: 2 steps")
    assert "This was a smoke run" in printed
    with Image.open("demo_output/contact_sheet.jpg") as picture:
        assert picture.size == (70 + 8 + 70, 50)
    assert demo.main(["--photograph", "photo.png", "--steps", "3"]) == 0
    assert "Resuming from step 2" in capsys.readouterr().out
