"""What people throw at the command: clear words for each, and nothing half-done left behind."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from adaptive_style_tf.styles import Style
from adaptive_style_tf.stylize import main

Encode = Callable[..., bytes]


@pytest.fixture(autouse=True)
def folder_of_inputs(in_a_folder_of_its_own: None) -> None:
    Path("in").mkdir()


def png_that_promises(width: int, height: int) -> bytes:
    """A PNG that ends where its pixels would begin: decoding it would fail in another way."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    checksum = struct.pack(">I", zlib.crc32(header))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + checksum + b"\0\0\3\xe8IDAT"


def results() -> list[str]:
    return sorted(path.name for path in Path("stylized").iterdir())


BAD: dict[str, tuple[Callable[[Encode], bytes], str]] = {
    "empty.jpg": (lambda encoded: b"", "is empty (0 bytes)"),
    "text.jpg": (lambda encoded: b"Dear diary, this is no picture.", "is no JPEG, PNG,"),
    "truncated.jpg": (lambda encoded: encoded(64, 64)[:1500], "is damaged or truncated"),
    "truncated.png": (lambda encoded: encoded(64, 64, "PNG")[:1500], "is damaged or truncated"),
    "truncated header.png": (lambda encoded: encoded(64, 64, "PNG")[:20], "damaged or truncated"),
    "bomb.png": (
        lambda encoded: png_that_promises(100_000, 100_000),
        "100000 x 100000 pixels, more than",
    ),
    "no video.mp4": (lambda encoded: b"\0" * 64, "is no JPEG, PNG,"),
}


def test_bad_files_are_explained_and_good_ones_are_done(
    tiny_style: Style, capsys: pytest.CaptureFixture[str], encoded: Encode
) -> None:
    for name, (make, _) in BAD.items():
        Path("in", name).write_bytes(make(encoded))
    Path("in/gut & größer 张.jpg").write_bytes(encoded(40, 30))
    assert main(["in"]) == 1
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    for name, (_, message) in BAD.items():
        (line,) = (
            line for line in printed.err.splitlines() if line.startswith(f"Failed: in/{name} ")
        )
        assert message in line
    assert f"1 done, 0 skipped, {len(BAD)} failed." in printed.err
    assert results() == ["gut & größer 张_stylized.jpg"]


@pytest.mark.parametrize("name", list(BAD))
def test_a_single_bad_file_leaves_nothing(
    tiny_style: Style, capsys: pytest.CaptureFixture[str], name: str, encoded: Encode
) -> None:
    make, message = BAD[name]
    Path("in", name).write_bytes(make(encoded))
    assert main([f"in/{name}"]) == 1
    printed = capsys.readouterr()
    assert f"error: in/{name} " in printed.err
    assert message in printed.err
    assert printed.out == ""
    assert not Path("stylized").exists()


def test_a_name_that_becomes_too_long_is_said(
    tiny_style: Style, capsys: pytest.CaptureFixture[str], encoded: Encode
) -> None:
    Path("in", "x" * 250 + ".png").write_bytes(encoded(40, 30, "PNG"))
    assert main(["in"]) == 1
    assert "cannot be written: File name too long" in capsys.readouterr().err


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 37), (37, 1), (15, 15), (200, 3)])
def test_very_small_pictures_work(
    tiny_style: Style, width: int, height: int, encoded: Encode
) -> None:
    Path("in/a.png").write_bytes(encoded(width, height, "PNG"))
    assert main(["in/a.png"]) == 0
    with Image.open("stylized/a_stylized.png") as picture:
        assert picture.size == (width, height)


def test_a_very_long_picture_works_where_its_format_can_hold_it(
    tiny_style: Style,
    capsys: pytest.CaptureFixture[str],
    encoded: Encode,
    network_instead: Callable[..., None],
) -> None:
    network_instead(lambda batch, training: batch)  # the network has seen longer
    Path("in/long.png").write_bytes(encoded(65_000, 2, "PNG"))
    assert main(["in/long.png"]) == 0
    assert main(["in/long.png", "--format", "jpg"]) == 0
    assert main(["in/long.png", "--format", "webp"]) == 1
    assert "WEBP ends at 16383 a side" in capsys.readouterr().err
    assert main(["in/long.png", "--image-size", "200", "--overwrite"]) == 1
    assert "would be enlarged to 6500000 x 200" in capsys.readouterr().err
    assert results() == ["long_stylized.jpg", "long_stylized.png"]


def test_an_animation_stays_one_and_is_not_silently_cut(
    tiny_style: Style, capsys: pytest.CaptureFixture[str]
) -> None:
    frames = [Image.new("RGB", (12, 8), color) for color in ("red", "lime", "blue")]
    frames[0].save("in/a.gif", save_all=True, append_images=frames[1:], duration=80, loop=0)
    assert main(["in/a.gif", "--strength", "0.5"]) == 0
    with Image.open("stylized/a_stylized.gif") as picture:
        assert picture.n_frames == 3
        assert picture.info["duration"] == 80
    assert main(["in/a.gif", "--format", "jpg"]) == 1
    assert "would have 3 frames, but JPEG holds one" in capsys.readouterr().err
    assert results() == ["a_stylized.gif"]


def test_a_picture_above_the_limit_is_refused_before_it_is_decoded(
    tiny_style: Style, capsys: pytest.CaptureFixture[str], photograph: Callable[..., str]
) -> None:
    Path("huge.png").write_bytes(png_that_promises(100_000, 100_000))
    assert main(["huge.png"]) == 1
    assert "100000 x 100000" in capsys.readouterr().err
    assert main([photograph("a.jpg", 70, 50), "--max-pixels", "3499"]) == 1
    assert "70 x 50" in capsys.readouterr().err
    assert main(["a.jpg", "--max-pixels", "3500"]) == 0
