"""The code and commands of docs/serving.md, run as they stand there but for the addresses."""

import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

from adaptive_style_tf import client, export
from adaptive_style_tf.serving.clients import MODEL
from adaptive_style_tf.serving.inspection import inspected

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "serving.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.+?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
# A word of each block, and of none before it.
REST, GRPC, PICTURE, ONNX, TFLITE, KERAS, SAVED_MODEL = (
    "urlopen",
    "PredictRequest",
    "from PIL",
    "onnxruntime",
    "tf.lite",
    "load_model",
    "saved_model.load",
)
COMMANDS = re.findall(r"^python -m adaptive_style_tf\.(\w+) (.+)$", GUIDE, re.MULTILINE)


def code(word):
    (block,) = [block for block in BLOCKS if word in block]
    return block


def commands(door):
    return [shlex.split(words) for name, words in COMMANDS if name == door]


def run(text, variables=None):
    """Executes it; gives its variables."""
    names = dict(variables or {})
    exec(compile(text, "serving.md", "exec"), names)
    return names


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def photo(folder, photograph, as_file):
    """Sides that the bare network takes as well; losslessly compressed, whatever its name says.

    It is so dull that values of a wrong range show: the network divides contrast by its own spread,
    and only the epsilon beside that tells 0 to 1 from -1 to 1.
    """
    picture = photograph(80, 112) // 16 + 100
    (folder / "photo.jpg").write_bytes(as_file(picture, "PNG"))
    return picture


@pytest.fixture
def stylized_file(folder, photo, levels_by_keras, as_file, pixels):
    """Compares `stylized.jpg` with what Keras makes of the photo."""

    def compare():
        content = (folder / "stylized.jpg").read_bytes()
        levels = levels_by_keras(photo).astype(np.uint8)
        expected = as_file(levels, "JPEG", quality=95, subsampling="4:4:4")
        differences = np.abs(pixels(content) - pixels(expected))
        assert content.startswith(b"\xff\xd8\xff")
        assert differences.mean() < 0.1
        assert differences.max() < 10

    return compare


@pytest.fixture
def at_the_stand_in(server):
    """Puts the address and the name of the stand-in for a server in place of the guide's."""

    def at(text):
        changed = text.replace("http://localhost:8501", server.rest).replace(
            "localhost:8500", server.grpc
        )
        return changed.replace("/cezanne:", f"/{MODEL}:").replace('"cezanne"', f'"{MODEL}"')

    return at


def test_every_block_of_code_is_run_here():
    words = (REST, GRPC, PICTURE, ONNX, TFLITE, KERAS, SAVED_MODEL)
    assert [word for word in words if code(word)] == [*words]
    assert len(BLOCKS) == len(words)
    assert {door for door, _ in COMMANDS} == {"export", "client"}


@pytest.mark.needs("C library")
@pytest.mark.parametrize("word", [REST, GRPC])
def test_code_of_a_client_writes_the_result(at_the_stand_in, stylized_file, word):
    run(at_the_stand_in(code(word)))
    stylized_file()


@pytest.mark.needs("C library")
def test_commands_of_the_client_write_the_results(at_the_stand_in, folder, photo, stylized_file):
    (folder / "holiday").mkdir()
    for name in ("a.jpg", "b.jpg"):
        shutil.copy(folder / "photo.jpg", folder / "holiday" / name)
    for words in commands("client"):
        named = [MODEL if word == "cezanne" else at_the_stand_in(word) for word in words]
        files = [str(path) for path in sorted(folder.glob("holiday/*.jpg"))]
        spread = [file for word in named for file in (files if "*" in word else [word])]
        assert client.main(spread) == 0
    assert sorted(path.name for path in (folder / "stylized").iterdir()) == [
        "a_stylized.jpg",
        "b_stylized.jpg",
    ]
    (folder / "photo_stylized.jpg").rename(folder / "stylized.jpg")
    stylized_file()


def test_code_for_the_saved_model_writes_the_result(folder, exported, stylized_file):
    shutil.copytree(exported, folder / "serving" / "cezanne" / "1")
    run(code(SAVED_MODEL))
    stylized_file()


@pytest.fixture
def variables(photo):
    """Those of the block that reads the picture, before the blocks that need it."""
    return run(code(PICTURE))


@pytest.fixture
def expected(photo, values_by_keras):
    return values_by_keras(photo.astype(np.float32) / 255)[np.newaxis]


def test_code_for_onnx_gives_the_result(folder, variables, onnx, expected):
    (folder / "cezanne.onnx").write_bytes(onnx.read_bytes())
    stylized = run(code(ONNX), variables)["stylized"]
    np.testing.assert_allclose(stylized, expected, rtol=0, atol=1e-4)


def test_code_for_tflite_gives_the_result(folder, variables, tflite, expected):
    (folder / "cezanne.tflite").write_bytes(tflite.read_bytes())
    with pytest.warns(UserWarning, match="(?s)Interpreter is deprecated.*ai_edge_litert"):
        stylized = run(code(TFLITE), variables)["stylized"]
    np.testing.assert_allclose(stylized, expected, rtol=0, atol=1e-4)


def test_code_for_keras_gives_the_result(folder, variables, keras_file, expected):
    (folder / "cezanne.keras").write_bytes(keras_file.read_bytes())
    stylized = run(code(KERAS), variables)["stylized"]
    np.testing.assert_allclose(stylized, expected, rtol=0, atol=1e-4)


@pytest.mark.usefixtures("tiny_style")
def test_commands_of_the_export_write_what_they_name(folder):
    for words in commands("export"):
        assert export.main(words) == 0
        output = folder / words[words.index("--output") + 1]
        if "--format" in words:
            assert output.is_file()
        else:
            assert "Tiny" in inspected(output / "1")
    written = {path.name for path in folder.iterdir()}
    assert written == {
        "runs",
        "serving",
        "cezanne.onnx",
        "cezanne.tflite",
        "cezanne_720p.tflite",
        "cezanne.keras",
    }
