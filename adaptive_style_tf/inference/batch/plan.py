"""Which file becomes of which, and what is refused before any work begins."""

import enum
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from adaptive_style_tf.errors import DataError, UsageError
from adaptive_style_tf.images.encoding import can_write, format_of_suffix, usual_suffix
from adaptive_style_tf.inference.batch.sources import VIDEO, Source
from adaptive_style_tf.inference.video_formats import (
    VIDEO_SUFFIXES,
    is_sequence,
    sequence_pictures,
)


class Existing(enum.Enum):
    """What is done about results that are there already."""

    REFUSE = "refuse"
    SKIP = "skip"
    REPLACE = "replace"


@dataclass(frozen=True)
class Result:
    """One file to be written.

    Attributes:
        style: its slug.
        target: where it goes.
    """

    style: str
    target: Path


@dataclass(frozen=True)
class Job:
    """One input with everything that is made of it."""

    source: Source
    results: tuple[Result, ...]


def plan_jobs(
    sources: Sequence[Source],
    styles: Sequence[str],
    output: Path,
    *,
    name_style: bool = False,
    format_name: str | None = None,
) -> list[Job]:
    """Says which file each result becomes.

    A result is `<name>_stylized<suffix>`, below `output` where the input lies below the folder that
    was given; with several styles `<name>_stylized_<style>`. The suffix stays, unless it does not
    fit the content or another format is wanted.

    Args:
        sources: what is stylized.
        styles: slugs; each gives one result of every source.
        output: the file itself, if one file was named and this ends in a picture's or video's
            suffix and is no folder; else a folder.
        name_style: whether a single style is named too.
        format_name: `JPEG` and so on for all pictures; None takes the input's.

    Raises:
        UsageError: two results would be one file, or the output's suffix fits no such input.
    """
    if len(sources) == 1 and sources[0].named and is_output_file(output):
        jobs = [Job(sources[0], tuple(Result(style, output) for style in styles))]
        _refuse_unfit(sources[0], output, format_name)
    else:
        with_style = name_style or len(styles) > 1
        jobs = [
            Job(
                source,
                tuple(
                    Result(
                        style,
                        output / _name(source, style if with_style else None, format_name),
                    )
                    for style in styles
                ),
            )
            for source in sources
        ]
    _refuse_sharing(jobs)
    return jobs


def is_output_file(output: Path) -> bool:
    """Whether an output path names one file rather than a folder."""
    is_result = can_write(output) or output.suffix.lower() in VIDEO_SUFFIXES
    return is_result and not output.is_dir()


def refuse_overwriting(jobs: Sequence[Job], existing: Existing, others: Iterable[Path]) -> None:
    """Finds what would be lost before any work is done.

    Args:
        jobs: what is planned.
        existing: what is done about results that are there.
        others: further files that will be written, such as a contact sheet.

    Raises:
        UsageError: a result would replace an input, by whatever name, or another result.
        DataError: results are there already.
    """
    inputs = {
        identity: job.source.path for job in jobs for identity in _identities(job.source.path)
    }
    targets = [result.target for job in jobs for result in job.results]
    others = list(others)
    for target in (*targets, *others):
        for identity in _identities(target):
            if identity in inputs:
                raise UsageError(
                    f"{target} is the input {inputs[identity]} itself; choose another --output."
                )
    for other in others:
        if os.path.realpath(other) in {os.path.realpath(target) for target in targets}:
            raise UsageError(f"{other} is the name of a result too; choose another.")
    if existing is Existing.REFUSE:
        there = [target for target in (*targets, *others) if is_there(target)]
        if there:
            more = f" (and {len(there) - 1} more)" if len(there) > 1 else ""
            raise DataError(
                f"{there[0]} exists already{more}; choose another --output, or pass "
                "--skip-existing or --overwrite."
            )


def is_there(target: Path) -> bool:
    """Whether a result exists; of a picture sequence, any picture."""
    if is_sequence(target):
        return target.parent.is_dir() and bool(sequence_pictures(target))
    return os.path.lexists(target)


def _name(source: Source, style: str | None, format_name: str | None) -> Path:
    path = source.below
    suffix = _suffix(source, format_name)
    stylized = "_stylized" if style is None else f"_stylized_{style}"
    return path.with_name(f"{path.stem}{stylized}{suffix}")


def _suffix(source: Source, format_name: str | None) -> str:
    path = source.path
    if source.format == VIDEO and not is_sequence(path):
        return path.suffix if path.suffix.lower() in VIDEO_SUFFIXES else ".mp4"
    wanted = format_name or source.format
    if wanted is None or wanted == VIDEO:  # nothing known of it, or a sequence of pictures
        return path.suffix if can_write(path) else ".png"
    return path.suffix if format_of_suffix(path) == wanted else usual_suffix(wanted)


def _refuse_unfit(source: Source, output: Path, format_name: str | None) -> None:
    of_suffix = format_of_suffix(output)
    if source.format == VIDEO:
        if of_suffix is not None and not is_sequence(output):
            raise UsageError(
                f"{source.path} is a video, {output} a picture; let --output end in one of "
                f"{', '.join(VIDEO_SUFFIXES)}, or be a pattern such as frame_%04d.png."
            )
    elif of_suffix is None:
        raise UsageError(f"{source.path} is a picture, {output} a video; choose another --output.")
    if format_name is not None and of_suffix is not None and of_suffix != format_name:
        raise UsageError(
            f"{output} is the name of a {of_suffix} file, but --format says {format_name}; "
            "leave out one of them."
        )


def _refuse_sharing(jobs: Sequence[Job]) -> None:
    taken: dict[str, tuple[Path, str]] = {}
    for job in jobs:
        for result in job.results:
            key = os.path.normcase(os.path.realpath(result.target))
            if key in taken:
                path, style = taken[key]
                if path == job.source.path:
                    raise UsageError(
                        f"{style} and {result.style} would both become {result.target}; "
                        "let --output be a folder, or stylize with one at a time."
                    )
                raise UsageError(
                    f"{path} and {job.source.path} would both become {result.target}; "
                    "stylize them into different folders."
                )
            taken[key] = job.source.path, result.style


def _identities(path: Path) -> list[object]:
    """What two names of one file have in common: the resolved path, and the file itself."""
    names: list[object] = [os.path.normcase(os.path.realpath(path))]
    try:
        status = path.stat()  # the same for hard links, and for other spellings of one name
    except OSError:
        return names
    return [*names, (status.st_dev, status.st_ino)]
