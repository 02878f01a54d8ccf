"""What the command says without stylizing anything: refusals, lists and help."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from adaptive_style_tf.styles import Style
from adaptive_style_tf.stylize import main


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ([], 2, "no picture given"),
        (["missing.jpg"], 1, "missing.jpg does not exist"),
        (["runs"], 1, "runs has no picture or video; to search the folders inside"),
        (["*.png"], 1, "*.png matches no file"),
        (["a.jpg", "--restore-size"], 2, "no size to restore"),
        (["a.jpg", "--sheet", "sheet"], 2, "let --sheet end in .jpg"),
        (["a.jpg", "--sheet", "a.jpg"], 2, "a.jpg is the input a.jpg itself"),
        (["a.jpg", "--output", "b.png", "--format", "jpg"], 2, "--format says JPEG"),
        (["a.jpg", "--output", "b.mp4"], 2, "a.jpg is a picture, b.mp4 a video"),
        (["a.jpg", "--start", "3"], 2, "no input is a video"),
        (["a.jpg", "--mix", "cezanne=1,paul-cezanne=2"], 2, "names one style twice"),
        (["a.jpg", "--json", "--output", "-"], 2, "--json"),
        (["-", "a.jpg"], 2, "- stands for one picture"),
        (["-", "--temporal"], 2, "leave out the options for videos"),
        (["-", "--output", "folder"], 2, "folder is no picture's name"),
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
    photograph: Callable[..., str],
    files: Callable[[], list[str]],
) -> None:
    photograph("a.jpg")
    assert main(arguments) == code
    printed = capsys.readouterr()
    assert message in printed.err
    assert "Traceback" not in printed.err
    assert files() == ["a.jpg"]


def test_styles_are_listed(tiny_style: Style, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list-styles"]) == 0
    headings, line = capsys.readouterr().out.splitlines()
    assert "steps" in headings.lower()
    assert line.split()[0] == "paul-cezanne"
    assert line.endswith("runs/paul-cezanne/style")
    assert line.split()[1] == str(tiny_style.description.step)


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
