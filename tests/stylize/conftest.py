"""A folder for each test of the command, pictures and videos in it, and networks that obey."""

import io
import itertools
import signal
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

Network = Callable[..., np.ndarray]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="session")
def encoded() -> Callable[..., bytes]:
    """The content of a picture file of noise."""

    def encode(width: int, height: int, format_name: str = "JPEG") -> bytes:
        noise = np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)
        content = io.BytesIO()
        Image.fromarray(noise).save(content, format_name)
        return content.getvalue()

    return encode


@pytest.fixture
def photograph(encoded: Callable[..., bytes]) -> Callable[..., str]:
    """Makes a picture of noise at a path, in the format of its suffix."""

    def make(path: str, width: int = 70, height: int = 50) -> str:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        format_name = Image.registered_extensions()[Path(path).suffix]
        Path(path).write_bytes(encoded(width, height, format_name))
        return path

    return make


@pytest.fixture
def pixels() -> Callable[[str], np.ndarray]:
    """Reads a picture as RGB, [H, W, 3], whole numbers that can be subtracted."""

    def read(path: str) -> np.ndarray:
        with Image.open(path) as picture:
            return np.asarray(picture.convert("RGB")).astype(int)

    return read


@pytest.fixture
def files() -> Callable[[], list[str]]:
    """Lists all files but those of the styles."""

    def find() -> list[str]:
        return sorted(
            str(path) for path in Path().rglob("*") if path.is_file() and "runs" not in path.parts
        )

    return find


@pytest.fixture
def video() -> Callable[..., None]:
    """Makes an MP4 of gray frames at 25 a second."""

    def make(path: str, frames: int = 3, width: int = 48, height: int = 32) -> None:
        with av.open(path, "w") as container:
            stream = container.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
            for index in range(frames):
                picture = np.full((height, width, 3), 20 * index, np.uint8)
                container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
            container.mux(stream.encode())

    return make


@pytest.fixture
def frames_of() -> Callable[[str], list[tuple[int, int]]]:
    """Lists the width and height of every frame of a video."""

    def read(path: str) -> list[tuple[int, int]]:
        with av.open(path) as container:
            return [(frame.width, frame.height) for frame in container.decode(video=0)]

    return read


@pytest.fixture
def network_instead(monkeypatch: pytest.MonkeyPatch) -> Callable[[Network], None]:
    """Gives every style that is loaded from here on another network."""

    def replace(network: Network) -> None:
        place = "adaptive_style_tf.inference.stylizer.loaded_generator"
        monkeypatch.setattr(place, lambda style: network)

    return replace


@pytest.fixture
def ctrl_c_at_picture(network_instead: Callable[[Network], None]) -> Callable[[int], None]:
    """Lets Ctrl-C come while the network, which changes nothing, has the picture of this number."""

    def prepare(number: int) -> None:
        count = itertools.count(1)

        def network(batch: np.ndarray, training: bool) -> np.ndarray:
            if next(count) == number:
                signal.raise_signal(signal.SIGINT)
            return batch

        network_instead(network)

    return prepare
