from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.images.decoding import read_picture, read_picture_size


@pytest.mark.parametrize(
    ("suffix", "options", "tolerance"),
    [
        (".jpg", {"quality": 98, "subsampling": 0}, 3),
        (".png", {}, 0),
        (".webp", {"lossless": True}, 0),
        (".tif", {"compression": "tiff_lzw"}, 0),
        (".bmp", {}, 0),
        (".gif", {}, 0),
    ],
)
def test_formats_give_the_same_rgb(tmp_path, suffix, options, tolerance, quadrants, save):
    path = save(tmp_path / f"p{suffix}", quadrants, **options)
    picture = read_picture(path)
    assert picture.dtype == np.uint8
    assert picture.shape == (32, 48, 3)
    assert picture.flags.writeable
    assert np.abs(picture.astype(int) - quadrants).max() <= tolerance
    assert read_picture_size(path) == (48, 32)


def test_the_format_is_told_by_the_content(tmp_path, quadrants, save):
    path = tmp_path / "really_a_png.jpg"
    save(path, quadrants, format="PNG")
    assert np.array_equal(read_picture(path), quadrants)


@pytest.mark.parametrize("mode", ["1", "L"])
def test_grey_has_three_equal_channels(tmp_path, mode, save):
    grey = np.zeros((8, 8), np.uint8)
    grey[:, 4:] = 255
    picture = read_picture(save(tmp_path / "p.png", Image.fromarray(grey).convert(mode)))
    assert np.array_equal(picture, np.repeat(grey[..., None], 3, axis=2))


def test_palette(tmp_path, quadrants, save):
    path = save(tmp_path / "p.png", Image.fromarray(quadrants).quantize(4))
    assert np.abs(read_picture(path).astype(int) - quadrants).max() <= 1


@pytest.mark.parametrize("alpha", [0, 51, 255])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_laid_over_white(tmp_path, mode, alpha, save):
    value = 90
    color = (value,) * (len(mode) - 1) + (alpha,)
    path = save(tmp_path / "p.png", Image.new(mode, (4, 4), color))
    expected = value * alpha / 255 + 255 * (1 - alpha / 255)
    assert np.abs(read_picture(path) - expected).max() <= 1


@pytest.mark.parametrize("transparency", [1, b"\xff\x00"])
def test_transparent_palette_entry_becomes_white(tmp_path, transparency, save):
    image = Image.new("P", (4, 2), 0)
    image.putpalette([10, 20, 30, 200, 0, 0])
    image.putpixel((3, 1), 1)
    picture = read_picture(save(tmp_path / "p.png", image, transparency=transparency))
    assert tuple(picture[0, 0]) == (10, 20, 30)
    assert tuple(picture[1, 3]) == (255, 255, 255)


def test_cmyk_jpeg_and_tiff(tmp_path, save):
    # Cyan, magenta, yellow, black and paper; Pillow writes JPEG in Adobe's inverted form.
    inks = [(255, 0, 0, 0), (0, 255, 0, 0), (0, 0, 255, 0), (0, 0, 0, 255), (0, 0, 0, 0)]
    image = Image.new("CMYK", (80, 16))
    for index, ink in enumerate(inks):
        image.paste(ink, (16 * index, 0, 16 * index + 16, 16))
    expected = [(0, 255, 255), (255, 0, 255), (255, 255, 0), (0, 0, 0), (255, 255, 255)]
    for name, options in (("p.jpg", {"quality": 98}), ("p.tif", {})):
        picture = read_picture(save(tmp_path / name, image, **options))
        middles = picture[8, 8::16].astype(int)
        assert np.abs(middles - expected).max() <= 8, name


def test_first_frame_of_an_animation(tmp_path):
    frames = [Image.new("RGB", (6, 4), color) for color in ("red", "blue")]
    path = tmp_path / "p.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert (read_picture(path) == (255, 0, 0)).all()


def test_many_threads(tmp_path, quadrants, save):
    paths = [save(tmp_path / f"{index}.png", quadrants + index) for index in range(32)]
    with ThreadPoolExecutor(8) as threads:
        for index, picture in enumerate(threads.map(read_picture, paths)):
            assert np.array_equal(picture, quadrants + index)
