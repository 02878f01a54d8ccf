"""Looking at every picture before training, so that a bad one does not stop it hours later."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from adaptive_style_tf.datasets.duplicates import difference_hash
from adaptive_style_tf.datasets.pipeline import default_workers
from adaptive_style_tf.errors import DataError, PictureError
from adaptive_style_tf.images.decoding import read_picture, read_picture_size

DECODE_LIMIT = 3000  # pictures; decoding so many takes a minute, of more only headers are read


@dataclass(frozen=True)
class Inspection:
    """What was found out about a collection's files.

    Attributes:
        usable: in the order in which they were given; at least one.
        sizes: (width, height) in px of each usable picture, upright.
        hashes: perceptual hash of each usable picture; empty if only headers were read.
        unreadable: (file, reason) of the others.
    """

    usable: tuple[Path, ...]
    sizes: tuple[tuple[int, int], ...]
    hashes: tuple[int, ...]
    unreadable: tuple[tuple[Path, str], ...]


def inspect_pictures(
    files: Sequence[Path],
    *,
    decode_limit: int = DECODE_LIMIT,
    workers: int | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> Inspection:
    """Reads all pictures, in threads: in full up to `decode_limit` files, of more the headers.

    Damage behind the header of a picture of a larger collection is met by `CropSource` in
    training, which goes on with the next picture.

    Args:
        files: at least one.
        decode_limit: largest number of files to decode in full.
        workers: threads; default: one for each processor, at most 8.
        on_progress: called with (files done, files in all) after each file, from the calling
            thread.

    Raises:
        DataError: no file is usable; names the first and why.
    """
    look = _decode if len(files) <= decode_limit else _read_header
    usable, sizes, hashes, unreadable = [], [], [], []
    threads = ThreadPoolExecutor(workers or default_workers())
    try:
        for done, (file, found) in enumerate(zip(files, threads.map(look, files), strict=True), 1):
            if isinstance(found, PictureError):
                unreadable.append((file, str(found)))
            else:
                size, picture_hash = found
                usable.append(file)
                sizes.append(size)
                if picture_hash is not None:
                    hashes.append(picture_hash)
            if on_progress is not None:
                on_progress(done, len(files))
    finally:
        threads.shutdown(cancel_futures=True)  # so that Ctrl-C need not wait for all the rest
    if not usable:
        reason = unreadable[0][1] if unreadable else "There are no files."
        raise DataError(f"None of {len(files)} pictures can be used; the first: {reason}")
    return Inspection(tuple(usable), tuple(sizes), tuple(hashes), tuple(unreadable))


Found = tuple[tuple[int, int], int | None]


def _decode(file: Path) -> Found | PictureError:
    try:
        picture = read_picture(file)
    except PictureError as error:
        return error
    height, width = picture.shape[:2]
    return (width, height), difference_hash(picture)


def _read_header(file: Path) -> Found | PictureError:
    try:
        return read_picture_size(file), None
    except PictureError as error:
        return error
