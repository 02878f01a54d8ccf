"""Videos as folders of numbered pictures, such as `frame_%04d.png`."""

import itertools
import shutil
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from adaptive_style_tf.errors import VideoError
from adaptive_style_tf.images.decoding import read_picture
from adaptive_style_tf.images.encoding import WRITABLE_SUFFIXES, can_write, write_picture
from adaptive_style_tf.inference.video_formats import sequence_picture, sequence_pictures
from adaptive_style_tf.inference.video_pictures import Appearance, ColorTags, usual_matrix
from adaptive_style_tf.inference.video_source import Frame, Source, Span, Step, first_step
from adaptive_style_tf.inference.video_target import partial_name, writing

SRGB_PRIMARIES = 1  # ITU-T H.273: those of BT.709
SRGB_TRANSFER = 13  # IEC 61966-2-1


def opened_sequence(pattern: Path, span: Span, frame_rate: Fraction) -> Source:
    """Opens numbered pictures as a video.

    A picture's number is its time, so a missing one leaves the one before it to be seen longer.

    Args:
        pattern: such as `frame_%04d.png`.
        span: the part to read.
        frame_rate: pictures per second.

    Raises:
        VideoError: the folder is missing, or no picture fits.
        PictureError: a picture cannot be read; also while they are read.
    """
    pictures = sequence_pictures(pattern)
    if not pictures:
        raise VideoError(f"no picture fits the pattern {pattern}; {_way_out(pattern)}.")
    first = next(iter(pictures))
    by_time = {number - first: path for number, path in pictures.items()}
    wanted = {
        time: path
        for time, path in by_time.items()
        if not span.begins_after(time / frame_rate) and not span.ends_by(time / frame_rate)
    }
    steps = _steps(wanted, first, round(span.start * frame_rate))
    start = first_step(pattern, steps, span)
    assert start.frame is not None  # first_step
    height, width = start.frame.picture.shape[:2]
    return Source(
        path=pattern,
        steps=itertools.chain([start], steps),
        frame_rate=frame_rate,
        time_base=1 / frame_rate,
        appearance=Appearance(
            ColorTags(
                matrix=usual_matrix(height, width),
                primaries=SRGB_PRIMARIES,
                transfer=SRGB_TRANSFER,
            )
        ),
        expected_frames=len(wanted),
    )


def _steps(pictures: dict[int, Path], first: int, origin: int) -> Iterator[Step]:
    """The pictures as frames.

    Args:
        pictures: by their time, in frames since the sequence's first.
        first: number of the sequence's first.
        origin: time at which the part begins.
    """
    ends = [*itertools.islice(pictures, 1, None), max(pictures, default=0) + 1]
    for (time, path), end in zip(pictures.items(), ends, strict=True):
        yield Step(Frame(read_picture(path), time - origin, end - time, number=first + time))


def _way_out(pattern: Path) -> str:
    found = sorted(path.name for path in pattern.parent.iterdir() if can_write(path))
    if not found:
        return f"{pattern.parent} has no picture at all, name another folder"
    return f"let it fit what is there, such as {found[0]}"


class PictureSequence:
    """Numbered pictures that are being written, in a folder of their own until they are complete.

    Numbers are those of the source, where that is a sequence too; otherwise they begin at 1.

    Args:
        pattern: where the pictures go in the end; its suffix decides the format.

    Raises:
        VideoError: the suffix is none of a picture, or the file system refuses.
    """

    def __init__(self, pattern: Path) -> None:
        if not can_write(pattern):
            raise VideoError(
                f"{pattern} does not say which picture format is meant; let its name end in one "
                f"of {', '.join(WRITABLE_SUFFIXES)}."
            )
        self._partial, self._pattern = partial_name(pattern), pattern
        self.frames = 0
        self.codec = pattern.suffix.lower().removeprefix(".")
        self.pixel_format = "rgb24"
        with writing(pattern):
            self._partial.mkdir()

    def write(self, step: Step) -> None:
        """Writes the picture of a frame.

        Raises:
            PictureError: the file system refuses.
        """
        if step.frame is None:
            return
        self.frames += 1
        number = self.frames if step.frame.number is None else step.frame.number
        name = sequence_picture(self._pattern, number).name
        write_picture(self._partial / name, step.frame.picture)

    def finish(self) -> None:
        """Nothing is left to do: every picture is complete."""

    def publish(self) -> None:
        """Moves the pictures to where they go."""
        with writing(self._pattern):
            for path in sorted(self._partial.iterdir()):
                path.replace(self._pattern.parent / path.name)
            self._partial.rmdir()

    def abandon(self) -> None:
        """Removes the pictures."""
        shutil.rmtree(self._partial, ignore_errors=True)
