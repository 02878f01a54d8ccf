"""The files of a folder, as people see them: without what systems and programs hide in it."""

import os
from collections.abc import Iterator
from pathlib import Path

from adaptive_style_tf.errors import DataError

# Folders in which storage boxes and archivers leave thumbnails and shadows of pictures.
_SHADOW_FOLDERS = frozenset(("@eaDir", "__MACOSX"))

_Identity = tuple[int, int]  # of a folder, however it is linked


def visible_files(
    folder: Path, *, recursive: bool = True, leave_out: Path | None = None
) -> Iterator[Path]:
    """Finds the files at and below a folder.

    Hidden files (`._x`, thumbnails) and folders are passed over, and so is what is neither a file
    nor a folder. Links are followed, each folder is entered once; a broken link counts as a file,
    to be reported when it is read.

    Args:
        folder: where to look.
        recursive: whether the folders inside are searched too.
        leave_out: a folder that is not entered; it need not be there.

    Returns:
        Paths that begin with `folder`, by name; those of a folder inside stand in its place.

    Raises:
        DataError: a folder is missing or cannot be listed; also while they are found.
    """
    entered = set() if leave_out is None else _identities(leave_out)
    return _walk(folder, recursive, entered)


def _walk(folder: Path, recursive: bool, entered: set[_Identity]) -> Iterator[Path]:
    try:
        identity = _identity(folder)
        if identity in entered:
            return
        entered.add(identity)
        with os.scandir(folder) as entries:
            # Sorted, so that of two links to one folder always the same one is taken.
            children = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise DataError(
            f"{folder} cannot be listed: {error.strerror}; check that the folder exists and is "
            "readable."
        ) from error
    for child in children:
        if child.name.startswith(".") or child.name in _SHADOW_FOLDERS:
            continue
        if _is_folder(child):
            if recursive:
                yield from _walk(folder / child.name, recursive, entered)
        elif child.is_symlink() or child.is_file():
            yield folder / child.name


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()  # asks the system of links alone, unlike a path's
    except OSError:  # a link that leads back to itself
        return False


def _identities(folder: Path) -> set[_Identity]:
    try:
        return {_identity(folder)}
    except OSError:  # not there (yet), so it hides nothing
        return set()


def _identity(folder: Path) -> _Identity:
    status = folder.stat()
    return status.st_dev, status.st_ino
