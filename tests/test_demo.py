import shutil
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image, ImageFont

from adaptive_style_tf import demo
from adaptive_style_tf.images.decoding import read_picture
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


def ship(style: Style, name: str) -> None:
    shutil.copytree(style.folder, Path("checkpoints", name))


def test_a_trained_style_is_used_without_training(
    tiny_style: Style, capsys: pytest.CaptureFixture[str]
) -> None:
    ship(tiny_style, "paul-cezanne")
    assert demo.main(["--photograph", "photo.png"]) == 0
    printed = capsys.readouterr().out
    sheet = Path("demo_output/contact_sheet.jpg").resolve()
    assert printed.endswith(f"Photograph and paul-cezanne side by side: {sheet}\n")
    assert "SMOKE RUN" not in printed
    with Image.open("demo_output/photo_paul-cezanne.jpg") as result, Image.open(sheet) as picture:
        assert result.size == (70, 50)
        # Own size above, below it 50 px of the middle three times as large, a caption under each.
        assert picture.height == 50 + 22 + 8 + 3 * 50 + 22
        expected = np.asarray(result.crop((10, 0, 60, 50)).resize((150, 150), Image.Resampling.BOX))
        left = picture.width - max(150, caption_width("photo: paul-cezanne" + ENLARGED))
        shown = np.asarray(picture.crop((left, 80, left + 150, 230)))
    assert np.abs(shown.astype(int) - expected).mean() < 4  # JPEG twice
    assert not Path("demo_output/run").exists()


ENLARGED = ", detail of 50 px, enlarged 3 times"


def caption_width(text: str) -> int:
    return round(ImageFont.load_default(14).getlength(text) + 0.5)


def test_every_picture_has_its_caption() -> None:
    picture = np.zeros((300, 400, 3), np.uint8)
    rows, captions = demo.rows_and_captions(
        {"a": picture, "b": picture}, {"monet": {"a": picture, "b": picture}}
    )
    assert [[shown.shape[:2] for shown in row] for row in rows] == [
        [(300, 400)] * 2,
        [(300, 400)] * 2,
        [(600, 600)] * 2,
    ]
    enlarged = ", detail of 200 px, enlarged 3 times"
    assert captions == [
        ["a: photograph", "a: monet"],
        ["b: photograph", "b: monet"],
        [f"a: photograph{enlarged}", f"a: monet{enlarged}"],
    ]


def test_without_a_photograph_those_of_the_package_are_stylized(
    tiny_style: Style, capsys: pytest.CaptureFixture[str]
) -> None:
    ship(tiny_style, "paul-cezanne")
    assert demo.main([]) == 0
    results = {path.name for path in Path("demo_output").glob("*_paul-cezanne.jpg")}
    names = {"astronaut", "chelsea", "coffee", "rocket"}
    assert results == {f"{name}_paul-cezanne.jpg" for name in names}


def test_with_many_styles_one_photograph_has_to_do(
    tiny_style: Style, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "MANY_STYLES", 1)
    for name in ("monet", "paul-cezanne"):
        ship(tiny_style, name)
    assert demo.main([]) == 0
    assert "There are 2 styles, so only coffee.jpg" in capsys.readouterr().out
    written = {path.name for path in Path("demo_output").iterdir()}
    assert written == {"coffee_monet.jpg", "coffee_paul-cezanne.jpg", "contact_sheet.jpg"}


def test_the_demo_pictures_are_small_documented_and_of_free_terms() -> None:
    paths = demo.demo_photographs()
    assert sorted(paths) == sorted(demo.PICTURES.glob("*.jpg"))
    assert sum(path.stat().st_size for path in paths) < 1_000_000
    lines = (demo.PICTURES / "SOURCES.md").read_text(encoding="utf-8").splitlines()
    for path in paths:
        with Image.open(path) as picture:
            assert picture.format == "JPEG"
            size = f"{picture.width} x {picture.height} px"
        (line,) = (line for line in lines if line.startswith(f"| `{path.name}` |"))
        assert size in line
        assert "CC0 1.0" in line or "public domain" in line


@pytest.mark.parametrize("file", ["astronaut.png", "chelsea.png", "coffee.png", "rocket.jpg"])
def test_the_demo_pictures_are_scikit_images(file: str) -> None:
    original = read_picture(Path(skimage.data.__file__).with_name(file))
    shipped = read_picture((demo.PICTURES / file).with_suffix(".jpg"))
    assert shipped.shape == original.shape
    assert np.abs(shipped.astype(int) - original).mean() < 3


def test_an_unfinished_run_is_no_trained_style(tiny_style: Style) -> None:
    assert demo.trained_styles() == []


def test_a_photograph_that_cannot_be_read_ends_the_demonstration(
    tiny_style: Style, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(tiny_style.folder, "checkpoints/paul-cezanne")
    Path("broken.jpg").write_bytes(b"no picture")
    assert demo.main(["--photograph", "broken.jpg"]) == 1
    assert "broken.jpg" in capsys.readouterr().err


def test_a_smoke_run_that_was_stopped_ends_the_demonstration_with_its_exit_code(
    few_and_small_pictures: None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(demo.train, "main", lambda arguments: 143)
    assert demo.main(["--photograph", "photo.png"]) == 143
    assert "side by side" not in capsys.readouterr().out
    assert not Path("demo_output/contact_sheet.jpg").exists()


@pytest.mark.slow
def test_without_a_style_a_smoke_run_makes_one_and_the_next_time_goes_on(
    few_and_small_pictures: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert demo.main(["--photograph", "photo.png", "--steps", "2"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("SMOKE RUN: 2 steps")
    assert "This was a smoke run" in printed
    with Image.open("demo_output/contact_sheet.jpg") as picture:
        assert picture.height == 50 + 22 + 8 + 3 * 50 + 22
    assert demo.main(["--photograph", "photo.png", "--steps", "3"]) == 0
    assert "Resuming from step 2" in capsys.readouterr().out
