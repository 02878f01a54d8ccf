from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.errors import DeviceMemoryError, PictureError, StyleError, UsageError
from adaptive_style_tf.images.decoding import read_picture
from adaptive_style_tf.images.grain import grain
from adaptive_style_tf.inference.looks import Look
from adaptive_style_tf.inference.stylizer import Stylizer
from adaptive_style_tf.models import Generator, assign_weights
from adaptive_style_tf.styles import Style

SIZES = [(1, 1), (1, 200), (5, 3), (63, 65), (64, 64), (80, 96), (113, 37)]


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), np.uint8)


def extended_by_opencv(picture: np.ndarray) -> np.ndarray:
    """The picture, reflected around it with OpenCV, to sides the network works on."""
    height, width = picture.shape[:2]
    bottom, right = (max(64, side + -side % 16) + 16 - side for side in (height, width))
    return cv2.copyMakeBorder(picture, 16, bottom, 16, right, cv2.BORDER_REFLECT)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_the_result_is_the_generators_on_the_reflected_picture_cut_back(
    tiny_style: Style, height: int, width: int
) -> None:
    photograph = noise(height, width)
    stylized = Stylizer.load(tiny_style).image(photograph)
    assert stylized.shape == photograph.shape
    assert stylized.dtype == np.uint8

    generator = Generator(ngf=2)
    generator.build((None, None, None, 3))
    assign_weights(generator, tiny_style.generator_weights())
    bare = np.asarray(generator(extended_by_opencv(photograph)[None] / np.float32(127.5) - 1))[0]
    expected = (bare[16 : 16 + height, 16 : 16 + width] + 1) / 2 * 255
    assert np.abs(stylized - expected).max() <= 0.5 + 1e-3


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_a_generator_that_changes_nothing_gives_back_the_photograph(
    tiny_style: Style, height: int, width: int
) -> None:
    stylizer = Stylizer(lambda batch, training: batch, tiny_style)
    assert np.array_equal(stylizer.image(noise(height, width)), noise(height, width))


def test_the_network_sees_the_grain_that_it_was_trained_with(tiny_style: Style) -> None:
    description = replace(tiny_style.description, settings={"grain": 9.0})
    grained = Style(tiny_style.folder, description)
    photograph = np.full((40, 90, 3), 100, np.uint8)
    found = Stylizer(lambda batch, training: batch, grained).image(photograph)
    # The field begins at the corner of the extended picture, 16 px beyond the photograph's.
    expected = 100 + 9.0 * grain(40, 90, 16, 16)
    assert np.abs(found - expected).max() <= 0.5 + 1e-3
    again = Stylizer(lambda batch, training: batch, grained).image(photograph)
    np.testing.assert_array_equal(found, again)


def test_what_a_network_does_at_its_frame_is_not_in_the_result(tiny_style: Style) -> None:
    def framed(batch: np.ndarray, training: bool) -> np.ndarray:
        inner = np.s_[:, 16:-16, 16:-16]
        result = np.ones_like(batch)
        result[inner] = batch[inner]
        return result

    for height, width in SIZES:
        photograph = noise(height, width)
        assert np.array_equal(Stylizer(framed, tiny_style).image(photograph), photograph)


def test_values_beyond_the_range_are_cut_off(tiny_style: Style) -> None:
    stylizer = Stylizer(lambda batch, training: batch * 3, tiny_style)
    picture = np.zeros((64, 64, 3), np.uint8)
    picture[:, 32:] = 255
    assert np.array_equal(stylizer.image(picture), picture)


def test_a_look_is_applied_to_arrays_files_and_frames(tiny_style: Style, tmp_path: Path) -> None:
    stylizer = Stylizer(lambda batch, training: -batch, tiny_style)
    photograph = noise(64, 80)
    same, half = Look(strength=0), Look(strength=0.5, image_size=32)
    assert np.array_equal(stylizer.image(photograph, same), photograph)
    assert stylizer.image(photograph, half).shape == (32, 40, 3)

    Image.fromarray(photograph).save(tmp_path / "a_1.png")
    stylizer.file(tmp_path / "a_1.png", tmp_path / "b.png")
    assert np.array_equal(read_picture(tmp_path / "b.png"), 255 - photograph)
    with pytest.raises(PictureError, match=r"b\.png exists already"):
        stylizer.file(tmp_path / "a_1.png", tmp_path / "b.png", look=same)
    stylizer.file(tmp_path / "a_1.png", tmp_path / "b.png", look=same, overwrite=True)
    assert np.array_equal(read_picture(tmp_path / "b.png"), photograph)

    report = stylizer.video(tmp_path / "a_%d.png", tmp_path / "c_%d.png", look=same)
    assert report.frames == 1
    (frame,) = tmp_path.glob("c_*.png")
    assert np.array_equal(read_picture(frame), photograph)


def test_paths_may_be_given_as_texts(tiny_style: Style, tmp_path: Path) -> None:
    stylizer = Stylizer(lambda batch, training: -batch, tiny_style)
    Image.fromarray(noise(64, 80)).save(tmp_path / "a_1.png")
    stylizer.file(f"{tmp_path}/a_1.png", f"{tmp_path}/b.png")
    assert np.array_equal(read_picture(tmp_path / "b.png"), 255 - noise(64, 80))
    report = stylizer.video(f"{tmp_path}/a_%d.png", f"{tmp_path}/c_%d.png")
    assert report.frames == 1
    (frame,) = tmp_path.glob("c_*.png")
    assert np.array_equal(read_picture(frame), 255 - noise(64, 80))


def raising(error: Exception) -> Callable[..., Any]:
    def generator(batch: Any, training: bool) -> Any:
        raise error

    return generator


def test_running_out_of_memory_says_what_to_do(tiny_style: Style) -> None:
    for error in (MemoryError(), RuntimeError("RESOURCE_EXHAUSTED: failed to allocate")):
        with pytest.raises(DeviceMemoryError, match=r"70 x 60 pixels are too many .*--image-size"):
            Stylizer(raising(error), tiny_style).image(noise(60, 70))


def test_other_failures_are_left_alone(tiny_style: Style) -> None:
    with pytest.raises(ZeroDivisionError):
        Stylizer(raising(ZeroDivisionError()), tiny_style).image(noise(4, 4))


def test_a_style_is_found_by_short_name_and_by_folder(
    tiny_style: Style, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("cezanne", tiny_style.folder, str(tiny_style.folder)):
        assert Stylizer.load(name).style.folder.resolve() == tiny_style.folder
    with pytest.raises(UsageError, match="monet"):
        Stylizer.load("monet")


def test_damaged_weights_are_a_style_error(tiny_style: Style) -> None:
    weights = tiny_style.folder / "generator.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(StyleError, match=r"generator\.safetensors"):
        Stylizer.load(tiny_style)


@pytest.mark.parametrize(
    "array",
    [np.zeros((8, 8), np.uint8), np.zeros((8, 8, 3), np.float32), np.zeros((8, 8, 4), np.uint8)],
)
def test_an_array_that_is_no_picture_is_refused(tiny_style: Style, array: np.ndarray) -> None:
    with pytest.raises(ValueError, match="Received: dtype="):
        Stylizer(raising(AssertionError()), tiny_style).image(array)
