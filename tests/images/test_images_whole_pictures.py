import io
from pathlib import Path

import numpy as np
import pytest
from PIL import ExifTags, Image

from adaptive_style_tf.errors import PictureError
from adaptive_style_tf.images.decoding import read_whole_picture
from adaptive_style_tf.images.encoding import encode_picture, write_whole_picture
from adaptive_style_tf.images.picture import Frame, Picture

FLAT = [(200, 40, 30), (30, 180, 60), (40, 60, 220)]


def noise(height: int = 20, width: int = 30, channels: int = 3) -> np.ndarray:
    return np.random.default_rng(4).integers(0, 256, (height, width, channels), np.uint8)


def half_transparent() -> np.ndarray:
    picture = noise(channels=4)
    picture[:10, :, 3] = 0
    picture[10:, :, 3] = 170
    return picture


def animation(path: Path, **options: object) -> Path:
    frames = [Image.new("RGB", (12, 8), color) for color in FLAT]
    frames[0].save(path, save_all=True, append_images=frames[1:], **options)
    return path


@pytest.mark.parametrize("suffix", [".png", ".tif", ".webp"])
def test_color_below_transparency_and_opacity_are_kept_apart(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    Image.fromarray(half_transparent()).save(path, lossless=True, exact=True)
    picture = read_whole_picture(path)
    (frame,) = picture.frames
    assert np.array_equal(frame.color, half_transparent()[..., :3])
    assert frame.alpha is not None
    assert np.array_equal(frame.alpha, half_transparent()[..., 3])
    assert (picture.height, picture.width) == (20, 30)


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_opacity_comes_through_reading_and_writing(tmp_path: Path, suffix: str) -> None:
    first, second = tmp_path / "a.png", tmp_path / f"b{suffix}"
    Image.fromarray(half_transparent()).save(first)
    write_whole_picture(second, read_whole_picture(first))
    with Image.open(second) as written:
        assert written.mode == "RGBA"
        assert np.array_equal(np.asarray(written), half_transparent())


@pytest.mark.parametrize("suffix", [".jpg", ".bmp"])
def test_without_opacity_in_the_format_it_is_laid_over_white(tmp_path: Path, suffix: str) -> None:
    color, alpha = np.full((16, 16, 3), 40, np.uint8), np.full((16, 16), 51, np.uint8)
    path = tmp_path / f"a{suffix}"
    write_whole_picture(path, Picture((Frame(color, alpha),), "PNG"))
    with Image.open(path) as written:
        assert np.abs(np.asarray(written) - (40 * 0.2 + 255 * 0.8)).max() <= 1


def test_opacity_is_turned_upright_with_the_picture(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # stored turned by 90 degrees against the clock
    path = tmp_path / "a.png"
    Image.fromarray(np.rot90(half_transparent())).save(path, exif=exif)
    (frame,) = read_whole_picture(path).frames
    assert np.array_equal(np.dstack([frame.color, frame.alpha]), half_transparent())


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png"])
def test_animations_keep_frames_times_and_repetitions(tmp_path: Path, suffix: str) -> None:
    times = [50, 70, 120]
    path = animation(tmp_path / f"a{suffix}", duration=times, loop=3, lossless=True)
    picture = read_whole_picture(path)
    assert [tuple(frame.color[4, 5]) for frame in picture.frames] == FLAT
    assert [frame.milliseconds for frame in picture.frames] == times
    assert picture.loop == 3

    target = tmp_path / f"b{suffix}"
    write_whole_picture(target, picture)
    with Image.open(target) as written:
        assert written.n_frames == 3
        assert written.info["loop"] == 3
        for index, (color, time) in enumerate(zip(FLAT, times, strict=True)):
            written.seek(index)
            written.load()
            assert written.info["duration"] == time
            assert np.abs(np.asarray(written.convert("RGB"))[4, 5].astype(int) - color).max() <= 4


def test_frames_of_a_gif_do_not_show_through_each_other(tmp_path: Path) -> None:
    left = np.zeros((8, 8), np.uint8)
    left[:, :4] = 255
    color = np.full((8, 8, 3), 90, np.uint8)
    frames = tuple(Frame(color, alpha, 50.0) for alpha in (left, 255 - left, left))
    write_whole_picture(tmp_path / "a.gif", Picture(frames, "PNG"))
    found = read_whole_picture(tmp_path / "a.gif").frames
    assert all(np.array_equal(a.alpha, b.alpha) for a, b in zip(found, frames, strict=True))


def test_the_stand_in_picture_of_an_apng_is_no_frame(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    frames = [Image.new("RGB", (12, 8), color) for color in FLAT]
    frames[0].save(path, save_all=True, append_images=frames[1:], default_image=True)
    assert [tuple(f.color[0, 0]) for f in read_whole_picture(path).frames] == FLAT[1:]


def test_further_pages_of_a_tiff_are_no_animation(tmp_path: Path) -> None:
    (frame,) = read_whole_picture(animation(tmp_path / "a.tif")).frames
    assert tuple(frame.color[0, 0]) == FLAT[0]


def test_the_limit_counts_the_pixels_of_all_frames(tmp_path: Path) -> None:
    path = animation(tmp_path / "a.gif")
    assert len(read_whole_picture(path, 3 * 12 * 8).frames) == 3
    with pytest.raises(PictureError, match="3 frames of 12 x 8 pixels, more than the limit of 287"):
        read_whole_picture(path, 3 * 12 * 8 - 1)


@pytest.mark.parametrize("suffix", [".jpg", ".bmp", ".tif"])
def test_an_animation_is_not_cut_to_a_still(tmp_path: Path, suffix: str) -> None:
    picture = read_whole_picture(animation(tmp_path / "a.gif"))
    with pytest.raises(PictureError, match=r"3 frames, but \w+ holds one; write \.gif"):
        write_whole_picture(tmp_path / f"b{suffix}", picture)
    assert [path.name for path in tmp_path.iterdir()] == ["a.gif"]


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".tif"])
def test_date_and_author_go_along_and_the_place_does_not(tmp_path: Path, suffix: str) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 3
    exif[ExifTags.Base.Artist] = "Zoë 张".encode()
    exif[ExifTags.Base.Copyright] = "(c) 2020 Z"
    exif[ExifTags.Base.Software] = "Camera 1.0"
    below = exif.get_ifd(ExifTags.IFD.Exif)
    below[ExifTags.Base.DateTimeOriginal] = "2020:02:29 12:34:56"
    below[ExifTags.Base.MakerNote] = b"private"
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    photograph, target = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    Image.fromarray(noise()).save(photograph, exif=exif)
    write_whole_picture(target, read_whole_picture(photograph))
    with Image.open(target) as written:
        found = written.getexif()
        assert found[ExifTags.Base.Artist].encode("latin-1").decode() == "Zoë 张"
        assert found[ExifTags.Base.Copyright] == "(c) 2020 Z"
        date = {ExifTags.Base.DateTimeOriginal: "2020:02:29 12:34:56"}
        assert dict(found.get_ifd(ExifTags.IFD.Exif)) == ({} if suffix == ".tif" else date)
        for tag in (ExifTags.Base.Orientation, ExifTags.Base.Software, ExifTags.IFD.GPSInfo):
            assert tag not in found


def test_a_picture_without_notes_gets_none(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(noise()).save(path)
    assert read_whole_picture(path).exif == b""


def test_a_picture_comes_and_goes_as_bytes() -> None:
    content = io.BytesIO()
    Image.fromarray(noise()).save(content, "PNG")
    picture = read_whole_picture(content.getvalue())
    assert picture.format == "PNG"
    with Image.open(io.BytesIO(encode_picture(picture, "BMP"))) as written:
        assert written.format == "BMP"
        assert np.array_equal(np.asarray(written), noise())
    with pytest.raises(PictureError, match=r"^standard input is empty"):
        read_whole_picture(b"")
    with pytest.raises(PictureError, match=r"^standard input is damaged or truncated"):
        read_whole_picture(content.getvalue()[:200])


def test_a_jpeg_with_further_pictures_behind_it_is_a_jpeg(tmp_path: Path) -> None:
    first, second = Image.fromarray(noise()), Image.fromarray(255 - noise())
    first.save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=[second])
    with Image.open(tmp_path / "a.jpg") as opened:
        assert opened.format == "MPO", "the premise"
    picture = read_whole_picture(tmp_path / "a.jpg")
    assert (picture.format, len(picture.frames)) == ("JPEG", 1)


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png"])
def test_times_that_a_format_cannot_say_become_its_longest(tmp_path: Path, suffix: str) -> None:
    frames = tuple(Frame(np.full((4, 4, 3), v, np.uint8), None, 1e9) for v in (0, 255))
    write_whole_picture(tmp_path / f"a{suffix}", Picture(frames, "GIF", loop=10**6))
    (first, _) = read_whole_picture(tmp_path / f"a{suffix}").frames
    assert first.milliseconds >= 65_000


def test_a_text_as_long_as_a_book_is_left_behind(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = "x" * 60_000
    exif[ExifTags.Base.Artist] = "Z"
    Image.fromarray(noise()).save(tmp_path / "a.png", exif=exif)
    write_whole_picture(tmp_path / "b.jpg", read_whole_picture(tmp_path / "a.png"))
    with Image.open(tmp_path / "b.jpg") as written:
        assert dict(written.getexif()) == {ExifTags.Base.Artist: "Z"}


def test_a_name_as_long_as_the_file_system_allows_is_written(tmp_path: Path) -> None:
    path = tmp_path / ("x" * 251 + ".png")
    write_whole_picture(path, Picture((Frame(noise()),), "PNG"))
    assert path.is_file()


def test_quality_makes_the_file_larger() -> None:
    picture = Picture((Frame(noise(64, 64)),), "JPEG")
    for format_name in ("JPEG", "WEBP"):
        sizes = [len(encode_picture(picture, format_name, quality)) for quality in (30, 95)]
        assert sizes[0] < sizes[1] / 2
