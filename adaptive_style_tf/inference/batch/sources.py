"""What the inputs of a command mean: files, folders and patterns become files to stylize."""

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from adaptive_style_tf.errors import DataError
from adaptive_style_tf.images.encoding import WRITABLE_SUFFIXES
from adaptive_style_tf.images.folders import visible_files
from adaptive_style_tf.images.opening import picture_format
from adaptive_style_tf.inference.video_formats import VIDEO_SUFFIXES, is_sequence, is_video

# A file with one of these is meant as a picture or video; if it is none, that is worth a word.
_MEANT_SUFFIXES = frozenset((*WRITABLE_SUFFIXES, *VIDEO_SUFFIXES, ".avi", ".mpg", ".wmv"))


@dataclass(frozen=True)
class Source:
    """One file to stylize.

    Attributes:
        path: the file, or the pattern of a picture sequence such as `frame_%04d.png`.
        below: where it lies below the folder or pattern that named it; outputs mirror that.
        format: what its content is: a format such as `JPEG`, or `VIDEO`; None if it is neither,
            which whoever reads it will explain.
        named: whether it was given by its own name.
    """

    path: Path
    below: Path
    format: str | None
    named: bool = False


VIDEO = "VIDEO"


def find_sources(
    inputs: Sequence[Path], recursive: bool = False, leave_out: Path | None = None
) -> list[Source]:
    """Finds the files that are meant; one that is named twice is taken once.

    Args:
        inputs: files, folders, patterns such as `photos/**/*.jpg`, picture sequences. A file that
            has the very name of a pattern is that file.
        recursive: whether the folders inside folders are searched too.
        leave_out: a folder whose files are results; not searched unless it is an input itself.

    Raises:
        DataError: a file is missing; a folder or pattern has no picture or video, or cannot be
            listed.
    """
    found: dict[str, Source] = {}
    for path in inputs:
        for source in _sources(path, recursive, leave_out):
            found.setdefault(os.path.realpath(source.path), source)
    return list(found.values())


def _sources(path: Path, recursive: bool, leave_out: Path | None) -> Iterator[Source]:
    if not _is_there(path):
        yield from _meant_by_pattern(path)
    elif path.is_dir():
        yield from _in_folder(path, recursive, leave_out)
    elif path.is_file():
        yield Source(path, Path(path.name), content_of(path), named=True)
    else:
        raise DataError(f"{path} is neither a file nor a folder; pipe it into the input -.")


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that no file can have, such as one that is too long
        return False


def _meant_by_pattern(path: Path) -> Iterator[Source]:
    if is_sequence(path):
        yield Source(path, Path(path.name), VIDEO, named=True)
    elif glob.has_magic(str(path)):
        yield from _matches(path)
    else:
        raise DataError(f"{path} does not exist; check the path.")


def content_of(path: Path) -> str | None:
    """The format that the content shows, `VIDEO`, or None for anything else."""
    if is_video(path):
        return VIDEO
    try:
        return picture_format(path)
    except OSError:  # said when it is read, beside the other files' results
        return None


def _in_folder(folder: Path, recursive: bool, leave_out: Path | None) -> Iterator[Source]:
    # Where results lie beside inputs, they are known by their names only.
    beside = leave_out is not None and _is_there(leave_out) and leave_out.samefile(folder)
    files = visible_files(folder, recursive=recursive, leave_out=None if beside else leave_out)
    inputs = (path for path in files if not (beside and "_stylized" in path.stem))
    paths = [path for path in inputs if _is_meant(path)]
    if not paths:
        deeper = "" if recursive else "; to search the folders inside it as well, pass --recursive"
        raise DataError(f"{folder} has no picture or video{deeper}.")
    for path in paths:
        yield Source(path, path.relative_to(folder), content_of(path))


def _matches(pattern: Path) -> Iterator[Source]:
    matches = sorted(glob.glob(str(pattern), recursive=True))  # noqa: PTH207 - keeps absolute ones
    paths = [path for path in map(Path, matches) if path.is_file()]
    if not paths:
        raise DataError(f"{pattern} matches no file; check the pattern.")
    base = Path(*_until_magic(pattern.parent.parts))
    for path in paths:
        yield Source(path, path.relative_to(base), content_of(path))


def _until_magic(parts: Sequence[str]) -> Iterator[str]:
    for part in parts:
        if glob.has_magic(part):
            return
        yield part


def _is_meant(path: Path) -> bool:
    return path.suffix.lower() in _MEANT_SUFFIXES or content_of(path) is not None
