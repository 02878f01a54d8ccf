"""Which notes of a photograph its result takes along: when, by whom, of what.

Dates keep results in order beside their photographs, names and copyright belong to their authors.
Left behind are the place (GPS), which nobody should publish unknowingly; the orientation, which has
been applied; sizes, thumbnails and a camera maker's private notes, which would be wrong.
"""

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


def kept_exif(exif: Image.Exif) -> bytes:
    """The EXIF block of a result; empty where nothing is kept.

    Args:
        exif: of the photograph, as Pillow parsed it.
    """
    kept = Image.Exif()
    for tag in _KEPT:
        if isinstance(text := exif.get(tag), str):
            kept[tag] = _stored(text)
    below = exif.get_ifd(ExifTags.IFD.Exif)
    for tag in _KEPT_BELOW:
        if isinstance(text := below.get(tag), str):
            kept.get_ifd(ExifTags.IFD.Exif)[tag] = text  # digits and signs
    if kept.get_ifd(ExifTags.IFD.Exif):
        kept[ExifTags.IFD.Exif] = kept.get_ifd(ExifTags.IFD.Exif)
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


def _stored(text: str) -> bytes:
    """The bytes that were in the file, often UTF-8; Pillow read each as a Latin-1 letter."""
    return text.encode("latin-1", "replace")
