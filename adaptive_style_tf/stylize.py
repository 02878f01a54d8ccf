"""Stylizes photographs and videos: `python -m adaptive_style_tf.stylize photo.jpg`."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from adaptive_style_tf.artists import DEFAULT_ARTIST
from adaptive_style_tf.cli.arguments import any_path
from adaptive_style_tf.cli.batch_display import BatchDisplay
from adaptive_style_tf.cli.doors import door_parser, run_door
from adaptive_style_tf.cli.stylize_options import (
    DEFAULT_OUTPUT,
    FORMATS,
    add_looks,
    add_output,
    add_styles,
    add_video,
)
from adaptive_style_tf.errors import DataError, UsageError

if TYPE_CHECKING:
    from adaptive_style_tf.inference.batch.batch import Batch, Request
    from adaptive_style_tf.inference.batch.report import Outcome, Report

STREAM = Path("-")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and gives its exit code."""
    return run_door(parser(), stylize, argv)


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    arguments = door_parser(
        "stylize",
        "Give photographs and videos the style of an artist. Each result has the size of its "
        "input. What a file is, is told by its content.",
        [
            "photo.jpg",
            "photo.jpg --style vincent-van-gogh --output result.png",
            "holiday/ --recursive --style cezanne --style monet --sheet overview.jpg",
            "'holiday/**/*.jpg' --image-size 1280 --restore-size --skip-existing",
            "photo.jpg --mix cezanne=0.7,monet=0.3 --strength 0.8 --preserve-color",
            "clip.mp4 --start 10 --duration 5 --output result.mp4",
            "- --format png < photo.jpg > result.png",
            "--list-styles",
        ],
    )
    arguments.add_argument(
        "inputs",
        nargs="*",
        type=any_path,
        metavar="INPUT",
        help="pictures (JPEG, PNG, WebP, TIFF, BMP, GIF), videos, folders of them, patterns in "
        "quotes, picture sequences (frame_%%04d.png); - is standard input, for one picture",
    )
    add_styles(arguments)
    add_output(arguments)
    add_looks(arguments)
    add_video(arguments)
    return arguments


def stylize(arguments: argparse.Namespace) -> None:
    """Does what the arguments say.

    Raises:
        AdaptiveStyleError: for whatever the user can put right.
        KeyboardInterrupt: the user stopped it; what was done is there.
    """
    if arguments.list_styles:
        print_styles()
        return
    if not arguments.inputs:
        raise UsageError("no picture given; name at least one INPUT, or see --help.")
    request = request_of(arguments)
    if STREAM in (*request.inputs, request.output):
        from adaptive_style_tf.inference.batch.stream import run_stream

        if arguments.json:
            raise UsageError("--json and a picture on standard output exclude each other.")
        run_stream(request, sys.stdin.buffer, sys.stdout.buffer, say)
        return

    from adaptive_style_tf.inference.batch.batch import prepare

    batch = prepare(request)
    for style in batch.styles:
        say(f"Style: {style.folder} ({style.description.step} steps)")
    report = run_shown(batch, print_paths=not arguments.json)
    if arguments.json:
        print(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    conclude(report)


def request_of(arguments: argparse.Namespace) -> "Request":
    """The arguments as one value.

    Raises:
        UsageError: options that cannot be meant together.
    """
    from adaptive_style_tf.inference.batch.batch import Request
    from adaptive_style_tf.inference.batch.plan import Existing
    from adaptive_style_tf.inference.batch.run import Writing
    from adaptive_style_tf.inference.looks import Look
    from adaptive_style_tf.inference.video import VideoOptions

    existing = Existing.REFUSE
    if arguments.overwrite or arguments.skip_existing:
        existing = Existing.REPLACE if arguments.overwrite else Existing.SKIP
    output = STREAM if arguments.inputs == [STREAM] else DEFAULT_OUTPUT
    return Request(
        inputs=tuple(arguments.inputs),
        styles=tuple(arguments.styles or [DEFAULT_ARTIST]),
        mix=arguments.mix or {},
        output=arguments.output or output,
        recursive=arguments.recursive,
        name_style=arguments.name_style,
        format_name=FORMATS.get(arguments.format),
        existing=existing,
        look=Look(
            arguments.strength,
            arguments.preserve_color,
            arguments.image_size,
            arguments.restore_size,
        ),
        writing=Writing(quality=arguments.quality, max_pixels=arguments.max_pixels),
        sheet=arguments.sheet,
        video=VideoOptions(
            start=arguments.start,
            duration=arguments.duration,
            codec=arguments.codec,
            quality=arguments.crf,
            frame_rate=arguments.frame_rate,
        ),
        temporal=arguments.temporal,
    )


def run_shown(batch: "Batch", *, print_paths: bool) -> "Report":
    """Runs a batch with progress and notes on stderr, and the results' paths on stdout."""
    from adaptive_style_tf.inference.batch.batch import run

    total = sum(len(job.results) for job in batch.jobs)
    with BatchDisplay(total, sys.stdout if print_paths else None) as display:

        def tell(outcome: "Outcome") -> None:
            if outcome.state == "done":
                display.made(outcome.target)
            else:
                failed = outcome.state == "failed" and total > 1
                display.not_made(f"Failed: {outcome.reason}" if failed else "")

        return run(batch, tell=tell, say=display.say, frames=display.frames)


def conclude(report: "Report") -> None:
    """Says how it went.

    Raises:
        DataError: something failed.
        KeyboardInterrupt: the user stopped it.
    """
    failed = report.of("failed")
    if report.planned > 1:
        for line in report.summary():
            say(line)
    if report.interrupted:
        if report.planned == 1 and failed:
            say(failed[0].reason)
        raise KeyboardInterrupt
    if failed and report.planned == 1:
        raise DataError(failed[0].reason)
    if failed:
        raise DataError(f"{len(failed)} of {report.planned} results could not be made; see above.")


def say(text: str) -> None:
    """Prints a line beside the results."""
    print(text, file=sys.stderr, flush=True)


def print_styles() -> None:
    """Prints a table of the styles that a name can mean."""
    from adaptive_style_tf.styles import list_styles, style_table

    styles = list_styles()
    if not styles:
        print("No style yet: train one (python -m adaptive_style_tf.train --help).")
        return
    print("\n".join(style_table(styles)))


if __name__ == "__main__":
    sys.exit(main())
