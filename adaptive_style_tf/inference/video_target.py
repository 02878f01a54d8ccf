"""Where a stylized video goes: a name that is free, and nothing under it before it is complete."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from adaptive_style_tf.errors import UsageError, VideoError
from adaptive_style_tf.inference.video_formats import (
    container_format,
    is_sequence,
    sequence_picture,
    sequence_pictures,
)
from adaptive_style_tf.inference.video_source import Step


class Output(Protocol):
    """A video that is being written under a temporary name.

    Attributes:
        frames: written so far.
        codec: encoder, or the kind of picture.
        pixel_format: FFmpeg's name; of an encoder known with the first frame.
    """

    frames: int
    codec: str
    pixel_format: str

    def write(self, step: Step) -> None:
        """Takes a frame, and the sound before it."""

    def finish(self) -> None:
        """Completes what is there, under its temporary name."""

    def publish(self) -> None:
        """Gives it the target's name."""

    def abandon(self) -> None:
        """Removes it."""


def refuse_taken(source: Path, target: Path, overwrite: bool) -> None:
    """Sees that the target would not take the place of something that shall stay.

    Raises:
        UsageError: the target, or one of its pictures, is the source.
        VideoError: the target is there already, or its suffix is unknown.
    """
    with writing(target):
        if target.is_dir():
            raise VideoError(f"{target} is a folder; give the name of a file in it.")
        if is_sequence(target):
            taken = _first_picture(target)
            itself = is_sequence(source) and _share_pictures(source, target)
        else:
            container_format(target)
            taken = target if target.exists() else None
            itself = taken is not None and source.exists() and source.samefile(target)
    if itself:
        raise UsageError(f"{target} is the source itself; choose another name or folder.")
    if taken is not None and not overwrite:
        raise VideoError(f"{taken} exists already; choose another name or pass --overwrite.")


def _first_picture(pattern: Path) -> Path | None:
    if not pattern.parent.is_dir():
        return None
    return next(iter(sequence_pictures(pattern).values()), None)


def _share_pictures(source: Path, target: Path) -> bool:
    """Whether a picture of the source would be replaced by what is made of it, or of another."""
    pictures = sequence_pictures(source)
    made = [sequence_picture(target, number) for number in pictures]
    files = {(status.st_dev, status.st_ino) for status in map(Path.stat, pictures.values())}
    there = [path.stat() for path in made if path.exists()]
    return any((status.st_dev, status.st_ino) in files for status in there)


def partial_name(target: Path) -> Path:
    """A temporary name beside the target, its parent folders made.

    Raises:
        VideoError: the file system refuses.
    """
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    # Without the suffix of a video nobody collects it by accident.
    return target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}.partial")


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Says of errors of the file system that they concern the target."""
    try:
        yield
    except OSError as error:
        raise VideoError(
            f"{target} cannot be written: {error.strerror or error}; see to space and permissions."
        ) from error
