"""Sends pictures to a model server and writes what comes back.

python -m adaptive_style_tf.client --url http://localhost:8501 photo.jpg
"""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from adaptive_style_tf.cli.arguments import any_path, positive_float
from adaptive_style_tf.cli.doors import door_parser, run_door
from adaptive_style_tf.errors import PictureError, ServerError, UsageError
from adaptive_style_tf.serving.clients import MODEL, TIMEOUT, sender

# The result's format and the signature that gives it.
SIGNATURES = {"jpg": "stylize_encoded", "png": "stylize_encoded_png"}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = door_parser(
        "client",
        "Send pictures to a server that runs an exported style (see the export command), and write "
        "the results beside them. EXIF orientation is applied before they are sent.",
        examples=(
            "--url http://localhost:8501 photo.jpg",
            "--url grpc://localhost:8500 --model cezanne *.jpg --output stylized",
        ),
    )
    parser.add_argument("pictures", nargs="+", type=any_path, metavar="PICTURE")
    parser.add_argument(
        "--url",
        required=True,
        help="http://HOST:PORT or https://HOST:PORT for REST, grpc://HOST:PORT for gRPC",
    )
    parser.add_argument("--model", default=MODEL, help=f"its name on the server (default {MODEL})")
    parser.add_argument(
        "--output", type=any_path, metavar="FOLDER", help="(default: beside each picture)"
    )
    parser.add_argument(
        "--format", choices=tuple(SIGNATURES), default="jpg", help="of the results (default jpg)"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace results that are there (default: refuse)"
    )
    parser.add_argument(
        "--timeout",
        type=positive_float,
        default=TIMEOUT,
        metavar="SECONDS",
        help=f"for one answer (default {TIMEOUT:.0f})",
    )
    return run_door(parser, _send, argv)


def _send(arguments: argparse.Namespace) -> None:
    send = sender(arguments.url, arguments.model, SIGNATURES[arguments.format], arguments.timeout)
    targets = {
        source: (arguments.output or source.parent) / f"{source.stem}_stylized.{arguments.format}"
        for source in arguments.pictures
    }
    if len({*targets.values()}) < len(arguments.pictures):
        raise UsageError("two pictures would get the same result: send them one by one")
    try:
        _refuse_targets(targets, arguments.overwrite)
    except PermissionError as error:
        raise UsageError(f"--output cannot be looked into ({error}): choose another") from error

    from adaptive_style_tf.images.encoding import refuse_existing, renamed_when_complete

    for source, target in targets.items():
        refuse = partial(refuse_existing, target, arguments.overwrite)
        try:
            answer = send(upright(source))
        except ServerError as error:
            raise ServerError(f"{source}: {error}") from error
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with renamed_when_complete(target, refuse) as fresh:
                fresh.write_bytes(answer)
        except OSError as error:
            raise PictureError(f"{target} cannot be written ({error})") from error
        print(target)


def _refuse_targets(targets: Mapping[Path, Path], overwrite: bool) -> None:
    """Finds what cannot be written, and what would be lost, before anything is sent."""
    sources = {os.path.realpath(source) for source in targets}
    for target in targets.values():
        if os.path.realpath(target) in sources:
            raise UsageError(f"{target} is one of the pictures themselves: choose another --output")
        if target.is_dir():
            raise UsageError(f"{target} is a folder: choose another --output")
        if os.path.lexists(target) and not overwrite:
            raise UsageError(f"{target} exists: choose another --output, or add --overwrite")
        folder = next(parent for parent in target.parents if parent.exists())
        if not (folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)):
            raise UsageError(
                f"{folder} is no folder that can be written to: choose another --output"
            )


def upright(source: Path) -> bytes:
    """The picture as a PNG whose pixels are the right way up, 8-bit sRGB without opacity.

    Raises:
        PictureError: it cannot be read.
    """
    import io

    from PIL import Image

    from adaptive_style_tf.images.decoding import read_picture

    buffer = io.BytesIO()
    Image.fromarray(read_picture(source)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


if __name__ == "__main__":
    sys.exit(main())
