"""What the command makes of a picture: styles, mixes, looks, and notes on sizes."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from adaptive_style_tf.styles import Style
from adaptive_style_tf.stylize import main


@pytest.fixture
def two_styles(tiny_style: Style) -> None:
    """Beside the untrained Cézanne a Monet with other weights."""
    from adaptive_style_tf.styles import write_style

    description = dataclasses.replace(tiny_style.description, artist="claude-monet", files={})
    weights = {name: 0.5 * array for name, array in tiny_style.generator_weights().items()}
    write_style(Path("runs/claude-monet/style"), description, weights)


def test_several_styles_a_mix_and_a_sheet(
    two_styles: None,
    capsys: pytest.CaptureFixture[str],
    photograph: Callable[..., str],
    files: Callable[[], list[str]],
    pixels: Callable[[str], np.ndarray],
) -> None:
    photograph("a.png")
    photograph("b.png", 30, 60)
    command = ["a.png", "b.png", "--style", "cezanne", "--style", "monet"]
    assert main([*command, "--sheet", "sheet.png"]) == 0
    names = [
        f"{name}_stylized_{style}.png"
        for name in "ab"
        for style in ("paul-cezanne", "claude-monet")
    ]
    assert sorted(files()) == sorted(
        ["a.png", "b.png", "sheet.png", *(f"stylized/{n}" for n in names)]
    )
    assert pixels("sheet.png").shape[1] == 3 * 320 + 2 * 8
    sheet = Path("sheet.png").read_bytes()
    Path("sheet.png").write_bytes(b"precious")
    assert main([*command, "--sheet", "sheet.png", "--skip-existing"]) == 0
    assert "sheet.png is there already and stays" in capsys.readouterr().err
    assert Path("sheet.png").read_bytes() == b"precious"
    assert main([*command, "--sheet", "new.png", "--skip-existing"]) == 0
    assert Path("new.png").read_bytes() == sheet
    Path("new.png").unlink()

    assert main(["a.png", "--mix", "cezanne=3,monet=1", "--output", "mix.png"]) == 0
    assert main(["a.png", "--mix", "cezanne=3,monet=1", "--name-style"]) == 0
    parts = [pixels(f"stylized/a_stylized_{slug}.png") for slug in ("paul-cezanne", "claude-monet")]
    assert np.abs(pixels("mix.png") - (0.75 * parts[0] + 0.25 * parts[1])).max() <= 0.5
    assert Path("stylized/a_stylized_paul-cezanne-75-claude-monet-25.png").is_file()


def test_looks_of_a_picture(
    tiny_style: Style, photograph: Callable[..., str], pixels: Callable[[str], np.ndarray]
) -> None:
    photograph("a.png", 70, 50)
    assert main(["a.png", "--strength", "0", "--output", "same.png"]) == 0
    assert np.array_equal(pixels("same.png"), pixels("a.png"))
    assert main(["a.png", "--image-size", "25", "--output", "small.png"]) == 0
    assert pixels("small.png").shape == (25, 35, 3)
    assert main(["a.png", "--image-size", "25", "--restore-size", "--output", "back.png"]) == 0
    assert pixels("back.png").shape == (50, 70, 3)
    assert main(["a.png", "--preserve-color", "--output", "colors.png"]) == 0
    assert not np.array_equal(pixels("colors.png"), pixels("a.png"))


def test_a_large_picture_is_stylized_with_a_note(
    tiny_style: Style,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    photograph: Callable[..., str],
) -> None:
    monkeypatch.setattr("adaptive_style_tf.inference.sizes.WIDEST_LEARNED", 40)
    monkeypatch.setattr("adaptive_style_tf.inference.sizes.NARROWEST_LEARNED", 30)
    assert main([photograph("a.jpg", 70, 50), photograph("b.jpg", 70, 50)]) == 0
    notes = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Note:")]
    assert len(notes) == 1
    assert "a.jpg has 70 x 50 pixels" in notes[0]
    assert notes[0].endswith("add --image-size 1280 --restore-size.")
    assert main(["a.jpg", "--image-size", "35", "--overwrite"]) == 0
    assert "Note:" not in capsys.readouterr().err
