"""Which notes of a photograph its result takes along: when, by whom, of what.

Dates keep results in order beside their photographs, names and copyright belong to their authors.
Left behind are the place (GPS), which nobody should publish unknowingly; the orientation, which has
been applied; sizes, thumbnails and a camera maker's private notes, which would be wrong.
"""

from typing import TypeGuard

from PIL import ExifTags, Image, TiffImagePlugin

_Tag = ExifTags.Base

_KEPT = (
    _Tag.ImageDescription,
    _Tag.Make,
    _Tag.Model,
    _Tag.DateTime,
    _Tag.Artist,
    _Tag.Copyright,
)
_KEPT_BELOW = (  # in the Exif sub-directory
    _Tag.DateTimeOriginal,
    _Tag.DateTimeDigitized,
    _Tag.OffsetTime,
    _Tag.OffsetTimeOriginal,
    _Tag.OffsetTimeDigitized,
    _Tag.SubsecTime,
    _Tag.SubsecTimeOriginal,
    _Tag.SubsecTimeDigitized,
)


_LONGEST_TEXT = 4000  # letters; a JPEG's whole block ends at 64 KiB


def kept_exif(exif: Image.Exif) -> bytes:
    """The EXIF block of a result; empty where nothing is kept.

    Args:
        exif: of the photograph, as Pillow parsed it.
    """
    kept = Image.Exif()
    for tag in _KEPT:
        if _is_kept(text := exif.get(tag)):
            kept[tag] = _stored(text)
    below = exif.get_ifd(ExifTags.IFD.Exif)
    dates = {tag: text for tag in _KEPT_BELOW if _is_kept(text := below.get(tag))}
    if dates:
        kept[ExifTags.IFD.Exif] = kept.get_ifd(ExifTags.IFD.Exif)
    for tag, text in dates.items():
        kept.get_ifd(ExifTags.IFD.Exif)[tag] = text
    return kept.tobytes() if len(kept) else b""


def tiff_tags(exif: bytes) -> TiffImagePlugin.ImageFileDirectory_v2:
    """The block as tags of a TIFF, without its Exif sub-directory.

    Pillow cannot put that into a compressed TIFF, and of an `exif` argument it leaves only ASCII.
    """
    kept = Image.Exif()
    kept.load(exif)
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    for tag in _KEPT:
        if tag in kept:
            tags[tag] = _stored(kept[tag]) + b"\0"
    return tags


def _is_kept(text: object) -> TypeGuard[str]:
    return isinstance(text, str) and len(text) <= _LONGEST_TEXT


def _stored(text: str) -> bytes:
    """The bytes that were in the file, often UTF-8; Pillow read each as a Latin-1 letter."""
    return text.encode("latin-1", "replace")
