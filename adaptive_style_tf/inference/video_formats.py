"""What is a video: known by its content, written by its suffix; and the extra that videos need."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from adaptive_style_tf.errors import MissingExtraError, VideoError

# FFmpeg's name of the format, by lower-case suffix. Formats without time stamps of their own for
# every frame (.avi) are missing: they cannot hold what a source may have.
_CONTAINERS = {
    ".mp4": "mp4",
    ".m4v": "mp4",
    ".mov": "mov",
    ".mkv": "matroska",
    ".webm": "webm",
}
VIDEO_SUFFIXES = tuple(_CONTAINERS)  # that can be written, lower case, with the dot

# First bytes of containers that hold moving pictures, and where they stand.
_SIGNATURES = (
    (0, b"\x1a\x45\xdf\xa3"),  # Matroska and WebM (RFC 8794, EBML header)
    (0, b"FLV\x01"),
    (0, b"\x00\x00\x01\xba"),  # MPEG program stream (ISO/IEC 13818-1, pack_start_code)
    (0, b"\x00\x00\x01\xb3"),  # MPEG-1 and MPEG-2 video (sequence_header_code)
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),  # ASF and WMV (ASF_Header_Object)
    (0, b"OggS"),
    (0, b"DKIF"),  # IVF
    (0, b"YUV4MPEG2 "),
    (0, b"\x06\x0e\x2b\x34\x02\x05\x01\x01"),  # MXF (SMPTE 377, partition pack)
    (0, b"\x00\x00\x00\x01\x67"),  # H.264, Annex B, beginning with its parameters
    (0, b"\x00\x00\x00\x01\x09"),  # the same, beginning with a delimiter
    (0, b"\x00\x00\x00\x01\x40\x01"),  # H.265, Annex B
    (8, b"AVI "),
    # QuickTime files of before 2001 have no `ftyp`.
    (4, b"moov"),
    (4, b"mdat"),
    (4, b"wide"),
)
_STILL_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"mif2", b"avif", b"jxl ", b"crx ")
_TRANSPORT_PACKET = 188  # bytes between the sync bytes 0x47 of MPEG-TS; 192 on Blu-ray discs
_NUMBER_IN_NAME = re.compile(r"%(0(\d+))?d")


def is_video(path: Path) -> bool:
    """Whether this is a video: by its first bytes, or as the pattern of a picture sequence.

    Needs no extra. False too for what is missing, a folder, or cannot be read: whoever reads it
    says why.

    Args:
        path: a file, or a pattern such as `frame_%04d.png`.
    """
    if is_sequence(path):
        return True
    try:
        # A name that is too long is an error here too. Pipes are left alone: their first bytes
        # could not be put back.
        if not path.is_file():
            return False
        with path.open("rb") as file:
            head = file.read(2 * 192 + 5)
    except OSError:
        return False
    if head[4:8] == b"ftyp":  # ISO base media: MP4, QuickTime, 3GP, but HEIF pictures as well
        return head[8:12] not in _STILL_BRANDS
    if any(head[at : at + len(sign)] == sign for at, sign in _SIGNATURES):
        return True
    return any(
        len(head) > first + 2 * size and all(head[first + n * size] == 0x47 for n in range(3))
        for first, size in ((0, _TRANSPORT_PACKET), (4, 192))
    )


def is_sequence(path: Path) -> bool:
    """Whether the name is a pattern such as `frame_%04d.png`, and no file has that very name."""
    # Path.exists fails where a name is too long.
    return len(_NUMBER_IN_NAME.findall(path.name)) == 1 and not os.path.exists(path)  # noqa: PTH110


def sequence_picture(pattern: Path, number: int) -> Path:
    """The picture with this number: `frame_%04d.png` and 7 give `frame_0007.png`."""
    before, width, after = _parts(pattern)
    return pattern.with_name(f"{before}{number:0{width}d}{after}")


def sequence_pictures(pattern: Path) -> dict[int, Path]:
    """The pictures that are there, by their numbers, ascending.

    Raises:
        VideoError: the folder is missing or cannot be read.
    """
    return dict(sorted(_numbered(pattern)))


def container_format(path: Path) -> str:
    """FFmpeg's name of the format that a suffix stands for.

    Raises:
        VideoError: a suffix that is not among VIDEO_SUFFIXES.
    """
    try:
        return _CONTAINERS[path.suffix.lower()]
    except KeyError:
        raise VideoError(
            f"{path} does not say which video format is meant; let its name end in one of "
            f"{', '.join(VIDEO_SUFFIXES)}, or give a pattern such as frame_%04d.png."
        ) from None


def load_pyav() -> ModuleType:
    """PyAV, which is an extra.

    Raises:
        MissingExtraError: `video` is not installed.
    """
    try:
        import av
    except ImportError as error:
        raise MissingExtraError("Video", "video", error) from error
    return av


def _numbered(pattern: Path) -> Iterator[tuple[int, Path]]:
    before, _, after = _parts(pattern)
    try:
        entries = list(pattern.parent.iterdir())
    except OSError as error:
        raise VideoError(
            f"{pattern.parent} cannot be read: {error.strerror}; check that the folder exists."
        ) from error
    for path in entries:
        digits = path.name.removeprefix(before).removesuffix(after)
        if digits.isdecimal() and path.name == sequence_picture(pattern, int(digits)).name:
            yield int(digits), path


def _parts(pattern: Path) -> tuple[str, int, str]:
    """What stands in front of the number, how many digits it has at least, what stands behind."""
    number = _NUMBER_IN_NAME.search(pattern.name)
    assert number is not None  # is_sequence
    return pattern.name[: number.start()], int(number[2] or 1), pattern.name[number.end() :]
