"""What TensorFlow 2.15.1 and tensorflow_addons make of our pictures, in an environment apart."""

import io
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.inference.network import loaded_generator
from adaptive_style_tf.inference.stylizer import Stylizer
from adaptive_style_tf.models import InstanceNormalization
from adaptive_style_tf.serving.saved_model import export_saved_model
from adaptive_style_tf.styles import read_style

ENVIRONMENT = Path(__file__).parents[2] / ".venv-addons"
PYTHON = ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
pytestmark = pytest.mark.slow
CLOSE = {"rtol": 0, "atol": 1e-5}


@pytest.fixture(scope="module", autouse=True)
def environment():
    assert PYTHON.exists(), f"{ENVIRONMENT.name} is missing; `make test-addons` makes it"


@pytest.fixture(scope="module")
def style(untrained_style_folder):
    return read_style(untrained_style_folder)


@pytest.fixture(scope="module")
def asked():
    random = np.random.default_rng(0)
    picture = random.integers(0, 256, (64, 96, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    levels = np.stack([picture, picture[:, ::-1]])
    return {
        # The second is so flat that epsilon matters.
        "features": random.normal(0.3, [[[[1.0]]], [[[1e-3]]]], (2, 13, 17, 8)).astype(np.float32),
        "scale": random.normal(1, 0.3, 8).astype(np.float32),
        "offset": random.normal(0, 0.3, 8).astype(np.float32),
        "levels": levels,
        "values": (levels / 255).astype(np.float32),
        "png": np.frombuffer(file.getvalue(), np.uint8),
    }


@pytest.fixture(scope="module")
def answered(style, asked, tmp_path_factory):
    folder = tmp_path_factory.mktemp("addons")
    model = export_saved_model(style, folder / "stylizer")
    questions, answers = folder / "questions.npz", folder / "answers.npz"
    np.savez(questions, **asked)
    process = subprocess.run(
        [str(PYTHON), str(Path(__file__).with_name("witness.py")), model, questions, answers],
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    with np.load(answers) as archive:
        return dict(archive)


def pixels(content):
    with Image.open(io.BytesIO(content.tobytes())) as picture:
        return np.asarray(picture).astype(int)


def test_the_witness_has_the_versions_that_were_asked_for(answered):
    required = Path(__file__).parents[2] / "requirements-addons.txt"
    tensorflow, addons = answered["versions"]
    lines = required.read_text(encoding="utf-8").splitlines()
    assert {f"tensorflow-cpu=={tensorflow}", f"tensorflow-addons=={addons}"} <= {*lines}


def test_our_normalization_equals_the_one_of_tensorflow_addons(asked, answered):
    layer = InstanceNormalization()
    layer.build(asked["features"].shape)
    layer.scale.assign(asked["scale"])
    layer.offset.assign(asked["offset"])
    np.testing.assert_allclose(layer(asked["features"]), answered["normalized"], **CLOSE)


def test_values_equal_those_of_keras(style, asked, answered):
    around = [(0, 0), (16, 16), (16, 16), (0, 0)]  # cut away again
    extended = np.pad(asked["values"], around, mode="symmetric")
    stylized = np.asarray(loaded_generator(style)(extended * 2 - 1))[:, 16:-16, 16:-16]
    np.testing.assert_allclose(answered["values"], (stylized + 1) / 2, **CLOSE)


def test_levels_equal_those_of_keras(style, asked, answered):
    for picture, stylized in zip(asked["levels"], answered["levels"], strict=True):
        assert np.abs(stylized.astype(int) - Stylizer.load(style).image(picture)).max() <= 1


def test_files_equal_what_keras_makes_of_them(style, asked, answered):
    expected = Stylizer.load(style).image(asked["levels"][0]).astype(int)
    stylized = pixels(answered["stylize_encoded_png"])
    assert np.abs(stylized - expected).max() <= 1
    same = io.BytesIO()
    Image.fromarray(stylized.astype(np.uint8)).save(same, "JPEG", quality=95, subsampling="4:4:4")
    jpeg = pixels(answered["stylize_encoded"])
    assert np.abs(jpeg - pixels(np.frombuffer(same.getvalue(), np.uint8))).max() <= 1
