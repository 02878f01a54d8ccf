"""One picture through standard input and output."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from adaptive_style_tf.styles import Style
from adaptive_style_tf.stylize import main


def test_standard_input_and_output(
    tiny_style: Style,
    monkeypatch: pytest.MonkeyPatch,
    photograph: Callable[..., str],
    files: Callable[[], list[str]],
) -> None:
    content = Path(photograph("a.png")).read_bytes()
    out = io.BytesIO()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(out))
    assert main(["-", "--format", "bmp"]) == 0
    with Image.open(io.BytesIO(out.getvalue())) as picture:
        assert (picture.format, picture.size) == ("BMP", (70, 50))
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert main(["-", "--output", "b.jpg"]) == 0
    assert main(["a.png", "--output", "-"]) == 0
    assert files() == ["a.png", "b.jpg"]
    made = Path("b.jpg").read_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert main(["-", "--output", "b.jpg", "--strength", "0"]) == 1
    assert Path("b.jpg").read_bytes() == made


def test_a_damaged_picture_on_standard_input(
    tiny_style: Style,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    photograph: Callable[..., str],
    files: Callable[[], list[str]],
) -> None:
    content = Path(photograph("a.png")).read_bytes()[:500]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert main(["-", "--output", "b.jpg"]) == 1
    assert "standard input is damaged or truncated" in capsys.readouterr().err
    assert files() == ["a.png"]
