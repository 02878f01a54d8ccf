import errno
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from adaptive_style_tf.errors import PictureError
from adaptive_style_tf.images.encoding import WRITABLE_SUFFIXES, can_write, write_picture

MAGIC = {
    ".jpg": b"\xff\xd8\xff",
    ".jpeg": b"\xff\xd8\xff",
    ".png": b"\x89PNG\r\n\x1a\n",
    ".webp": b"RIFF",
    ".tif": b"II*\0",
    ".tiff": b"II*\0",
    ".bmp": b"BM",
    ".gif": b"GIF8",
    ".jpe": b"\xff\xd8\xff",
    ".jfif": b"\xff\xd8\xff",
}
MEAN_ERROR = {".gif": 3.0}  # 256 colors
EXACT = (".png", ".tif", ".tiff", ".bmp")


def smooth_picture() -> np.ndarray:
    """Red grows to the right, green downwards, blue is 40: channel and axis mix-ups show."""
    rows, columns = np.mgrid[0:32, 0:48]
    return np.dstack([columns * 5, rows * 7, np.full_like(rows, 40)]).astype(np.uint8)


def read_with_opencv(path: Path) -> np.ndarray:
    picture = cv2.imread(str(path))
    assert picture is not None
    return picture[:, :, ::-1]


@pytest.mark.parametrize("suffix", WRITABLE_SUFFIXES)
def test_another_library_reads_back_what_was_written(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a{suffix.upper()}"
    write_picture(path, smooth_picture())
    assert path.read_bytes().startswith(MAGIC[suffix])
    difference = np.abs(read_with_opencv(path).astype(int) - smooth_picture())
    if suffix in EXACT:
        assert difference.max() == 0
    else:
        assert difference.mean() < MEAN_ERROR.get(suffix, 1.5)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_jpeg_has_quality_95_and_full_color_resolution(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.jpg", smooth_picture())
    with Image.open(tmp_path / "a.jpg") as picture:
        # Quality 95 is a tenth of the standard's example table, whose first luminance entry is 16
        # (ITU-T T.81, table K.1).
        assert picture.quantization[0][0] == round(16 / 10)
        assert {(sampling[1], sampling[2]) for sampling in picture.layer} == {(1, 1)}


def test_missing_folders_are_made(tmp_path: Path) -> None:
    write_picture(tmp_path / "a" / "b" / "c.png", smooth_picture())
    assert (tmp_path / "a" / "b" / "c.png").is_file()


def test_nothing_is_overwritten_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"precious")
    with pytest.raises(PictureError, match=r"a\.png exists already.*--overwrite"):
        write_picture(path, smooth_picture())
    assert path.read_bytes() == b"precious"
    write_picture(path, smooth_picture(), overwrite=True)
    assert np.array_equal(read_with_opencv(path), smooth_picture())


def test_a_file_that_appears_meanwhile_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.png"
    save = Image.Image.save

    def save_beside_another(self: Image.Image, *arguments: Any, **options: Any) -> None:
        save(self, *arguments, **options)
        path.write_bytes(b"precious")

    monkeypatch.setattr(Image.Image, "save", save_beside_another)
    with pytest.raises(PictureError, match="exists already"):
        write_picture(path, smooth_picture())
    assert path.read_bytes() == b"precious"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "No space left"), KeyboardInterrupt()])
def test_an_interrupted_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"precious")

    def fail_halfway(self: Image.Image, target: Path, *_: Any, **__: Any) -> None:
        Path(target).write_bytes(b"half")
        raise failure

    monkeypatch.setattr(Image.Image, "save", fail_halfway)
    expected = PictureError if isinstance(failure, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as raised:
        write_picture(path, smooth_picture(), overwrite=True)
    if expected is PictureError:
        assert "a.png cannot be written: No space left" in str(raised.value)
    assert path.read_bytes() == b"precious"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.png"]


@pytest.mark.needs("file modes")
def test_the_file_has_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_picture(tmp_path / "a.png", smooth_picture())
    assert (tmp_path / "a.png").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("name", ["a.heic", "a", "a.jpg.txt"])
def test_an_unknown_suffix_is_refused(tmp_path: Path, name: str) -> None:
    assert not can_write(tmp_path / name)
    with pytest.raises(PictureError, match=r"end in one of \.jpg"):
        write_picture(tmp_path / name, smooth_picture())
    assert not list(tmp_path.iterdir())


def test_a_folder_in_the_way_and_a_file_as_folder_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(PictureError, match=r"a\.png is a folder"):
        write_picture(tmp_path / "a.png", smooth_picture(), overwrite=True)
    (tmp_path / "file").touch()
    with pytest.raises(PictureError, match=r"b\.png cannot be written"):
        write_picture(tmp_path / "file" / "b.png", smooth_picture())


def test_a_side_that_webp_cannot_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"16384 x 1 pixels, but WEBP ends at 16383 a side"):
        write_picture(tmp_path / "a.webp", np.zeros((1, 16384, 3), np.uint8))


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        np.zeros((0, 4, 3), np.uint8),
    ],
)
def test_an_array_that_is_no_picture_is_refused(tmp_path: Path, picture: np.ndarray) -> None:
    with pytest.raises(ValueError, match="Received: dtype="):
        write_picture(tmp_path / "a.png", picture)
