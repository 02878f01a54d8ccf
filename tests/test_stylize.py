import dataclasses
import io
import json
import signal
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.inference.steady import SteadyStylizer
from adaptive_style_tf.inference.stylizer import Stylizer
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


def pixels(path: str) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


@pytest.fixture
def two_styles(tiny_style: Style) -> None:
    """Beside the untrained Cézanne a Monet with other weights."""
    from adaptive_style_tf.styles import write_style

    description = dataclasses.replace(tiny_style.description, artist="claude-monet", files={})
    weights = {name: 0.5 * array for name, array in tiny_style.generator_weights().items()}
    write_style(Path("runs/claude-monet/style"), description, weights)


def files() -> list[str]:
    return sorted(
        str(path) for path in Path().rglob("*") if path.is_file() and "runs" not in path.parts
    )


def test_one_photograph_with_the_default_style_and_folder(
    tiny_style: Style, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([photograph("holiday.jpg", 70, 50)]) == 0
    printed = capsys.readouterr()
    assert printed.out == "stylized/holiday_stylized.jpg\n"
    assert "Style: runs/paul-cezanne/style (7 steps)" in printed.err
    assert size("stylized/holiday_stylized.jpg") == (70, 50)
    assert files() == ["holiday.jpg", "stylized/holiday_stylized.jpg"]


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
        "c.jpg/a_stylized.jpg",
        "c.jpg/b_stylized.webp",
        "v1.0/a_stylized.jpg",
    ]


def test_a_folder_that_is_named_like_a_picture_stays_a_folder(tiny_style: Style) -> None:
    Path("b.jpg").mkdir()
    assert main([photograph("a.jpg"), "--output", "b.jpg"]) == 0
    assert files() == ["a.jpg", "b.jpg/a_stylized.jpg"]


def test_the_format_follows_the_content_of_the_input_or_is_chosen(tiny_style: Style) -> None:
    Path(photograph("a.gif")).rename("a.b.jpg")
    assert main(["a.b.jpg"]) == 0
    assert main(["a.b.jpg", "--format", "webp"]) == 0
    assert files() == ["a.b.jpg", "stylized/a.b_stylized.gif", "stylized/a.b_stylized.webp"]
    for path, expected in (("gif", "GIF"), ("webp", "WEBP")):
        with Image.open(f"stylized/a.b_stylized.{path}") as picture:
            assert picture.format == expected


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
    assert "a.jpg is the input a.jpg itself" in capsys.readouterr().err
    assert Path("a.jpg").read_bytes() == before


def test_photographs_that_would_share_a_name_are_refused(
    tiny_style: Style, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([photograph("x/a.jpg"), photograph("y/a.jpg")]) == 2
    assert "x/a.jpg and y/a.jpg would both become stylized/a_" in capsys.readouterr().err
    assert not Path("stylized").exists()


def test_one_bad_picture_does_not_stop_the_others(
    tiny_style: Style, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bad.jpg").write_bytes(b"no picture")
    assert main(["bad.jpg", photograph("good.jpg")]) == 1
    printed = capsys.readouterr()
    assert printed.out == "stylized/good_stylized.jpg\n"
    assert "Failed: bad.jpg is no " in printed.err
    assert "\n1 done, 0 skipped, 1 failed.\n  failed: bad.jpg is no " in printed.err
    assert "error: 1 of 2 results could not be made" in printed.err


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
    monkeypatch.setattr("adaptive_style_tf.inference.sizes.NARROWEST_LEARNED", 30)
    assert main([photograph("a.jpg", 70, 50), photograph("b.jpg", 70, 50)]) == 0
    notes = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Note:")]
    assert len(notes) == 1
    assert "a.jpg has 70 x 50 pixels" in notes[0]
    assert notes[0].endswith("add --image-size 1280 --restore-size.")
    assert main(["a.jpg", "--image-size", "35", "--overwrite"]) == 0
    assert "Note:" not in capsys.readouterr().err


def test_a_folder_is_searched_and_mirrored_and_gone_on_with(
    tiny_style: Style, capsys: pytest.CaptureFixture[str]
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


def test_several_styles_a_mix_and_a_sheet(
    two_styles: None, capsys: pytest.CaptureFixture[str]
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
    width, _ = size("sheet.png")
    assert width == 3 * 320 + 2 * 8
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


def test_looks_of_a_picture(tiny_style: Style) -> None:
    photograph("a.png", 70, 50)
    assert main(["a.png", "--strength", "0", "--output", "same.png"]) == 0
    assert np.array_equal(pixels("same.png"), pixels("a.png"))
    assert main(["a.png", "--image-size", "25", "--output", "small.png"]) == 0
    assert size("small.png") == (35, 25)
    assert main(["a.png", "--image-size", "25", "--restore-size", "--output", "back.png"]) == 0
    assert size("back.png") == (70, 50)
    assert main(["a.png", "--preserve-color", "--output", "colors.png"]) == 0
    assert not np.array_equal(pixels("colors.png"), pixels("a.png"))


def test_standard_input_and_output(tiny_style: Style, monkeypatch: pytest.MonkeyPatch) -> None:
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
    tiny_style: Style, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    content = Path(photograph("a.png")).read_bytes()[:500]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert main(["-", "--output", "b.jpg"]) == 1
    assert "standard input is damaged or truncated" in capsys.readouterr().err
    assert files() == ["a.png"]


def video(path: str, frames: int = 3, width: int = 48, height: int = 32) -> None:
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for index in range(frames):
            picture = np.full((height, width, 3), 20 * index, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode())


def frames_of(path: str) -> list[tuple[int, int]]:
    with av.open(path) as container:
        return [(frame.width, frame.height) for frame in container.decode(video=0)]


def test_a_video_among_pictures_by_its_content_with_the_look(
    tiny_style: Style, capsys: pytest.CaptureFixture[str]
) -> None:
    video("clip.mp4")
    Path("in").mkdir()
    Path("clip.mp4").rename("in/b.jpg")
    photograph("in/a.png")
    photograph("in/c.png")
    assert main(["in", "--image-size", "64"]) == 0
    printed = capsys.readouterr()
    assert frames_of("stylized/b_stylized.mp4") == [(96, 64)] * 3
    assert "b.jpg: 3 of 3 (100 %)" in printed.err
    assert "3 done, 0 skipped, 0 failed." in printed.err
    assert [Path(line).name[0] for line in printed.out.splitlines()] == ["a", "b", "c"]

    assert main(["in/b.jpg", "--start", "0.04", "--duration", "0.04", "--output", "part.mkv"]) == 0
    assert len(frames_of("part.mkv")) == 1
    assert main(["in/b.jpg", "--output", "part.mkv"]) == 1
    assert main(["in/b.jpg", "--output", "frames/f_%02d.png", "--strength", "0.5"]) == 0
    assert len(list(Path("frames").glob("f_*.png"))) == 3
    assert main(["frames/f_%02d.png", "--frame-rate", "10", "--output", "again.mp4"]) == 0
    assert frames_of("again.mp4") == [(48, 32)] * 3


def test_steady_frames_begin_anew_with_each_video(
    tiny_style: Style, monkeypatch: pytest.MonkeyPatch
) -> None:
    video("a.mp4", frames=2)
    video("b.mp4", frames=2)
    photograph("c.png")
    calls = []

    class Steady:
        def begin(self) -> None:
            calls.append("begin")

        def image(self, frame: np.ndarray) -> np.ndarray:
            calls.append("frame")
            return frame

    monkeypatch.setattr(SteadyStylizer, "load", lambda style: Steady())
    assert main(["a.mp4", "b.mp4", "c.png", "--temporal"]) == 0
    assert calls == ["begin", "frame", "frame"] * 2
    assert not np.array_equal(pixels("stylized/c_stylized.png"), pixels("c.png"))


def test_ctrl_c_in_a_video_says_how_far_it_came(
    tiny_style: Style, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    video("clip.mp4", frames=12)
    seen = []

    def run(self: Stylizer, batch: np.ndarray) -> np.ndarray:
        seen.append(batch)
        if len(seen) == 8:
            signal.raise_signal(signal.SIGINT)
        return batch

    monkeypatch.setattr(Stylizer, "_run", run)
    assert main(["clip.mp4"]) == 130
    count = len(frames_of("stylized/clip_stylized.mp4"))
    assert 1 <= count < 12
    assert f"stylized/clip_stylized.mp4 ends after {count} frames" in capsys.readouterr().err


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
