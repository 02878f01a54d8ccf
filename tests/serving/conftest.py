"""A narrow style with random weights, exported once, and processes that answer requests for it."""

import importlib
import io
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.inference.network import loaded_generator
from adaptive_style_tf.inference.stylizer import Stylizer
from adaptive_style_tf.models import Generator, read_weights
from adaptive_style_tf.serving.formats import export_keras, export_onnx, export_tflite
from adaptive_style_tf.serving.saved_model import export_saved_model
from adaptive_style_tf.styles import Style, StyleDescription, write_style

RUNTIMES = Path(__file__).parent / "runtimes"
NGF = 4
SEED = 20180908

Answer = dict[str, Any] | str
Requests = dict[Any, tuple[str, dict[str, Any]]]


@pytest.fixture(scope="session")
def style(
    tmp_path_factory: pytest.TempPathFactory, describe_untrained: Callable[..., StyleDescription]
) -> Style:
    """Every weight is random, so that none can be left out or mistaken for another."""
    generator = Generator(ngf=NGF)
    generator.build((None, None, None, 3))
    random = np.random.default_rng(SEED)
    weights = {}
    for name, weight in read_weights(generator).items():
        if name.endswith("kernel"):
            spread, mean = (2 / np.prod(weight.shape[:-1])) ** 0.5, 0.0
        else:
            spread, mean = 0.2, float(name.endswith("scale"))
        weights[name] = random.normal(mean, spread, weight.shape).astype(np.float32)
    folder = tmp_path_factory.mktemp("served") / "paul-cezanne"
    description = describe_untrained(ngf=NGF, settings={"success_rate": 0.8})
    return write_style(folder, description, weights)


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory, style: Style) -> Path:
    """Its SavedModel; to be read, not changed."""
    return export_saved_model(style, tmp_path_factory.mktemp("exported") / "stylizer")


@pytest.fixture(scope="session")
def formats_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("formats")


@pytest.fixture(scope="session")
def onnx(style: Style, formats_folder: Path) -> Path:
    """Its ONNX file."""
    export_onnx(style, formats_folder / "cezanne.onnx")
    return formats_folder / "cezanne.onnx"


@pytest.fixture(scope="session")
def tflite(style: Style, formats_folder: Path) -> Path:
    """Its TFLite file for any size."""
    export_tflite(style, formats_folder / "cezanne.tflite", None, half=False)
    return formats_folder / "cezanne.tflite"


@pytest.fixture(scope="session")
def keras_file(style: Style, formats_folder: Path) -> Path:
    """Its Keras file."""
    export_keras(style, formats_folder / "cezanne.keras")
    return formats_folder / "cezanne.keras"


@pytest.fixture(scope="session")
def photograph() -> Callable[..., np.ndarray]:
    """Makes a picture [H, W, 3], 0 to 255: slow waves and some noise."""

    def make(height: int, width: int, seed: int = 0) -> np.ndarray:
        random = np.random.default_rng(seed)
        rows, columns = np.mgrid[:height, :width]
        waves = [np.sin(rows / a + columns / b + seed) for a, b in random.uniform(3, 20, (3, 2))]
        noise = random.normal(0, 20, (height, width, 3))
        return np.clip(128 + 80 * np.stack(waves, -1) + noise, 0, 255).astype(np.uint8)

    return make


@pytest.fixture(scope="session")
def as_file() -> Callable[..., bytes]:
    """The content of a picture file, from an array or a picture of Pillow's."""

    def encode(picture: np.ndarray | Image.Image, format_name: str, **options: object) -> bytes:
        content = io.BytesIO()
        if isinstance(picture, np.ndarray):
            picture = Image.fromarray(picture)
        picture.save(content, format_name, **options)
        return content.getvalue()

    return encode


@pytest.fixture(scope="session")
def pixels() -> Callable[[bytes], np.ndarray]:
    """Reads the content of a picture file as RGB, whole numbers that can be subtracted."""

    def read(content: bytes) -> np.ndarray:
        with Image.open(io.BytesIO(content)) as picture:
            return np.asarray(picture.convert("RGB")).astype(int)

    return read


@pytest.fixture(scope="session")
def levels_by_keras(style: Style) -> Callable[[np.ndarray], np.ndarray]:
    """Stylizes a picture [H, W, 3], 0 to 255, by the Keras model in this process."""
    stylizer = Stylizer.load(style)
    return lambda picture: stylizer.image(picture.astype(np.uint8)).astype(int)


@pytest.fixture(scope="session")
def values_by_keras(style: Style) -> Callable[[np.ndarray], np.ndarray]:
    """Stylizes a picture [H, W, 3], 0 to 1, by the Keras model in this process."""
    generator = loaded_generator(style)

    def stylize(picture: np.ndarray) -> np.ndarray:
        height, width = picture.shape[:2]
        added = [(16, 16 + max(64, -(-side // 16) * 16) - side) for side in (height, width)]
        padding = [*added, (0, 0)]
        batch = np.pad(picture, padding, mode="symmetric")[np.newaxis] * 2 - 1
        stylized = np.asarray(generator(batch, training=False))[
            0, 16 : 16 + height, 16 : 16 + width
        ]
        return np.clip((stylized + 1) / 2, 0, 1)

    return stylize


@pytest.fixture
def static_scan(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """What finds in a SavedModel's files what a server would not run."""
    monkeypatch.syspath_prepend(str(RUNTIMES))
    return importlib.import_module("static_scan")


@pytest.fixture(scope="session")
def runtimes() -> Path:
    """The folder of what runs in processes of its own."""
    return RUNTIMES


@pytest.fixture(scope="session")
def quiet() -> dict[str, str]:
    """The environment of a process in which TensorFlow says little."""
    return {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}


@pytest.fixture(scope="session")
def ask(
    tmp_path_factory: pytest.TempPathFactory, quiet: dict[str, str]
) -> Callable[..., dict[Any, Answer]]:
    """Answers requests in a fresh process, which can import neither this package nor Keras."""

    def answers(runtime: str, where: Path | str, requests: Requests) -> dict[Any, Answer]:
        folder = tmp_path_factory.mktemp(runtime)
        asked, answered = folder / "requests.pickle", folder / "answers.pickle"
        asked.write_bytes(pickle.dumps(requests))
        command = [sys.executable, str(RUNTIMES / "answers.py"), runtime]
        process = subprocess.run(
            [*command, str(where), str(asked), str(answered)],
            cwd=folder,
            env=quiet,
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == 0, process.stderr
        return pickle.loads(answered.read_bytes())

    return answers


@pytest.fixture(scope="session")
def server(exported: Path, quiet: dict[str, str]) -> Iterator["Server"]:
    """The stand-in for a model server, in a process of its own."""
    with Server(exported, quiet) as started:
        yield started


class Server:
    """A running `prediction_service.py`: its process, and where it listens."""

    def __init__(self, model: Path, environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(RUNTIMES / "prediction_service.py"), str(model)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
        )

    def __enter__(self) -> "Server":
        assert self.process.stdout is not None
        grpc_port, rest_port = self.process.stdout.readline().split()
        self.grpc, self.rest = f"127.0.0.1:{grpc_port}", f"http://127.0.0.1:{rest_port}"
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()  # closes its input, at which it ends


@pytest.fixture(scope="session")
def answers_of(
    ask: Callable[..., dict[Any, Answer]], exported: Path, request: pytest.FixtureRequest
) -> Callable[..., dict[Any, Answer]]:
    """What a runtime makes of the exported model, each asked once in a session."""
    requests = request.getfixturevalue("good_requests")

    @cache
    def answers(runtime: str, signatures: frozenset[str]) -> dict[Any, Answer]:
        over_network = runtime in ("ovms_client", "grpc_stub")
        where = request.getfixturevalue("server").grpc if over_network else exported
        asked = {key: question for key, question in requests.items() if question[0] in signatures}
        answered = ask(runtime, where, asked)
        assert not [answer for answer in answered.values() if isinstance(answer, str)]
        return answered

    return answers
