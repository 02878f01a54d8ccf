"""Picture files that are decoded in the graph, against Pillow."""

import struct

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image, ImageCms

from adaptive_style_tf.serving.encoded import decoded, is_jpeg, is_png, require_pictures

LIMIT = 10_000  # px


@pytest.fixture(scope="module")
def in_graph():
    """Decodes the content of a file of at most so many pixels, in a graph that is traced once."""
    graph = tf.function(decoded)
    return lambda content, limit=LIMIT: graph(tf.constant(content), limit).numpy()


@pytest.mark.parametrize(
    "options",
    [
        {"subsampling": "4:4:4"},
        {"subsampling": "4:2:0"},
        {"progressive": True},
        {"quality": 20},
    ],
    ids=str,
)
def test_a_jpeg_is_decoded_as_elsewhere(in_graph, as_file, photograph, pixels, options):
    content = as_file(photograph(31, 45), "JPEG", **options)
    np.testing.assert_array_equal(in_graph(content), pixels(content))


@pytest.mark.parametrize("mode", ["L", "P", "1", "RGB"])
def test_a_png_of_any_mode_is_decoded_as_elsewhere(in_graph, as_file, photograph, pixels, mode):
    content = as_file(Image.fromarray(photograph(31, 45)).convert(mode), "PNG")
    np.testing.assert_array_equal(in_graph(content), pixels(content))


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_a_jpeg_without_three_colors_is_decoded_as_elsewhere(
    in_graph, as_file, photograph, pixels, mode
):
    content = as_file(Image.fromarray(photograph(31, 45)).convert(mode), "JPEG")
    # CMYK is turned into RGB by each program's own rounding.
    assert np.abs(in_graph(content) - pixels(content)).max() <= (1 if mode == "CMYK" else 0)


def test_opacity_is_dropped(in_graph, as_file, photograph):
    picture = photograph(20, 30)
    opacity = np.arange(600, dtype=np.uint8).reshape(20, 30, 1)
    content = as_file(Image.fromarray(np.concatenate([picture, opacity], -1)), "PNG")
    np.testing.assert_array_equal(in_graph(content), picture)


@pytest.mark.parametrize("format_name", ["JPEG", "PNG"])
def test_color_profiles_are_not_read(in_graph, as_file, photograph, format_name):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # The red primary is given the place of the green one and the other way round.
    profile = profile.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")
    picture = photograph(20, 30)
    content = as_file(picture, format_name, icc_profile=profile)
    assert b"ICC_PROFILE" in content or b"iCCP" in content
    np.testing.assert_array_equal(in_graph(content), in_graph(as_file(picture, format_name)))


def test_sixteen_bits_become_eight(as_file, in_graph):
    values = np.linspace(0, 65535, 600).reshape(20, 30).astype(np.uint16)
    content = as_file(Image.fromarray(values), "PNG")
    np.testing.assert_array_equal(in_graph(content)[..., 0], values >> 8)


def test_orientation_is_not_applied(in_graph, as_file, photograph, pixels):
    picture = Image.fromarray(photograph(20, 30))
    turned = Image.Exif()
    turned[0x0112] = 6  # by a quarter
    content = as_file(picture, "JPEG", exif=turned)
    assert in_graph(content).shape == (20, 30, 3)


@pytest.mark.parametrize(("width", "height", "extended"), [(100, 90, 112 * 96), (1, 200, 64 * 208)])
def test_a_picture_of_just_as_many_pixels_is_taken(in_graph, as_file, width, height, extended):
    """Counted as the network sees it, which one line of pixels makes work of as well."""
    content = as_file(Image.new("RGB", (width, height)), "PNG")
    assert in_graph(content, extended).shape == (height, width, 3)
    with pytest.raises(tf.errors.InvalidArgumentError, match="A picture has 1 to"):
        in_graph(content, extended - 1)


@pytest.mark.parametrize("format_name", ["JPEG", "PNG"])
def test_a_picture_of_more_pixels_is_refused_before_it_is_decoded(
    in_graph, as_file, photograph, format_name
):
    content = as_file(photograph(101, 100), format_name)
    pixels_at = {"JPEG": content.find(b"\xff\xda") + 14, "PNG": 24}[format_name]
    for file in (content, content[:pixels_at]):
        with pytest.raises(tf.errors.InvalidArgumentError, match=r"\[101\] \[100\]"):
            in_graph(file)


@pytest.mark.parametrize("sides", [(0, 5), (5, 0), (2**31, 2**31), (2**32 - 1, 2**32 - 1)])
def test_impossible_sides_of_a_png_are_refused(in_graph, as_file, sides):
    content = bytearray(as_file(Image.new("RGB", (5, 5)), "PNG"))
    content[16:24] = struct.pack(">II", *sides)
    with pytest.raises(tf.errors.InvalidArgumentError, match="A picture has 1 to"):
        in_graph(bytes(content))


@pytest.mark.parametrize("format_name", ["JPEG", "PNG"])
def test_a_truncated_picture_is_refused(in_graph, as_file, photograph, format_name):
    content = as_file(photograph(31, 45), format_name)
    for length in range(24, len(content) - 1, 7):
        with pytest.raises(tf.errors.InvalidArgumentError):
            in_graph(content[:length])


@pytest.mark.parametrize("place", [20, 45, 100, -20])
def test_a_png_with_a_wrong_byte_is_refused(in_graph, as_file, photograph, place):
    content = bytearray(as_file(photograph(31, 45), "PNG"))
    content[place] ^= 0x55
    with pytest.raises(tf.errors.InvalidArgumentError):
        in_graph(bytes(content))


def test_kinds_are_told_by_how_files_begin(as_file, photograph):
    picture = Image.fromarray(photograph(5, 5))
    kinds = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF")
    files = tf.constant([*(as_file(picture, kind) for kind in kinds), b"", b"\x89PNG\r\n\x1a\n"])
    assert is_jpeg(files).numpy().tolist() == [True] + 7 * [False]
    # The last one is too short to name its size.
    assert is_png(files).numpy().tolist() == [False, True] + 6 * [False]


def test_the_first_that_is_no_picture_is_named(as_file, photograph):
    good = as_file(photograph(5, 5), "PNG")
    require_pictures(tf.constant([good, good]))
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"Neither JPEG nor PNG.*\n?.*1"):
        require_pictures(tf.constant([good, b"GIF89a", b"BM"]))
