"""Working through a plan: the next picture is read and the last one written meanwhile.

The network has the main thread. Beside it one picture at a time is decoded ahead and one encoded
behind, so that memory does not grow with the batch.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.errors import AdaptiveStyleError
from adaptive_style_tf.images.decoding import read_whole_picture
from adaptive_style_tf.images.encoding import QUALITY, write_whole_picture
from adaptive_style_tf.images.opening import MAX_PIXELS
from adaptive_style_tf.images.picture import Picture
from adaptive_style_tf.inference.batch.advice import Advice
from adaptive_style_tf.inference.batch.plan import Job, Result
from adaptive_style_tf.inference.batch.report import Outcome, Report
from adaptive_style_tf.inference.batch.sources import VIDEO
from adaptive_style_tf.inference.looks import Look, Stylize
from adaptive_style_tf.inference.pictures import refuse_enlarged, stylized_picture
from adaptive_style_tf.inference.video import VideoReport

Say = Callable[[str], None]
Tell = Callable[[Outcome], None]
StylizeVideo = Callable[[Job, Result, Stylize], VideoReport]


@dataclass(frozen=True)
class Writing:
    """How pictures are read and written.

    Args:
        overwrite: whether results that are there are replaced.
        quality: of JPEG and WebP, 1 to 100.
        max_pixels: limit of a picture's pixels, and of those that the network sees.
    """

    overwrite: bool = False
    quality: int = QUALITY
    max_pixels: int = MAX_PIXELS


@dataclass(frozen=True)
class Means:
    """What results are made with.

    Args:
        styles: of pictures, by the slugs that the jobs name.
        frame_styles: the same of the frames of videos.
        look: of every picture and frame.
        writing: see there.
        stylize_video: makes one result of a video, of a style for its frames.
    """

    styles: Mapping[str, Stylize]
    frame_styles: Mapping[str, Stylize]
    look: Look
    writing: Writing
    stylize_video: StylizeVideo


def run_jobs(jobs: Sequence[Job], means: Means, report: Report, *, tell: Tell, say: Say) -> None:
    """Stylizes one input after the other; what cannot be done does not stop the rest.

    Ctrl-C drops the picture that is being computed, lets the one that is being written become
    complete, and is noted in the report.

    Args:
        jobs: what is to be done.
        means: what it is done with.
        report: takes the outcomes.
        tell: is called for each outcome, from this thread.
        say: takes notes for the user.
    """
    advice = Advice(means.look)

    def note(outcome: Outcome) -> None:
        report.outcomes.append(outcome)
        tell(outcome)

    with ThreadPoolExecutor(2) as threads:
        writer = _Writer(threads, note)
        try:
            for job, picture in _read_ahead(threads, jobs, means.writing.max_pixels):
                if picture is None:
                    writer.finish()  # a video wants the processor for itself
                    for result in job.results:
                        frames = _frame_style(job, result, means, advice, say)
                        note(_video_outcome(job, result, frames, means.stylize_video, report))
                        if report.interrupted:
                            return
                elif isinstance(picture, AdaptiveStyleError):
                    for result in job.results:
                        note(_failed(job, result, picture))
                else:
                    for line in advice.lines(job.source.path, picture.height, picture.width):
                        say(line)
                    _attempt_picture(job, picture, means, writer, note)
        except KeyboardInterrupt:
            report.interrupted = True
        finally:
            writer.finish()


def _attempt_picture(
    job: Job, picture: Picture, means: Means, writer: "_Writer", note: Tell
) -> None:
    look, writing = means.look, means.writing
    for result in job.results:
        try:
            refuse_enlarged(str(job.source.path), picture, look, writing.max_pixels)
            stylized = stylized_picture(picture, means.styles[result.style], look)
        except AdaptiveStyleError as error:
            note(_failed(job, result, error))
        else:
            writer.write(job, result, stylized, writing)


def _video_outcome(
    job: Job, result: Result, frames: Stylize, stylize_video: StylizeVideo, report: Report
) -> Outcome:
    try:
        made = stylize_video(job, result, frames)
    except AdaptiveStyleError as error:
        return _failed(job, result, error)
    if not made.interrupted:
        return _done(job, result)
    report.interrupted = True
    reason = f"{result.target} ends after {made.frames} frames ({made.seconds:.1f} s): stopped."
    return Outcome("failed", job.source.path, result.target, result.style, reason)


def _frame_style(job: Job, result: Result, means: Means, advice: Advice, say: Say) -> Stylize:
    """The look of a style for frames, with a word on their size when the first one comes."""
    stylize = means.look.of(means.frame_styles[result.style])

    def stylize_frame(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height, width = frame.shape[:2]
        for line in advice.lines(job.source.path, height, width):
            say(line)
        return stylize(frame)

    return stylize_frame


def _read_ahead(
    threads: Executor, jobs: Sequence[Job], max_pixels: int
) -> Iterator[tuple[Job, Picture | AdaptiveStyleError | None]]:
    """Gives each job with its picture, or the reason why there is none, or None for a video."""

    def read(job: Job) -> Picture | AdaptiveStyleError:
        try:
            return read_whole_picture(job.source.path, max_pixels)
        except AdaptiveStyleError as error:
            return error

    def begin(job: Job) -> Future[Picture | AdaptiveStyleError] | None:
        return None if job.source.format == VIDEO else threads.submit(read, job)

    upcoming = begin(jobs[0]) if jobs else None
    for index, job in enumerate(jobs):
        current = upcoming
        upcoming = begin(jobs[index + 1]) if index + 1 < len(jobs) else None
        yield job, None if current is None else current.result()


class _Writer:
    """Writes one picture at a time in another thread; outcomes are noted from the caller's."""

    def __init__(self, threads: Executor, note: Tell) -> None:
        self._threads, self._note = threads, note
        self._pending: tuple[Job, Result, Future[None]] | None = None

    def write(self, job: Job, result: Result, picture: Picture, writing: Writing) -> None:
        self.finish()
        future = self._threads.submit(
            write_whole_picture,
            result.target,
            picture,
            overwrite=writing.overwrite,
            quality=writing.quality,
        )
        self._pending = job, result, future

    def finish(self) -> None:
        """Waits for the picture that is being written, if any."""
        if self._pending is None:
            return
        job, result, future = self._pending
        error = future.exception()
        self._pending = None  # not before: Ctrl-C may come while waiting
        if error is None:
            self._note(_done(job, result))
        elif isinstance(error, AdaptiveStyleError):
            self._note(_failed(job, result, error))
        else:
            raise error


def _done(job: Job, result: Result) -> Outcome:
    return Outcome("done", job.source.path, result.target, result.style)


def _failed(job: Job, result: Result, error: AdaptiveStyleError) -> Outcome:
    reason = str(error)
    if str(job.source.path) not in reason and str(result.target) not in reason:
        reason = f"{job.source.path}: {reason}"
    return Outcome("failed", job.source.path, result.target, result.style, reason)
