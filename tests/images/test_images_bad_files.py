import io
import struct
import warnings

import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.errors import PictureError
from adaptive_style_tf.images.decoding import read_picture, read_picture_size


def message_of(path, **options):
    with pytest.raises(PictureError) as caught:
        read_picture(path, **options)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


def test_empty_text_and_missing_files(tmp_path):
    empty, text = tmp_path / "empty.jpg", tmp_path / "text.jpg"
    empty.touch()
    text.write_text("This is no picture.")
    assert "0 bytes" in message_of(empty)
    assert "no JPEG, PNG" in message_of(text)
    assert "No such file" in message_of(tmp_path / "missing.jpg")
    assert "directory" in message_of(tmp_path)


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif", ".bmp", ".gif"])
def test_truncated_files(tmp_path, suffix, save):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    path = save(tmp_path / f"cut{suffix}", noise)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "damaged or truncated" in message_of(path)


def test_large_pictures_are_refused_from_the_header(tmp_path, quadrants, save, png_bytes):
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(png_bytes(60_000, 60_000, 8, 2, []))
    assert "60000 x 60000 pixels" in message_of(bomb)
    with pytest.raises(PictureError, match="limit of 400,000,000"):
        read_picture_size(bomb)
    small = save(tmp_path / "small.png", quadrants)
    assert "limit of 1,535" in message_of(small, max_pixels=32 * 48 - 1)
    assert read_picture(small, max_pixels=32 * 48).shape == (32, 48, 3)


def test_pillows_own_limit_neither_warns_nor_refuses(tmp_path, monkeypatch, quadrants, save):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)  # Image.open would raise from 20 pixels on
    assert read_picture(save(tmp_path / "p.png", quadrants)).shape == (32, 48, 3)


def test_sloppy_metadata_neither_warns_nor_refuses(tmp_path, quadrants, save, tiff_bytes):
    samples = np.zeros((9, 64), np.uint8)
    path = tmp_path / "p.tif"
    # ResolutionUnit (one short) declared with two: Pillow warns of it
    path.write_bytes(
        tiff_bytes(samples, 1, bits=8).replace(
            struct.pack("<HHI", 277, 3, 1), struct.pack("<HHI", 277, 3, 2)
        )
    )
    broken_exif = save(tmp_path / "p.jpg", quadrants, exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\1")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        Image.open(broken_exif).getexif()
        assert seen, "the premise: Pillow warns of this file"
        seen.clear()
        assert read_picture(broken_exif).shape == (32, 48, 3)
        assert read_picture(path).shape == (9, 64, 3)
        assert not seen


def test_arbitrary_damage_is_a_picture_error_or_a_picture(tmp_path):
    random = np.random.default_rng(5)
    noise = random.integers(0, 256, (24, 24, 3), np.uint8)
    path = tmp_path / "damaged"
    for name in ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"):
        buffer = io.BytesIO()
        Image.fromarray(noise).save(buffer, format=name)
        whole = np.frombuffer(buffer.getvalue(), np.uint8)
        for _ in range(150):
            damaged = whole.copy()
            places = random.integers(0, min(len(whole), 300), 4)
            damaged[places] = random.integers(0, 256, 4)
            path.write_bytes(damaged.tobytes())
            try:
                picture = read_picture(path, max_pixels=1_000_000)
            except PictureError:
                continue
            assert picture.shape[2] == 3
