import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from adaptive_style_tf.images.decoding import read_picture, read_picture_size


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(tmp_path, suffix, orientation, quadrants, save):
    # What a camera stores for each orientation (EXIF 2.32: which edge row 0 and column 0 are).
    stored = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }[orientation](quadrants)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / f"p{suffix}", np.ascontiguousarray(stored), exif=exif, quality=98)
    picture = read_picture(path)
    assert picture.shape == quadrants.shape
    assert np.abs(picture.astype(int) - quadrants)[4:12, 4:20].max() < 12
    assert np.abs(picture.astype(int) - quadrants)[20:28, 28:44].max() < 12
    assert read_picture_size(path) == (48, 32)


def profile_with_gamma(gamma):
    """A matrix profile (ICC.1:2001) with sRGB's primaries, D50, and a plain gamma."""

    def xyz(x, y, z):
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in (x, y, z)))

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    text = b"gamma test\0"
    description = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + b"\0" * 79
    description += b"\0" * (-len(description) % 4)
    tags = {
        b"desc": description,
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.4360, 0.2225, 0.0139),
        b"gXYZ": xyz(0.3851, 0.7169, 0.0971),
        b"bXYZ": xyz(0.1431, 0.0606, 0.7141),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, data, at = b"", b"", 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        table += name + struct.pack(">II", at + len(data), len(value))
        data += value
    body = struct.pack(">I", len(tags)) + table + data
    header = struct.pack(">I4sI", 128 + len(body), b"\0\0\0\0", 0x02400000)
    header += b"mntrRGB XYZ " + b"\0" * 12 + b"acsp" + b"\0" * 28
    header += struct.pack(">3i", 63190, 65536, 54061)
    return header.ljust(128, b"\0") + body


def test_icc_profile_is_converted_to_srgb(tmp_path, save):
    linear = np.tile(np.arange(256, dtype=np.uint8), (4, 1))
    path = tmp_path / "p.png"
    save(path, np.stack([linear] * 3, axis=-1), icc_profile=profile_with_gamma(1.0))
    light = linear / 255
    srgb = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(read_picture(path) - 255 * srgb[..., None]).max() <= 2


def test_srgb_profile_changes_nothing(tmp_path, quadrants, save):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = save(tmp_path / "p.png", quadrants, icc_profile=profile)
    assert np.array_equal(read_picture(path), quadrants)


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_unusable_profile_is_left_aside(tmp_path, mode, quadrants, save):
    image = Image.fromarray(quadrants).convert(mode)
    for profile in (b"no profile at all", profile_with_gamma(1.0) if mode == "L" else b"\0" * 200):
        picture = read_picture(save(tmp_path / "p.png", image, icc_profile=profile))
        assert np.array_equal(picture, np.array(image.convert("RGB")))
