import io
import os
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from adaptive_style_tf.export import main
from adaptive_style_tf.serving import formats
from adaptive_style_tf.styles import Style


def export(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def exports(
    tmp_path_factory: pytest.TempPathFactory, untrained_style_folder: Path
) -> tuple[Path, str]:
    """The folder of a served model with its versions 1 and 2, and what was said of the second."""
    model = tmp_path_factory.mktemp("served") / "tiny"
    words = ("--style", untrained_style_folder, "--output", model)
    assert export(*words, "--quality", 80, "--max-pixels", 4096) == 0
    with redirect_stdout(io.StringIO()) as said:
        assert export(*words, "--no-warm-up") == 0
    return model, said.getvalue()


@pytest.fixture(scope="module")
def served(exports: tuple[Path, str]) -> Path:
    """The folder of that model."""
    return exports[0]


def test_it_says_what_it_exports_and_what_it_wrote(
    exports: tuple[Path, str], untrained_style_folder: Path
) -> None:
    model, said = exports
    size = sum(
        Path(folder, name).stat().st_size
        for folder, _, names in os.walk(model / "2")
        for name in names
    )
    assert said == (
        f"exporting Tiny from {untrained_style_folder}\n"
        f"wrote {model / '2'} ({size / 1_000_000:.1f} MB)\n"
    )
    assert size > 200_000  # else the number says nothing


def test_versions_are_counted_up_and_complete(served: Path) -> None:
    assert sorted(path.name for path in served.iterdir()) == ["1", "2"]
    for version in served.iterdir():
        assert (version / "saved_model.pb").is_file()
        assert (version / "variables" / "variables.index").is_file()
    warm_up = Path("assets.extra", "tf_serving_warmup_requests")
    assert (served / "1" / warm_up).is_file()
    assert not (served / "2" / warm_up).exists()


def test_a_version_that_is_there_is_not_replaced(
    served: Path, untrained_style_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (served / "1" / "saved_model.pb").stat().st_mtime_ns
    code = export("--style", untrained_style_folder, "--output", served, "--model-version", 1)
    assert code == 1
    assert "exists" in capsys.readouterr().err
    assert (served / "1" / "saved_model.pb").stat().st_mtime_ns == before


def test_inspecting_names_style_limits_and_signatures(
    served: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert export("--inspect", served / "1") == 0
    told = capsys.readouterr().out
    for words in (
        "Tiny (paul-cezanne), step 7",
        "CC0-1.0",
        "4,096 pixels",
        "in  image: uint8 (?, ?, ?, 3)",
        "out stylized: float32 (?, ?, ?, 3)",
        "in  image_bytes: string (?)",
        "JPEG of quality 80",
    ):
        assert words in told
    assert export("--inspect", served) == 0
    told = capsys.readouterr().out
    assert "JPEG of quality 95" in told  # the highest version counts
    assert "16,777,216 pixels" in told


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "--output is needed"),
        (("--inspect", ".", "--output", "x"), "leave out --output"),
        (("--inspect", ".", "--style", "monet"), "leave out --style"),
        (("--inspect", ".", "--format", "savedmodel"), "leave out --format"),
        (("--inspect", ".", "--max-pixels", "4096"), "leave out --max-pixels"),
        (("--inspect", ".", "--no-warm-up"), "leave out --no-warm-up"),
        (("--inspect", ".", "--size", "64x64"), "leave out --size"),
        (("--output", "x.onnx"), "add --format onnx"),
        (("--output", "x.tflite", "--format", "savedmodel"), "add --format tflite"),
        (("--output", "x.keras"), "add --format keras"),
        (("--inspect", "."), "holds no SavedModel"),
        (("--output", "x", "--half"), "--half belongs to --format tflite"),
        (("--output", "x.onnx", "--format", "onnx", "--quality", "9"), "belongs to --format saved"),
        (("--output", "x.bin", "--format", "onnx"), "--output must end in .onnx"),
        (("--output", "x", "--format", "tflite"), "--output must end in .tflite"),
        (("--output", "x", "--style", "nobody"), "nobody"),
        (("--output", "x", "--max-pixels", "4095"), "--max-pixels must be at least 4096"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_writes_nothing(
    arguments: tuple[str, ...],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert export(*arguments) != 0
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_keras_on_another_backend_is_told_in_one_sentence(
    tmp_path: Path, untrained_style_folder: Path
) -> None:
    command = [sys.executable, "-m", "adaptive_style_tf.export", "--no-warm-up"]
    process = subprocess.run(
        [*command, "--style", str(untrained_style_folder), "--output", str(tmp_path / "x")],
        env={**os.environ, "KERAS_BACKEND": "jax"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 1
    assert "Keras runs on jax" in process.stderr
    assert "Traceback" not in process.stderr
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", ["720", "0x720", "1280x", "ax720"])
def test_sizes_are_width_x_height(size: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        export("--output", "x.tflite", "--format", "tflite", "--size", size)
    assert "WIDTHxHEIGHT" in capsys.readouterr().err


@pytest.mark.parametrize("quality", ["0", "101", "best"])
def test_a_quality_is_1_to_100(quality: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        export("--output", "x", "--quality", quality)
    assert "from 1 to 100" in capsys.readouterr().err


def test_a_file_that_is_there_is_not_replaced(
    tmp_path: Path, untrained_style_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "x.keras"
    there.write_text("mine")
    code = export("--style", untrained_style_folder, "--output", there, "--format", "keras")
    assert code == 1
    assert "exists" in capsys.readouterr().err
    assert there.read_text() == "mine"


def test_another_format_is_one_file_in_a_new_folder(
    tmp_path: Path, untrained_style_folder: Path
) -> None:
    target = tmp_path / "new" / "x.keras"
    assert export("--style", untrained_style_folder, "--output", target, "--format", "keras") == 0
    assert [*target.parent.iterdir()] == [target]
    assert target.stat().st_size > 0


@pytest.fixture
def in_its_folder(tiny_style: Style, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder is the one in whose runs the Cézanne is found."""
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("in_its_folder")
@pytest.mark.parametrize(
    ("name", "options", "asked"),
    [
        ("onnx", (), ()),
        ("tflite", (), (None, False)),
        ("tflite", ("--size", "80x64"), ((80, 64), False)),
        ("tflite", ("--half",), (None, True)),
    ],
)
def test_each_format_is_asked_for_as_the_options_say(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    options: tuple[str, ...],
    asked: tuple[object, ...],
) -> None:
    """Without --style, of the Cézanne. What is written is tested in tests/serving."""

    def write(style: Style, target: Path, *settings: object) -> None:
        assert (style.description.artist, settings) == ("paul-cezanne", asked)
        target.write_text(name)

    monkeypatch.setattr(formats, f"export_{name}", write)
    assert export("--output", f"x.{name}", "--format", name, *options) == 0
    assert Path(f"x.{name}").read_text() == name
