from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.errors import DeviceMemoryError, PictureError
from adaptive_style_tf.images.picture import Frame, Picture
from adaptive_style_tf.inference.looks import Look
from adaptive_style_tf.inference.pictures import stylize_file, stylized_picture


def inverted(photograph: np.ndarray) -> np.ndarray:
    return 255 - photograph


def noise(channels: int = 3) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 256, (12, 18, channels), np.uint8)


def pixels(path: Path, mode: str) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert(mode))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"])
def test_any_mode_of_samples_is_stylized_and_opacity_comes_back(tmp_path: Path, mode: str) -> None:
    picture = Image.fromarray(noise(4))
    if mode == "I;16":
        picture = Image.fromarray(noise()[..., 0].astype(np.uint16) * 257)
    elif mode != "RGBA":
        picture = picture.convert("RGB").convert(mode) if mode != "LA" else picture.convert("LA")
    source, target = tmp_path / "a.tif", tmp_path / "b.png"
    picture.save(source)
    stylize_file(source, target, inverted, Look())
    with Image.open(target) as result:
        assert result.size == (18, 12)
        assert result.mode == ("RGBA" if mode in ("LA", "RGBA") else "RGB")
    if mode in ("LA", "RGBA"):
        assert np.array_equal(pixels(target, "RGBA")[..., 3], noise(4)[..., 3])
    if mode in ("RGB", "RGBA"):
        assert np.array_equal(pixels(target, "RGB"), 255 - noise(4)[..., :3])


def test_opacity_is_scaled_with_the_picture() -> None:
    alpha = np.zeros((12, 18), np.uint8)
    alpha[:, 9:] = 255
    picture = Picture((Frame(noise(), alpha, 40.0),), "PNG", b"notes", 2)
    result = stylized_picture(picture, inverted, Look(image_size=24))
    (frame,) = result.frames
    assert frame.color.shape == (24, 36, 3)
    assert frame.alpha is not None
    assert frame.alpha.shape == (24, 36)
    assert (frame.alpha[:, :14] < 8).all()  # Lanczos' filter rings a little
    assert (frame.alpha[:, 22:] > 247).all()
    assert (frame.milliseconds, result.exif, result.loop) == (40.0, b"notes", 2)


def test_every_frame_is_stylized(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (12, 8), color) for color in ("red", "lime", "blue")]
    source, target = tmp_path / "a.webp", tmp_path / "b.png"
    frames[0].save(source, save_all=True, append_images=frames[1:], duration=70, lossless=True)
    stylize_file(source, target, inverted, Look())
    with Image.open(target) as result:
        assert result.n_frames == 3
        for index, color in enumerate([(0, 255, 255), (255, 0, 255), (255, 255, 0)]):
            result.seek(index)
            assert result.info["duration"] == 70
            assert result.convert("RGB").getpixel((3, 3)) == color


def test_a_line_that_would_become_huge_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "line.png"
    Image.new("RGB", (3000, 1)).save(source)
    with pytest.raises(PictureError, match=r"line\.png has 3000 x 1 .* enlarged to 384000 x 128,"):
        stylize_file(source, tmp_path / "b.png", inverted, Look(image_size=128), max_pixels=10**6)
    assert [path.name for path in tmp_path.iterdir()] == ["line.png"]


def test_memory_that_runs_out_around_the_network_is_said() -> None:
    def greedy(photograph: np.ndarray) -> np.ndarray:
        raise MemoryError

    with pytest.raises(DeviceMemoryError, match=r"18 x 12 pixels .*--image-size"):
        stylized_picture(Picture((Frame(noise()),), "PNG"), greedy, Look())
