"""Putting a finished folder in the place of another, so that nobody ever sees a half one."""

import ctypes
import os
import secrets
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_UNFINISHED = ".unfinished"
_FORGOTTEN_AFTER = 3600.0  # seconds; writing a style takes a few
_AT_CURRENT_FOLDER = -100  # AT_FDCWD of Linux
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux


@contextmanager
def folder_in_place_of(folder: Path) -> Iterator[Path]:
    """Gives an empty folder beside `folder`, which takes its place when the block ends well.

    What was written is flushed to the disk first. If the block raises, what it wrote is removed and
    `folder` stays as it was. Unfinished folders that a killed process left behind are removed.

    Args:
        folder: The place to take; its parents are made.

    Raises:
        OSError: Something cannot be written, flushed or renamed.
    """
    target = folder.resolve()  # a link keeps pointing where it did
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_forgotten(target)
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(4)}{_UNFINISHED}")
    fresh.mkdir()
    try:
        yield fresh
        _flush(fresh)
        if target.exists():
            _exchange(fresh, target)  # what was there is now under the temporary name
        else:
            fresh.rename(target)
        flush_folder(target.parent)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def flush_folder(folder: Path) -> None:
    """Makes new, renamed and removed names inside `folder` durable.

    Windows has no such call and needs none: NTFS journals its folders.
    """
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _exchange(fresh: Path, target: Path) -> None:
    """Swaps two folders: in one operation where the system has one, else in two."""
    if sys.platform == "linux" and _exchange_on_linux(fresh, target):
        return
    aside = fresh.with_name(fresh.name + ".previous")
    target.rename(aside)
    try:
        fresh.rename(target)
    except OSError:
        aside.rename(target)
        raise
    aside.rename(fresh)


def _exchange_on_linux(fresh: Path, target: Path) -> bool:
    """Calls renameat2; False where the C library or the file system does not offer the exchange.

    Source: https://man7.org/linux/man-pages/man2/rename.2.html
    """
    rename = getattr(ctypes.CDLL(None), "renameat2", None)
    if rename is None:
        return False
    paths = (os.fsencode(fresh), os.fsencode(target))
    failed = rename(_AT_CURRENT_FOLDER, paths[0], _AT_CURRENT_FOLDER, paths[1], _EXCHANGE)
    return not failed


def _flush(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            with path.open("rb+") as file:
                os.fsync(file.fileno())
    flush_folder(folder)


def _remove_forgotten(target: Path) -> None:
    for path in target.parent.glob(f".{target.name}.*{_UNFINISHED}"):
        try:
            age = time.time() - path.stat().st_mtime
        except FileNotFoundError:  # its own writer has just finished
            continue
        if age > _FORGOTTEN_AFTER:
            shutil.rmtree(path, ignore_errors=True)
