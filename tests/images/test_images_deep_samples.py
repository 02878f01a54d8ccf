import struct

import numpy as np
import pytest

from adaptive_style_tf.errors import PictureError
from adaptive_style_tf.images.decoding import read_picture


def gradient(height=9, width=64):
    """A ramp over the whole 16-bit range."""
    return np.tile(np.linspace(0, 65535, width).round().astype(np.uint16), (height, 1))


def test_16_bit_grey_png_uses_the_whole_range(tmp_path, save):
    ramp = gradient()
    picture = read_picture(save(tmp_path / "p.png", ramp))
    assert np.abs(picture[..., 0] - ramp / 257).max() <= 0.5
    assert picture.min() == 0
    assert picture.max() == 255


def test_16_bit_rgb_png_uses_the_whole_range(tmp_path, png_bytes):
    ramp = gradient()
    samples = np.stack([ramp, ramp[:, ::-1], ramp // 2], axis=-1)
    rows = [row.astype(">u2").tobytes() for row in samples]
    path = tmp_path / "p.png"
    path.write_bytes(png_bytes(64, 9, 16, 2, rows))
    assert np.abs(read_picture(path) - samples / 257).max() <= 1


def test_16_bit_transparent_colors(tmp_path, png_bytes, png_chunk):
    rgb, grey = tmp_path / "rgb.png", tmp_path / "grey.png"
    color = (0x1234, 0x8000, 0xFFFF)
    rgb_row = struct.pack(">6H", *color, 0, 0, 0)
    rgb.write_bytes(
        png_bytes(2, 1, 16, 2, [rgb_row], png_chunk(b"tRNS", struct.pack(">3H", *color)))
    )
    grey.write_bytes(
        png_bytes(
            2, 1, 16, 0, [struct.pack(">2H", 300, 301)], png_chunk(b"tRNS", struct.pack(">H", 300))
        )
    )
    assert read_picture(rgb).tolist() == [[[255] * 3, [0] * 3]]
    assert read_picture(grey).tolist() == [[[255] * 3, [1] * 3]]


def test_16_bit_rgb_tiff(tmp_path, tiff_bytes):
    ramp = gradient()
    samples = np.stack([ramp, ramp[:, ::-1], ramp // 3], axis=-1)
    path = tmp_path / "p.tif"
    path.write_bytes(tiff_bytes(samples, photometric=2))
    assert np.abs(read_picture(path) - samples / 257).max() <= 1


def test_16_bit_grey_tiff_black_and_white_zero(tmp_path, tiff_bytes):
    ramp = gradient()
    path = tmp_path / "p.tif"
    path.write_bytes(tiff_bytes(ramp, photometric=1))
    assert np.abs(read_picture(path)[..., 0] - ramp / 257).max() <= 0.5
    path.write_bytes(tiff_bytes(ramp, photometric=0))
    assert np.abs(read_picture(path)[..., 0] - (255 - ramp / 257)).max() <= 0.5


def test_float_samples_are_refused_by_name(tmp_path, tiff_bytes):
    path = tmp_path / "depth.tif"
    path.write_bytes(tiff_bytes(np.ones((4, 4), np.float32), 1, bits=32, sample_format=3))
    with pytest.raises(PictureError, match=r"depth\.tif has F samples.*8 or 16 bits"):
        read_picture(path)
