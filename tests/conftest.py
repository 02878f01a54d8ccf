"""What every test starts from: a quiet TensorFlow and the same random numbers."""

import os
import random
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read once, when tensorflow is imported

import numpy as np
import pytest

if TYPE_CHECKING:
    from adaptive_style_tf.styles import Style, StyleDescription

# All that a test may need of the system, `@pytest.mark.needs(...)`: where it is, and why elsewhere
# there is no subject to test. Nothing else skips a test, and on Linux nothing does.
UNIX = sys.platform != "win32"
LINUX = sys.platform == "linux"
NEEDS = {
    "links": (UNIX, "Windows lets only administrators make symbolic links"),
    "named pipes": (UNIX, "Windows has no named pipes in its folders"),
    "file modes": (UNIX, "Windows grants access by lists, not by the mode of a file"),
    "file size limits": (UNIX, "Windows has no RLIMIT_FSIZE, by which the disk is made full"),
    "fork": (UNIX, "Windows has no fork, by which a process is killed at every step of a save"),
    "exchange of folders": (LINUX, "only Linux exchanges two folders in one operation"),
    "C library": (LINUX, "only Linux's TensorFlow has a C library of the names that are loaded"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skips what the system has no subject for: meant, the only skip there is, never on Linux."""
    assert not LINUX or all(there for there, _ in NEEDS.values())
    for item in items:
        for marker in item.iter_markers("needs"):
            (what,) = marker.args
            there, reason = NEEDS[what]
            if not there:
                item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(autouse=True)
def same_random_numbers() -> None:
    """Seeds every generator that is loaded, so that a test does not depend on those before it."""
    random.seed(20180908)
    np.random.seed(20180908)  # noqa: NPY002 - libraries still draw from the global generator
    if keras := sys.modules.get("keras"):
        keras.utils.set_random_seed(20180908)


@pytest.fixture(autouse=True, scope="session")
def interruptible() -> Iterator[None]:
    """Lets SIGINT interrupt, which a shell switches off for what it starts in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def no_shipped_styles(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Hides the styles that come with the package: no test depends on which there are."""
    nowhere = tmp_path_factory.getbasetemp() / "no_package"
    monkeypatch.setattr("adaptive_style_tf.styles.search.PACKAGE", nowhere)


@pytest.fixture(scope="session")
def describe_untrained() -> "Callable[..., StyleDescription]":
    """Describes a very narrow style that nobody has trained, but for the fields that are given."""

    def describe(**changes: object) -> "StyleDescription":
        from adaptive_style_tf.styles import StyleDescription

        fields: dict[str, object] = {
            "name": "Tiny",
            "artist": "paul-cezanne",
            "ngf": 2,
            "step": 7,
            "date": "2018-09-08",
            "package_version": "0",
            "license": "CC0-1.0",
        }
        return StyleDescription(**(fields | changes))

    return describe


@pytest.fixture(scope="session")
def untrained_style_folder(
    tmp_path_factory: pytest.TempPathFactory,
    describe_untrained: "Callable[..., StyleDescription]",
) -> Path:
    """A very narrow style that nobody has trained; to be copied, not changed."""
    import keras

    from adaptive_style_tf.models import Generator, read_weights
    from adaptive_style_tf.styles import write_style

    keras.utils.set_random_seed(20180908)
    generator = Generator(ngf=2)
    generator.build((None, None, None, 3))
    folder = tmp_path_factory.mktemp("styles") / "paul-cezanne"
    return write_style(folder, describe_untrained(), read_weights(generator)).folder


@pytest.fixture
def tiny_style(tmp_path: Path, untrained_style_folder: Path) -> "Style":
    """The untrained style in `<tmp_path>/runs/paul-cezanne/style`."""
    from adaptive_style_tf.styles import read_style

    folder = tmp_path / "runs" / "paul-cezanne" / "style"
    shutil.copytree(untrained_style_folder, folder)
    return read_style(folder)


@dataclass(frozen=True)
class MovingScene:
    """What a resting camera sees of a texture that moves by `shift` from frame to frame.

    Args:
        height: of a frame, px.
        width: of a frame, px.
        shift: to the right and down, px.
    """

    height: int = 96
    width: int = 128
    shift: tuple[int, int] = (3, 2)

    def texture(self, seed: int = 0) -> np.ndarray:
        """Larger than a frame by 32 px on every side, coarse enough to be followed."""
        import cv2

        noise = np.random.default_rng(seed).normal(size=(self.height + 64, self.width + 64, 3))
        smooth = cv2.GaussianBlur(noise, (0, 0), 3)
        smooth -= smooth.min()
        return (40 + 160 * smooth / smooth.max()).astype(np.uint8)

    def frame(self, texture: np.ndarray, number: int) -> np.ndarray:
        """The frame with this number, [H, W, 3]; a view of the texture."""
        x, y = (32 - step * number for step in self.shift)
        return texture[y : y + self.height, x : x + self.width]


@pytest.fixture
def scene() -> MovingScene:
    """Made-up motion, whose flow is known."""
    return MovingScene()
