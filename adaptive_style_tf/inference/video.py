"""Stylizing videos: files with their sound, and sequences of pictures."""

import dataclasses
import math
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from adaptive_style_tf.errors import UsageError
from adaptive_style_tf.inference.looks import Stylize
from adaptive_style_tf.inference.video_formats import is_sequence
from adaptive_style_tf.inference.video_pipeline import overlapped
from adaptive_style_tf.inference.video_reading import opened_video
from adaptive_style_tf.inference.video_sequences import PictureSequence, opened_sequence
from adaptive_style_tf.inference.video_source import Source, Span, Step, same_size
from adaptive_style_tf.inference.video_target import Output, refuse_taken
from adaptive_style_tf.inference.video_writing import VideoFile

Progress = Callable[[int, int], None]
"""Takes the frames done and the frames expected, 0 where that is not known."""

FINEST_SECOND = 1_000_000  # times are given as decimals; 0.1 means a tenth
SLOWEST_RATE, FASTEST_RATE = 0.001, 1000  # frames per second
TELEVISION_RATES = (24, 30, 48, 60, 120)  # frames per second, shown 1000/1001 as fast
TELEVISION_ROUNDING = 0.001  # frames per second; 23.976, 29.97, 59.94 are closer


@dataclass(frozen=True)
class VideoOptions:
    """What may be chosen for a video.

    Args:
        start: s, where to begin.
        duration: s, how much to take from there; None: all.
        codec: FFmpeg's name of an encoder, such as libx265; None takes H.264, in .webm VP9.
        quality: constant rate factor, 0 to 63, lower is better; None takes 18 for H.264 and as good
            a value for the others.
        frame_rate: pictures per second, 0.001 to 1000, where the source is a sequence of pictures;
            29.97 and the like are exactly what television means by them, 30000/1001.
        overwrite: whether a target that is there is replaced.

    Raises:
        UsageError: a value is out of range.
    """

    start: float = 0.0
    duration: float | None = None
    codec: str | None = None
    quality: int | None = None
    frame_rate: float = 25.0
    overwrite: bool = False

    def __post_init__(self) -> None:
        if not (math.isfinite(self.start) and self.start >= 0):
            raise UsageError(f"start is a number of seconds from 0 on, not {self.start}.")
        if self.duration is not None and not (math.isfinite(self.duration) and self.duration > 0):
            raise UsageError(f"duration is a number of seconds above 0, not {self.duration}.")
        if not SLOWEST_RATE <= self.frame_rate <= FASTEST_RATE:
            raise UsageError(
                f"frame_rate is a number of pictures per second from {SLOWEST_RATE} to "
                f"{FASTEST_RATE}, not {self.frame_rate}."
            )
        if self.quality is not None and not 0 <= self.quality <= 63:
            raise UsageError(f"quality is a number from 0 to 63, not {self.quality}.")


@dataclass(frozen=True)
class VideoReport:
    """What came out.

    Args:
        frames: how many were written.
        seconds: how long they last, the pauses between them included.
        frame_rate: frames per second, the source's average.
        width: of a frame, px.
        height: of a frame, px.
        codec: encoder, or the kind of picture.
        pixel_format: FFmpeg's name; yuv444p, for H.264 with an odd side, is not shown by every
            player.
        sound_streams: how many were copied.
        interrupted: whether the user stopped it before the end.
    """

    frames: int
    seconds: float
    frame_rate: float
    width: int
    height: int
    codec: str
    pixel_format: str
    sound_streams: int
    interrupted: bool


def stylize_video(
    source: str | Path,
    target: str | Path,
    stylize: Stylize,
    *,
    options: VideoOptions | None = None,
    progress: Progress | None = None,
) -> VideoReport:
    """Stylizes a video frame by frame, with the times, the sound and the colors of the source.

    It is read, stylized and written at the same time, a few frames in memory. The target is written
    under a temporary name and renamed when it is complete; an error leaves nothing behind. Ctrl-C
    (KeyboardInterrupt) ends the target early: it holds what was done until then and the report
    says so. Where nothing was done yet, KeyboardInterrupt is passed on.

    Rotation is applied, so that frames are stylized, and written, upright.

    Args:
        source: a video file, or the pattern of numbered pictures, such as `frame_%04d.png`.
        target: ends in one of VIDEO_SUFFIXES, or is a pattern of pictures to be written. Missing
            parent folders are made.
        stylize: called in this thread with every frame in turn, sRGB, [H, W, 3], 0 to 255; all of
            its results have one size.
        options: None takes the defaults.
        progress: called after every frame with the frames done and the frames expected, which is
            an estimate, and 0 where the source does not say.

    Raises:
        UsageError: source and target are the same, or codec and format do not fit together.
        VideoError: the source is missing, damaged or no video; the target is there already, cannot
            be written or cannot hold the sound.
        PictureError: a picture of a sequence cannot be read or written.
        AdaptiveStyleError: PyAV is not installed.
        KeyboardInterrupt: Ctrl-C came before the first frame was done.
    """
    source, target = Path(source), Path(target)
    options = VideoOptions() if options is None else options
    refuse_taken(source, target, options.overwrite)
    with _opened(source, target, options) as video:
        output = _output(target, video, options)
        job = _Job(video, output, stylize, progress)
        try:
            interrupted = job.run()
            output.finish()
            refuse_taken(source, target, options.overwrite)  # again: another process may be faster
            output.publish()
        except BaseException:
            output.abandon()
            raise
        return job.report(interrupted)


class _Job:
    """One video on its way from source to output."""

    def __init__(
        self, source: Source, output: Output, stylize: Stylize, progress: Progress | None
    ) -> None:
        self._source, self._output = source, output
        self._stylize, self._progress = stylize, progress
        self._size = (0, 0)
        self._began = self._ended = 0  # units of the source's time base
        self._handed_over = 0

    def run(self) -> bool:
        """Does it all; gives whether the user stopped it."""
        try:
            overlapped(same_size(self._source.path, self._source.steps), self._work, self._write)
        except KeyboardInterrupt:
            if not self._output.frames:
                raise
            return True
        return False

    def report(self, interrupted: bool) -> VideoReport:
        height, width = self._size
        return VideoReport(
            frames=self._output.frames,
            seconds=float((self._ended - self._began) * self._source.time_base),
            frame_rate=float(self._source.frame_rate),
            width=width,
            height=height,
            codec=self._output.codec,
            pixel_format=self._output.pixel_format,
            sound_streams=len(self._source.sound),
            interrupted=interrupted,
        )

    def _work(self, step: Step) -> Step:
        if step.frame is None:
            return step
        stylized = self._stylize(step.frame.picture)
        self._handed_over += 1
        if self._progress is not None:
            self._progress(self._handed_over, self._source.expected_frames)
        return dataclasses.replace(step, frame=dataclasses.replace(step.frame, picture=stylized))

    def _write(self, step: Step) -> None:
        self._output.write(step)
        if step.frame is None:
            return
        height, width = step.frame.picture.shape[:2]
        self._size = (height, width)
        if self._output.frames == 1:
            self._began = step.frame.time
        self._ended = step.frame.time + step.frame.duration


def _opened(source: Path, target: Path, options: VideoOptions) -> AbstractContextManager[Source]:
    duration = None if options.duration is None else exact_seconds(options.duration)
    span = Span(exact_seconds(options.start), duration)
    if is_sequence(source):
        return nullcontext(opened_sequence(source, span, exact_rate(options.frame_rate)))
    return opened_video(source, span, with_sound=not is_sequence(target))


def exact_seconds(seconds: float) -> Fraction:
    """The time that is meant by a decimal number, to the microsecond."""
    return Fraction(seconds).limit_denominator(FINEST_SECOND)


def exact_rate(rate: float) -> Fraction:
    """The frame rate that is meant: 29.97 and the like are the color television's 30000/1001."""
    for whole in TELEVISION_RATES:
        television = Fraction(whole * 1000, 1001)
        if abs(rate - television) < TELEVISION_ROUNDING:
            return television
    return Fraction(rate).limit_denominator(1000)


def _output(target: Path, source: Source, options: VideoOptions) -> Output:
    if is_sequence(target):
        return PictureSequence(target)
    return VideoFile(target, source, options.codec, options.quality)
