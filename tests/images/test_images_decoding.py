import io
import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image, ImageCms

from adaptive_style_tf.errors import PictureError
from adaptive_style_tf.images.decoding import read_picture, read_picture_size

# Four flat quadrants of different colors: survives JPEG and shows every orientation.
QUADRANTS = np.zeros((32, 48, 3), np.uint8)
QUADRANTS[:16, :24] = (200, 40, 30)
QUADRANTS[:16, 24:] = (30, 180, 60)
QUADRANTS[16:, :24] = (40, 60, 220)
QUADRANTS[16:, 24:] = (240, 230, 120)


def gradient(height=9, width=64):
    """A ramp over the whole 16-bit range."""
    return np.tile(np.linspace(0, 65535, width).round().astype(np.uint16), (height, 1))


def save(path, picture, **options):
    image = picture if isinstance(picture, Image.Image) else Image.fromarray(picture)
    image.save(path, **options)
    return path


def png_chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_bytes(width, height, depth, color_type, samples, extra=b""):
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    rows = b"".join(b"\0" + row for row in samples)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + extra
        + png_chunk(b"IDAT", zlib.compress(rows))
        + png_chunk(b"IEND", b"")
    )


def tiff_bytes(samples, photometric, bits=16, sample_format=1):
    """A plain little-endian TIFF of one strip, written by hand from the TIFF 6.0 specification."""
    height, width = samples.shape[:2]
    channels = samples.shape[2] if samples.ndim == 3 else 1
    pixels = samples.tobytes()
    entries = [
        (256, 3, 1, width),
        (257, 3, 1, height),
        (258, 3, channels, bits),
        (259, 3, 1, 1),
        (262, 3, 1, photometric),
        (273, 4, 1, 8),
        (277, 3, 1, channels),
        (278, 3, 1, height),
        (279, 4, 1, len(pixels)),
        (339, 3, 1, sample_format),
    ]
    directory_at = 8 + len(pixels)
    bits_at = directory_at + 2 + 12 * len(entries) + 4
    if channels > 1:
        entries[2] = (258, 3, channels, bits_at)
    out = struct.pack("<2sHI", b"II", 42, directory_at) + pixels + struct.pack("<H", len(entries))
    for tag, kind, count, value in entries:
        short = kind == 3 and count == 1
        out += struct.pack("<HHI", tag, kind, count)
        out += struct.pack("<HH", value, 0) if short else struct.pack("<I", value)
    return out + struct.pack("<I", 0) + struct.pack("<H", bits) * channels


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
def test_formats_give_the_same_rgb(tmp_path, suffix, options, tolerance):
    path = save(tmp_path / f"p{suffix}", QUADRANTS, **options)
    picture = read_picture(path)
    assert picture.dtype == np.uint8
    assert picture.shape == (32, 48, 3)
    assert picture.flags.writeable
    assert np.abs(picture.astype(int) - QUADRANTS).max() <= tolerance
    assert read_picture_size(path) == (48, 32)


def test_the_format_is_told_by_the_content(tmp_path):
    path = tmp_path / "really_a_png.jpg"
    save(path, QUADRANTS, format="PNG")
    assert np.array_equal(read_picture(path), QUADRANTS)


@pytest.mark.parametrize("mode", ["1", "L"])
def test_grey_has_three_equal_channels(tmp_path, mode):
    grey = np.zeros((8, 8), np.uint8)
    grey[:, 4:] = 255
    picture = read_picture(save(tmp_path / "p.png", Image.fromarray(grey).convert(mode)))
    assert np.array_equal(picture, np.repeat(grey[..., None], 3, axis=2))


def test_palette(tmp_path):
    path = save(tmp_path / "p.png", Image.fromarray(QUADRANTS).quantize(4))
    assert np.abs(read_picture(path).astype(int) - QUADRANTS).max() <= 1


@pytest.mark.parametrize("alpha", [0, 51, 255])
@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_laid_over_white(tmp_path, mode, alpha):
    value = 90
    color = (value,) * (len(mode) - 1) + (alpha,)
    path = save(tmp_path / "p.png", Image.new(mode, (4, 4), color))
    expected = value * alpha / 255 + 255 * (1 - alpha / 255)
    assert np.abs(read_picture(path) - expected).max() <= 1


@pytest.mark.parametrize("transparency", [1, b"\xff\x00"])
def test_transparent_palette_entry_becomes_white(tmp_path, transparency):
    image = Image.new("P", (4, 2), 0)
    image.putpalette([10, 20, 30, 200, 0, 0])
    image.putpixel((3, 1), 1)
    picture = read_picture(save(tmp_path / "p.png", image, transparency=transparency))
    assert tuple(picture[0, 0]) == (10, 20, 30)
    assert tuple(picture[1, 3]) == (255, 255, 255)


def test_16_bit_grey_png_uses_the_whole_range(tmp_path):
    ramp = gradient()
    picture = read_picture(save(tmp_path / "p.png", ramp))
    assert np.abs(picture[..., 0] - ramp / 257).max() <= 0.5
    assert picture.min() == 0
    assert picture.max() == 255


def test_16_bit_rgb_png_uses_the_whole_range(tmp_path):
    ramp = gradient()
    samples = np.stack([ramp, ramp[:, ::-1], ramp // 2], axis=-1)
    rows = [row.astype(">u2").tobytes() for row in samples]
    path = tmp_path / "p.png"
    path.write_bytes(png_bytes(64, 9, 16, 2, rows))
    assert np.abs(read_picture(path) - samples / 257).max() <= 1


def test_16_bit_transparent_colors(tmp_path):
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


def test_16_bit_rgb_tiff(tmp_path):
    ramp = gradient()
    samples = np.stack([ramp, ramp[:, ::-1], ramp // 3], axis=-1)
    path = tmp_path / "p.tif"
    path.write_bytes(tiff_bytes(samples, photometric=2))
    assert np.abs(read_picture(path) - samples / 257).max() <= 1


def test_16_bit_grey_tiff_black_and_white_zero(tmp_path):
    ramp = gradient()
    path = tmp_path / "p.tif"
    path.write_bytes(tiff_bytes(ramp, photometric=1))
    assert np.abs(read_picture(path)[..., 0] - ramp / 257).max() <= 0.5
    path.write_bytes(tiff_bytes(ramp, photometric=0))
    assert np.abs(read_picture(path)[..., 0] - (255 - ramp / 257)).max() <= 0.5


def test_float_samples_are_refused_by_name(tmp_path):
    path = tmp_path / "depth.tif"
    path.write_bytes(tiff_bytes(np.ones((4, 4), np.float32), 1, bits=32, sample_format=3))
    with pytest.raises(PictureError, match=r"depth\.tif has F samples.*8 or 16 bits"):
        read_picture(path)


def test_cmyk_jpeg_and_tiff(tmp_path):
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


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(tmp_path, suffix, orientation):
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
    }[orientation](QUADRANTS)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / f"p{suffix}", np.ascontiguousarray(stored), exif=exif, quality=98)
    picture = read_picture(path)
    assert picture.shape == QUADRANTS.shape
    assert np.abs(picture.astype(int) - QUADRANTS)[4:12, 4:20].max() < 12
    assert np.abs(picture.astype(int) - QUADRANTS)[20:28, 28:44].max() < 12
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


def test_icc_profile_is_converted_to_srgb(tmp_path):
    linear = np.tile(np.arange(256, dtype=np.uint8), (4, 1))
    path = tmp_path / "p.png"
    save(path, np.stack([linear] * 3, axis=-1), icc_profile=profile_with_gamma(1.0))
    light = linear / 255
    srgb = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    assert np.abs(read_picture(path) - 255 * srgb[..., None]).max() <= 2


def test_srgb_profile_changes_nothing(tmp_path):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    path = save(tmp_path / "p.png", QUADRANTS, icc_profile=profile)
    assert np.array_equal(read_picture(path), QUADRANTS)


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_unusable_profile_is_left_aside(tmp_path, mode):
    image = Image.fromarray(QUADRANTS).convert(mode)
    for profile in (b"no profile at all", profile_with_gamma(1.0) if mode == "L" else b"\0" * 200):
        picture = read_picture(save(tmp_path / "p.png", image, icc_profile=profile))
        assert np.array_equal(picture, np.array(image.convert("RGB")))


def test_first_frame_of_an_animation(tmp_path):
    frames = [Image.new("RGB", (6, 4), color) for color in ("red", "blue")]
    path = tmp_path / "p.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    assert (read_picture(path) == (255, 0, 0)).all()


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
def test_truncated_files(tmp_path, suffix):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    path = save(tmp_path / f"cut{suffix}", noise)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "damaged or truncated" in message_of(path)


def test_large_pictures_are_refused_from_the_header(tmp_path):
    bomb = tmp_path / "bomb.png"
    bomb.write_bytes(png_bytes(60_000, 60_000, 8, 2, []))
    assert "60000 x 60000 pixels" in message_of(bomb)
    with pytest.raises(PictureError, match="limit of 400,000,000"):
        read_picture_size(bomb)
    small = save(tmp_path / "small.png", QUADRANTS)
    assert "limit of 1,535" in message_of(small, max_pixels=32 * 48 - 1)
    assert read_picture(small, max_pixels=32 * 48).shape == (32, 48, 3)


def test_pillows_own_limit_neither_warns_nor_refuses(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)  # Image.open would raise from 20 pixels on
    assert read_picture(save(tmp_path / "p.png", QUADRANTS)).shape == (32, 48, 3)


def test_sloppy_metadata_neither_warns_nor_refuses(tmp_path):
    ramp = gradient().astype(np.uint8)
    path = tmp_path / "p.tif"
    # ResolutionUnit (one short) declared with two: Pillow warns of it
    path.write_bytes(
        tiff_bytes(ramp, 1, bits=8).replace(
            struct.pack("<HHI", 277, 3, 1), struct.pack("<HHI", 277, 3, 2)
        )
    )
    broken_exif = save(tmp_path / "p.jpg", QUADRANTS, exif=b"Exif\0\0II*\0\x08\0\0\0\xff\xff\1")
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


def test_many_threads(tmp_path):
    paths = [save(tmp_path / f"{index}.png", QUADRANTS + index) for index in range(32)]
    with ThreadPoolExecutor(8) as threads:
        for index, picture in enumerate(threads.map(read_picture, paths)):
            assert np.array_equal(picture, QUADRANTS + index)
