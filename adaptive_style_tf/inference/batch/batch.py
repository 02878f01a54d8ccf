"""From what a user asks for to files, in two steps: what can be told at once, then the work."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from adaptive_style_tf.artists import DEFAULT_ARTIST, slug
from adaptive_style_tf.errors import UsageError
from adaptive_style_tf.images.encoding import can_write
from adaptive_style_tf.inference.batch.plan import (
    Existing,
    Job,
    Result,
    is_there,
    plan_jobs,
    refuse_overwriting,
)
from adaptive_style_tf.inference.batch.report import Outcome, Report
from adaptive_style_tf.inference.batch.run import Means, Say, Tell, Writing, run_jobs
from adaptive_style_tf.inference.batch.sources import VIDEO, find_sources
from adaptive_style_tf.inference.looks import Look, Stylize, mixed
from adaptive_style_tf.inference.video import VideoOptions, VideoReport, stylize_video
from adaptive_style_tf.styles import Style, find_style

Frames = Callable[[Path, int, int], None]


@dataclass(frozen=True)
class Request:
    """What a user asks for.

    Attributes:
        inputs: files, folders, patterns, picture sequences.
        styles: names or folders; each gives a result of its own.
        mix: names or folders with weights, which give one result together; in place of `styles`.
        output: see `plan_jobs`.
        recursive: whether the folders inside folders are searched too.
        name_style: whether names of results tell a single style too.
        format_name: `JPEG` and so on, for all pictures; None takes the input's.
        existing: what is done about results that are there.
        look: what is done around the styles.
        writing: how pictures are read and written; `existing` decides on overwriting.
        sheet: where a contact sheet goes.
        video: what may be chosen for videos; `existing` decides on overwriting.
        temporal: whether frames of a video share statistics and follow the motion, against flicker.
    """

    inputs: tuple[Path, ...]
    styles: tuple[str, ...] = (DEFAULT_ARTIST,)
    mix: Mapping[str, float] = field(default_factory=dict)
    output: Path = Path("stylized")
    recursive: bool = False
    name_style: bool = False
    format_name: str | None = None
    existing: Existing = Existing.REFUSE
    look: Look = field(default_factory=Look)
    writing: Writing = field(default_factory=Writing)
    sheet: Path | None = None
    video: VideoOptions = field(default_factory=VideoOptions)
    temporal: bool = False

    @property
    def for_videos(self) -> bool:
        """Whether an option is given that only videos have."""
        return self.temporal or self.video != VideoOptions()


@dataclass(frozen=True)
class Batch:
    """A request that has been looked into and found possible.

    Attributes:
        styles: those that are used, each once.
        jobs: all that was asked for.
        left: what of it is still to be done.
    """

    request: Request
    styles: tuple[Style, ...]
    jobs: tuple[Job, ...]
    left: tuple[Job, ...]


def prepare(request: Request) -> Batch:
    """Finds styles and inputs, plans the results, and refuses what cannot end well.

    Loads no network: nobody shall wait for TensorFlow to learn of a typing error.

    Raises:
        AdaptiveStyleError: for whatever the user can put right.
    """
    if request.sheet is not None and not can_write(request.sheet):
        raise UsageError(
            f"{request.sheet} does not say which format is meant; let --sheet end in .jpg or .png."
        )
    styles = open_styles(request)
    sources = find_sources(request.inputs, request.recursive, leave_out=request.output)
    if request.for_videos and all(source.format != VIDEO for source in sources):
        raise UsageError("Options for videos were given, but no input is a video; leave them out.")
    jobs = plan_jobs(
        sources,
        _slugs(request, styles),
        request.output,
        name_style=request.name_style,
        format_name=request.format_name,
    )
    sheets = [] if request.sheet is None else [request.sheet]
    refuse_overwriting(jobs, request.existing, sheets)
    left = _without_existing(jobs) if request.existing is Existing.SKIP else jobs
    return Batch(request, styles, tuple(jobs), tuple(left))


def run(batch: Batch, *, tell: Tell, say: Say, frames: Frames) -> Report:
    """Does the work.

    Args:
        batch: from `prepare`.
        tell: is called for each outcome as it comes.
        say: takes notes for the user.
        frames: is called after each frame of a video with its path, the frames done, and those
            expected, 0 where that is not known.

    Raises:
        StyleError: a style is damaged.
        PictureError: the contact sheet cannot be written.
    """
    request = batch.request
    writing = replace(request.writing, overwrite=request.existing is Existing.REPLACE)
    report = Report(planned=sum(len(job.results) for job in batch.jobs))
    for outcome in _skipped(batch):
        report.outcomes.append(outcome)
        tell(outcome)
    if batch.left:
        networks = _load_networks(batch)
        video = replace(request.video, overwrite=writing.overwrite)

        def stylize_one_video(job: Job, result: Result, stylize: Stylize) -> VideoReport:
            networks.begin_video()
            path = job.source.path
            return stylize_video(
                path, result.target, stylize, options=video, progress=partial(frames, path)
            )

        means = Means(
            styles=networks.of_pictures,
            frame_styles=networks.of_frames,
            look=request.look,
            writing=writing,
            stylize_video=stylize_one_video,
        )
        run_jobs(batch.left, means, report, tell=tell, say=say)
    if request.sheet is not None and not report.interrupted:
        from adaptive_style_tf.inference.batch.sheet import write_sheet

        if request.existing is Existing.SKIP and is_there(request.sheet):
            say(f"Note: {request.sheet} is there already and stays as it is.")
        elif left_out := write_sheet(request.sheet, batch.jobs, writing):
            say(f"Note: {left_out} more inputs found no place on {request.sheet}.")
    return report


def open_styles(request: Request) -> tuple[Style, ...]:
    """Finds the styles of a request, in its order, each once.

    Raises:
        UsageError: there is none of a name, or two of them could not be told apart by name.
        StyleError: a style is damaged.
    """
    names = tuple(request.mix) or request.styles
    found = {style.folder.resolve(): style for style in map(find_style, names)}
    if request.mix and len(found) < len(names):
        raise UsageError("--mix names one style twice; give it one weight.")
    styles: dict[str, Style] = {}
    for style in found.values():
        other = styles.setdefault(_slug(style), style)
        if other is not style:
            raise UsageError(
                f"{other.folder} and {style.folder} are both called {_slug(style)}, and so would "
                "their results be; use one at a time."
            )
    return tuple(styles.values())


def load_styles(request: Request, styles: tuple[Style, ...]) -> dict[str, Stylize]:
    """Loads the networks: what the jobs' slugs stand for.

    Raises:
        StyleError: a style is damaged.
    """
    from adaptive_style_tf.inference.stylizer import Stylizer

    return _by_slug(request, styles, [Stylizer.load(style).image for style in styles])


@dataclass(frozen=True)
class _Networks:
    of_pictures: dict[str, Stylize]
    of_frames: dict[str, Stylize]
    begin_video: Callable[[], None]


def _load_networks(batch: Batch) -> _Networks:
    request, styles = batch.request, batch.styles
    if not request.temporal:
        loaded = load_styles(request, styles)
        return _Networks(loaded, loaded, lambda: None)

    from adaptive_style_tf.inference.steady import SteadyStylizer

    steady = [SteadyStylizer.load(style) for style in styles]

    def begin_video() -> None:
        for stylizer in steady:
            stylizer.begin()

    of_frames = _by_slug(request, styles, [stylizer.image for stylizer in steady])
    only_videos = all(job.source.format == VIDEO for job in batch.left)
    return _Networks({} if only_videos else load_styles(request, styles), of_frames, begin_video)


def _by_slug(
    request: Request, styles: tuple[Style, ...], loaded: list[Stylize]
) -> dict[str, Stylize]:
    parts = [mixed(loaded, list(request.mix.values()))] if request.mix else loaded
    return dict(zip(_slugs(request, styles), parts, strict=True))


def _slugs(request: Request, styles: tuple[Style, ...]) -> list[str]:
    slugs = [_slug(style) for style in styles]
    if not request.mix:
        return slugs
    total = sum(request.mix.values())
    shares = [round(100 * weight / total) for weight in request.mix.values()]
    return ["-".join(f"{name}-{share}" for name, share in zip(slugs, shares, strict=True))]


def _slug(style: Style) -> str:
    return slug(style.description.artist)


def _without_existing(jobs: list[Job]) -> list[Job]:
    left = (
        Job(job.source, tuple(result for result in job.results if not is_there(result.target)))
        for job in jobs
    )
    return [job for job in left if job.results]


def _skipped(batch: Batch) -> list[Outcome]:
    left = {result.target for job in batch.left for result in job.results}
    return [
        Outcome("skipped", job.source.path, result.target, result.style, "the result is there")
        for job in batch.jobs
        for result in job.results
        if result.target not in left
    ]
