import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.styles import Style
from adaptive_style_tf.stylize import main


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def photograph(path: str, width: int = 70, height: int = 50) -> str:
    pixels = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)
    return path


def size(path: str) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


def files() -> list[str]:
    return sorted(
        str(path) for path in Path().rglob("*") if path.is_file() and "runs" not in path.parts
    )


def test_one_photograph_with_the_default_style_and_folder(
    tiny_style: Style, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([photograph("holiday.jpg", 70, 50)]) == 0
    printed = capsys.readouterr()
    assert printed.out == "stylized/holiday_stylized_paul-cezanne.jpg\n"
    assert "Style: runs/paul-cezanne/style (7 steps)" in printed.err
    assert size("stylized/holiday_stylized_paul-cezanne.jpg") == (70, 50)
    assert files() == ["holiday.jpg", "stylized/holiday_stylized_paul-cezanne.jpg"]


def test_output_is_a_file_for_one_input_and_a_pictures_suffix(tiny_style: Style) -> None:
    assert main([photograph("a.jpg"), "--style", "cezanne", "--output", "results/b.PNG"]) == 0
    assert files() == ["a.jpg", "results/b.PNG"]
    with Image.open("results/b.PNG") as picture:
        assert (picture.format, picture.size) == ("PNG", (70, 50))


def test_output_is_a_folder_for_several_inputs_or_another_suffix(tiny_style: Style) -> None:
    assert main([photograph("a.jpg"), photograph("b.webp"), "--output", "c.jpg"]) == 0
    assert main(["a.jpg", "--output", "v1.0"]) == 0
    assert files() == [
        "a.jpg",
        "b.webp",
        "c.jpg/a_stylized_paul-cezanne.jpg",
        "c.jpg/b_stylized_paul-cezanne.webp",
        "v1.0/a_stylized_paul-cezanne.jpg",
    ]


def test_a_folder_that_is_named_like_a_picture_stays_a_folder(tiny_style: Style) -> None:
    Path("b.jpg").mkdir()
    assert main([photograph("a.jpg"), "--output", "b.jpg"]) == 0
    assert files() == ["a.jpg", "b.jpg/a_stylized_paul-cezanne.jpg"]


def test_a_format_that_is_not_written_becomes_png(tiny_style: Style) -> None:
    assert main([photograph("a.gif")]) == 0
    assert files() == ["a.gif", "stylized/a_stylized_paul-cezanne.png"]


def test_results_are_replaced_only_when_asked(
    tiny_style: Style, capsys: pytest.CaptureFixture[str]
) -> None:
    photograph("a.jpg")
    Path("b.png").write_bytes(b"precious")
    assert main(["a.jpg", "--output", "b.png"]) == 1
    assert "b.png exists already" in capsys.readouterr().err
    assert Path("b.png").read_bytes() == b"precious"
    assert main(["a.jpg", "--output", "b.png", "--overwrite"]) == 0
    assert size("b.png") == (70, 50)


def test_a_photograph_is_never_replaced(
    tiny_style: Style, capsys: pytest.CaptureFixture[str]
) -> None:
    before = Path(photograph("a.jpg")).read_bytes()
    assert main(["a.jpg", "--output", "./a.jpg", "--overwrite"]) == 2
    assert "a.jpg is a photograph itself" in capsys.readouterr().err
    assert Path("a.jpg").read_bytes() == before


def test_photographs_that_would_share_a_name_are_refused(
    tiny_style: Style, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([photograph("x/a.jpg"), photograph("y/a.jpg")]) == 2
    assert "x/a.jpg, y/a.jpg would all become stylized/a_" in capsys.readouterr().err
    assert not Path("stylized").exists()


def test_one_bad_picture_does_not_stop_the_others(
    tiny_style: Style, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.jpg").write_bytes(b"no picture")
    assert main(["bad.jpg", photograph("good.jpg")]) == 1
    printed = capsys.readouterr()
    assert printed.out == "stylized/good_stylized_paul-cezanne.jpg\n"
    assert "Skipped: bad.jpg is no " in printed.err
    assert "1 of 2 pictures could not be stylized" in printed.err


def test_a_picture_above_the_limit_is_refused_before_it_is_decoded(
    tiny_style: Style, capsys: pytest.CaptureFixture[str]
) -> None:
    # A PNG that ends where its pixels would begin: decoding it would fail in another way.
    image_header = b"IHDR" + struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    checksum = struct.pack(">I", zlib.crc32(image_header))
    huge = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + image_header + checksum
    huge += struct.pack(">I", 1000) + b"IDAT"
    Path("huge.png").write_bytes(huge)
    assert main(["huge.png"]) == 1
    assert "100000 x 100000" in capsys.readouterr().err
    assert main([photograph("a.jpg", 70, 50), "--max-pixels", "3499"]) == 1
    assert "70 x 50" in capsys.readouterr().err
    assert main(["a.jpg", "--max-pixels", "3500"]) == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "no picture given"),
        (["missing.jpg"], 1, "missing.jpg does not exist"),
        (["."], 2, "is a folder"),
        (["a.jpg", "--style", "monet"], 2, "monet"),
        (["a.jpg", "--style", "./nowhere"], 1, "nowhere is no folder"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_done(
    tiny_style: Style,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    code: int,
    message: str,
) -> None:
    photograph("a.jpg")
    assert main(arguments) == code
    printed = capsys.readouterr()
    assert message in printed.err
    assert "Traceback" not in printed.err
    assert files() == ["a.jpg"]


def test_a_large_picture_is_stylized_with_a_note(
    tiny_style: Style, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adaptive_style_tf.inference.sizes.WIDEST_LEARNED", 40)
    assert main([photograph("a.jpg", 70, 50), photograph("b.jpg", 70, 50)]) == 0
    notes = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Note:")]
    assert len(notes) == 1
    assert "a.jpg has 70 x 50 pixels" in notes[0]


def test_styles_are_listed(tiny_style: Style, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-styles"]) == 0
    assert capsys.readouterr().out == "paul-cezanne\truns/paul-cezanne/style\n"


@pytest.mark.parametrize("door", ["stylize", "train", "demo"])
def test_help_needs_no_heavy_library(door: str) -> None:
    code = (
        f"import sys; sys.argv = ['x', '--help']\n"
        f"from adaptive_style_tf.{door} import main\n"
        "try: main()\n"
        "except SystemExit as left: assert left.code == 0\n"
        "heavy = {'tensorflow', 'keras', 'numpy', 'cv2', 'scipy', 'PIL', 'skimage'}\n"
        "print('loaded', sorted(heavy & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "usage: python -m adaptive_style_tf." in shown.stdout
    assert shown.stdout.endswith("loaded []\n")
