"""Where a stylized video goes: a name that is free, and nothing under it before it is complete."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from adaptive_style_tf.errors import DataError, UsageError
from adaptive_style_tf.inference.video_formats import (
    container_format,
    is_sequence,
    sequence_pictures,
)
from adaptive_style_tf.inference.video_source import Step


class Output(Protocol):
    """A video that is being written under a temporary name."""

    frames: int
    codec: str
    pixel_format: str

    def write(self, step: Step) -> None: ...
    def finish(self) -> None: ...
    def publish(self) -> None: ...
    def abandon(self) -> None: ...


def refuse_taken(source: Path, target: Path, overwrite: bool) -> None:
    """Sees that the target would not take the place of something that shall stay.

    Raises:
        UsageError: the target is the source.
        DataError: the target is there already, or its suffix is unknown.
    """
    if target.is_dir():
        raise DataError(f"{target} is a folder; give the name of a file in it.")
    there = None
    if is_sequence(target):
        itself = is_sequence(source) and source.absolute() == target.absolute()
        if target.parent.is_dir():
            there = next(iter(sequence_pictures(target).values()), None)
    else:
        container_format(target)
        itself = source.exists() and target.exists() and source.samefile(target)
        there = target if target.exists() else None
    if itself:
        raise UsageError(f"{target} is the source itself; choose another name or folder.")
    if there and not overwrite:
        raise DataError(f"{there} exists already; choose another name or pass --overwrite.")


def partial_name(target: Path) -> Path:
    """A temporary name beside the target, its parent folders made.

    Raises:
        DataError: the file system refuses.
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
        raise DataError(
            f"{target} cannot be written: {error.strerror or error}; see to space and permissions."
        ) from error
