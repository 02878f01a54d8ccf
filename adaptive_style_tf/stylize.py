"""Stylizes photographs: `python -m adaptive_style_tf.stylize photo.jpg --style cezanne`."""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adaptive_style_tf.artists import DEFAULT_ARTIST
from adaptive_style_tf.cli.arguments import any_path, positive_int
from adaptive_style_tf.cli.doors import door_parser, run_door
from adaptive_style_tf.cli.progress import Progress
from adaptive_style_tf.errors import AdaptiveStyleError, DataError, PictureError, UsageError

if TYPE_CHECKING:
    from adaptive_style_tf.inference.stylizer import Stylizer

DEFAULT_OUTPUT = Path("stylized")


@dataclass(frozen=True)
class Job:
    """One photograph and where its result goes."""

    photograph: Path
    target: Path


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and gives its exit code."""
    return run_door(parser(), stylize, argv)


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    arguments = door_parser(
        "stylize",
        "Give photographs the style of an artist. Each result has the size of its photograph.",
        [
            "photo.jpg",
            "photo.jpg --style vincent-van-gogh --output result.png",
            "holiday/*.jpg --style runs/my-paintings/style --output stylized/",
            "--list-styles",
        ],
    )
    arguments.add_argument(
        "inputs",
        nargs="*",
        type=any_path,
        metavar="INPUT",
        help="picture files: JPEG, PNG, WebP, TIFF, BMP",
    )
    arguments.add_argument(
        "--style",
        default=DEFAULT_ARTIST,
        metavar="S",
        help=f"name or folder of a trained style (default: {DEFAULT_ARTIST})",
    )
    arguments.add_argument(
        "--output",
        type=any_path,
        default=DEFAULT_OUTPUT,
        metavar="PATH",
        help="a file, if there is one input and PATH ends in a picture's suffix; "
        f"otherwise a folder, made if missing (default: {DEFAULT_OUTPUT})",
    )
    arguments.add_argument(
        "--overwrite", action="store_true", help="replace results that are there (default: refuse)"
    )
    arguments.add_argument(
        "--max-pixels",
        type=positive_int,
        default=400_000_000,
        metavar="N",
        help="refuse larger pictures before they are decoded (default: 400000000)",
    )
    arguments.add_argument(
        "--list-styles", action="store_true", help="show the styles that can be found, and leave"
    )
    return arguments


def stylize(arguments: argparse.Namespace) -> None:
    """Does what the arguments say.

    Raises:
        AdaptiveStyleError: for whatever the user can put right.
    """
    if arguments.list_styles:
        print_styles()
        return
    if not arguments.inputs:
        raise UsageError("no picture given; name at least one INPUT, or see --help.")

    # The cheap checks come first: nobody shall wait for TensorFlow to learn of a typing error.
    from adaptive_style_tf.styles import find_style

    style = find_style(arguments.style)
    jobs = plan_jobs(arguments.inputs, arguments.output, style.description.artist)
    refuse_impossible(jobs, arguments.overwrite)

    from adaptive_style_tf.inference.stylizer import Stylizer

    print(f"Style: {style.folder} ({style.description.step} steps)", file=sys.stderr)
    run_jobs(Stylizer.load(style), jobs, arguments.overwrite, arguments.max_pixels)


def plan_jobs(inputs: Sequence[Path], output: Path, artist: str) -> list[Job]:
    """Says which file each result becomes.

    Args:
        inputs: photographs.
        output: a file or a folder, see `--output`.
        artist: slug that goes into the names of files in a folder.

    Raises:
        UsageError: two results would have the same name.
    """
    from adaptive_style_tf.images.encoding import can_write

    if len(inputs) == 1 and can_write(output) and not output.is_dir():
        return [Job(inputs[0], output)]
    jobs = []
    for photograph in inputs:
        suffix = photograph.suffix if can_write(photograph) else ".png"
        jobs.append(Job(photograph, output / f"{photograph.stem}_stylized_{artist}{suffix}"))
    target, count = Counter(job.target for job in jobs).most_common(1)[0]
    if count > 1:
        names = ", ".join(str(job.photograph) for job in jobs if job.target == target)
        raise UsageError(f"{names} would all become {target}; stylize them into several folders.")
    return jobs


def refuse_impossible(jobs: Sequence[Job], overwrite: bool) -> None:
    """Finds what cannot end well before any work is done.

    Raises:
        UsageError: a result would replace a photograph.
        DataError: a photograph is missing, or a result is there already.
    """
    for job in jobs:
        if job.photograph.is_dir():
            raise UsageError(
                f"{job.photograph} is a folder; name its pictures, as in FOLDER/*.jpg."
            )
        if not job.photograph.exists():
            raise PictureError(f"{job.photograph} does not exist; check the path.")
    photographs = {job.photograph.resolve() for job in jobs}
    for job in jobs:
        if job.target.resolve() in photographs:
            raise UsageError(f"{job.target} is a photograph itself; choose another --output.")
        if job.target.exists() and not overwrite:
            raise PictureError(
                f"{job.target} exists already; choose another --output or pass --overwrite."
            )


def run_jobs(stylizer: "Stylizer", jobs: Sequence[Job], overwrite: bool, max_pixels: int) -> None:
    """Stylizes one photograph after the other; one that cannot be done does not stop the rest.

    Raises:
        AdaptiveStyleError: why the only photograph could not be stylized.
        DataError: some of several could not.
    """
    failures = 0
    said_thin = False
    with Progress(len(jobs), "stylizing", "picture") as progress:
        for job in jobs:
            try:
                height, width = run_job(stylizer, job, overwrite, max_pixels)
            except AdaptiveStyleError as error:
                if len(jobs) == 1:
                    raise
                failures += 1
                progress.say(f"Skipped: {error}")
            else:
                print(job.target, flush=True)
                if not said_thin and (note := size_note(job.photograph, height, width)):
                    progress.say(note)
                    said_thin = True
            progress.advance()
    if failures:
        raise DataError(
            f"{failures} of {len(jobs)} pictures could not be stylized; the lines above say why."
        )


def run_job(stylizer: "Stylizer", job: Job, overwrite: bool, max_pixels: int) -> tuple[int, int]:
    """Stylizes one photograph and gives its height and width in pixels."""
    from adaptive_style_tf.images.decoding import read_picture
    from adaptive_style_tf.images.encoding import write_picture

    photograph = read_picture(job.photograph, max_pixels)
    write_picture(job.target, stylizer.image(photograph), overwrite=overwrite)
    return photograph.shape[0], photograph.shape[1]


def size_note(photograph: Path, height: int, width: int) -> str:
    """What to know about a picture much larger than the paintings, else nothing."""
    from adaptive_style_tf.inference.sizes import strokes_come_out_thin

    if not strokes_come_out_thin(height, width):
        return ""
    return (
        f"Note: {photograph} has {width} x {height} pixels. The strokes were learned on smaller "
        "pictures and come out thin; for bolder ones scale it to a short side of 1280 pixels first."
    )


def print_styles() -> None:
    """Prints a line for every style that a name can mean."""
    from adaptive_style_tf.styles import list_styles

    styles = list_styles()
    if not styles:
        print("No style yet: train one (python -m adaptive_style_tf.train --help).")
    for style in styles:
        print(f"{style.name}\t{style.folder}")


if __name__ == "__main__":
    sys.exit(main())
