"""What a video gives while it is read, whether it is a file or a sequence of pictures."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.errors import VideoError
from adaptive_style_tf.inference.video_pictures import Appearance

if TYPE_CHECKING:
    from av import Packet
    from av.audio.stream import AudioStream


@dataclass(frozen=True)
class Frame:
    """One picture of a video.

    Args:
        picture: upright, RGB, [H, W, 3], 0 to 255.
        time: when it is shown, in units of the video's time base.
        duration: how long, in the same unit.
        number: in the name of the picture file that it is, if it is one.
    """

    picture: NDArray[np.uint8]
    time: int
    duration: int
    number: int | None = None


@dataclass(frozen=True)
class Step:
    """What was read between two frames: sound, and the frame after it (None at the end)."""

    frame: Frame | None
    sound: tuple["Packet[AudioStream]", ...] = ()


@dataclass(frozen=True)
class Source:
    """A video that is being read.

    Args:
        path: of the file, or the pattern of the pictures.
        steps: frames and sound in the order of the file; read once.
        frame_rate: frames per second, the average where it varies.
        time_base: seconds in one unit of the frames' times.
        appearance: how its frames are to be shown.
        expected_frames: as the file promises; 0 where it does not say.
        sound: streams whose packets the steps hold.
        metadata: title and the like.
        chapters: as PyAV has them.
    """

    path: Path
    steps: Iterator[Step]
    frame_rate: Fraction
    time_base: Fraction
    appearance: Appearance
    expected_frames: int = 0
    sound: tuple["AudioStream", ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    chapters: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Span:
    """The part of a video that is wanted, in seconds from its beginning.

    Args:
        start: where it begins.
        duration: how long it is; None: to the end.
    """

    start: Fraction = Fraction(0)
    duration: Fraction | None = None

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left out."""
        return self.start == 0 and self.duration is None

    def shifted(self, seconds: Fraction) -> "Span":
        """The same part on a clock that shows so much at the video's beginning."""
        return Span(self.start + seconds, self.duration)

    def begins_after(self, time: Fraction) -> bool:
        """Whether a frame of this time, in seconds, is too early for it."""
        return time < self.start

    def ends_by(self, time: Fraction) -> bool:
        """Whether a frame of this time, in seconds, is too late for it."""
        return self.duration is not None and time >= self.start + self.duration

    def __str__(self) -> str:
        """Such as `from 9 s on` or `from 9 s to 9.5 s`."""
        end = "on" if self.duration is None else f"to {float(self.start + self.duration):g} s"
        return f"from {float(self.start):g} s {end}"

    def length(self, whole: Fraction) -> Fraction:
        """The length of the part, of a video of length `whole`."""
        rest = max(whole - self.start, Fraction(0))
        return rest if self.duration is None else min(rest, self.duration)


def first_step(source: Path, steps: Iterator[Step], span: Span) -> Step:
    """The first of the steps, which has a frame.

    Raises:
        VideoError: there is none.
    """
    for step in steps:
        if step.frame is not None:
            return step
    if not span.is_whole:
        raise VideoError(f"{source} has no frame {span}; choose another part.")
    raise VideoError(f"{source} holds no frame that can be read; replace or remove it.")


def same_size(source: Path, steps: Iterator[Step]) -> Iterator[Step]:
    """Passes the steps on while their frames keep one size.

    Raises:
        VideoError: a frame has another size than the first; the message says where.
    """
    first: tuple[int, int] | None = None
    frames = 0
    for step in steps:
        if step.frame is not None:
            frames += 1
            height, width = step.frame.picture.shape[:2]
            first = first or (height, width)
            if (height, width) != first:
                raise VideoError(
                    f"{source} changes from {first[1]} x {first[0]} to {width} x {height} pixels "
                    f"at frame {frames}; stylize the parts one by one (--start, --duration)."
                )
        yield step
