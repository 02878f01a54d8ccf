"""Writes a style as a model for servers and other runtimes.

python -m adaptive_style_tf.export --style cezanne --output serving/cezanne
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from adaptive_style_tf.cli.arguments import any_path, percentage, picture_size, positive_int
from adaptive_style_tf.cli.doors import door_parser, run_door
from adaptive_style_tf.errors import UsageError
from adaptive_style_tf.inference.sizes import SMALLEST_SIDE

STYLE = "paul-cezanne"
SAVED_MODEL = "savedmodel"
FORMATS = (SAVED_MODEL, "onnx", "tflite", "keras")
# Which options each format understands, by their names in the parsed arguments.
OPTIONS_OF = {
    SAVED_MODEL: ("model_version", "quality", "max_pixels", "no_warm_up"),
    "onnx": (),
    "tflite": ("size", "half"),
    "keras": (),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = door_parser(
        "export",
        "Write a style as a SavedModel that TensorFlow Serving runs, or as ONNX, TFLite or Keras "
        "file. Pictures of any size go in, and results have the size of the picture.",
        examples=(
            "--style cezanne --output serving/cezanne",
            "--style cezanne --output cezanne.onnx --format onnx",
            "--style cezanne --output cezanne.tflite --format tflite --half",
            "--inspect serving/cezanne",
        ),
    )
    # Defaults are filled in later, so that options given beside --inspect are seen.
    parser.add_argument("--style", metavar="NAME|PATH", help=f"the style (default {STYLE})")
    parser.add_argument(
        "--output",
        type=any_path,
        metavar="PATH",
        help="folder of the model's versions, or the file of another format",
    )
    parser.add_argument("--format", choices=FORMATS, help=f"(default {SAVED_MODEL})")
    parser.add_argument(
        "--inspect",
        type=any_path,
        metavar="DIR",
        help="say what an exported SavedModel is, and export nothing",
    )
    served = parser.add_argument_group(SAVED_MODEL)
    served.add_argument(
        "--model-version",
        type=positive_int,
        metavar="N",
        help="folder <output>/N (default: the next free one)",
    )
    served.add_argument(
        "--quality", type=percentage, metavar="1..100", help="of JPEG results (default 95)"
    )
    served.add_argument(
        "--max-pixels",
        type=positive_int,
        metavar="N",
        help="larger pictures, their sides extended to multiples of 16, fail their request "
        "(from 64 x 64; default 4096 x 4096)",
    )
    served.add_argument(
        "--no-warm-up",
        action="store_true",
        help="leave out the requests for the server to begin with (default: write them)",
    )
    lite = parser.add_argument_group("tflite")
    lite.add_argument(
        "--size",
        type=picture_size,
        metavar="WxH",
        help="fixed size of the input in pixels (default: resizable)",
    )
    lite.add_argument(
        "--half", action="store_true", help="store weights in float16 (default: float32)"
    )
    return run_door(parser, _export, argv)


def _export(arguments: argparse.Namespace) -> None:
    if arguments.inspect is not None:
        _refuse_beside_inspect(arguments)
        from adaptive_style_tf.serving.inspection import inspected

        print(inspected(arguments.inspect))
        return
    if arguments.output is None:
        raise UsageError("--output is needed: a folder for a SavedModel, a file for other formats")
    kind = arguments.format or SAVED_MODEL
    _refuse_options_of_others(arguments, kind)

    from adaptive_style_tf.styles import find_style

    style = find_style(arguments.style or STYLE)
    print(f"exporting {style.description.name} from {style.folder}", flush=True)
    if kind == SAVED_MODEL:
        from adaptive_style_tf.serving.saved_model import MAX_PIXELS, QUALITY, export_saved_model

        written = export_saved_model(
            style,
            arguments.output,
            arguments.model_version,
            quality=arguments.quality or QUALITY,
            max_pixels=arguments.max_pixels or MAX_PIXELS,
            warm_up=not arguments.no_warm_up,
        )
    else:
        written = arguments.output
        from adaptive_style_tf.serving import formats

        if kind == "onnx":
            formats.export_onnx(style, written)
        elif kind == "tflite":
            formats.export_tflite(style, written, arguments.size, arguments.half)
        else:
            formats.export_keras(style, written)
    print(f"wrote {written} ({_megabytes(written):.1f} MB)")


def _refuse_beside_inspect(arguments: argparse.Namespace) -> None:
    for option in (
        "output",
        "style",
        "format",
        *(name for names in OPTIONS_OF.values() for name in names),
    ):
        if getattr(arguments, option):
            raise UsageError(f"--inspect exports nothing: leave out {_written(option)}")


def _refuse_options_of_others(arguments: argparse.Namespace, wanted: str) -> None:
    for kind, options in OPTIONS_OF.items():
        for option in options:
            if kind != wanted and getattr(arguments, option):
                raise UsageError(f"{_written(option)} belongs to --format {kind}")
    if arguments.max_pixels is not None and arguments.max_pixels < SMALLEST_SIDE**2:
        raise UsageError(
            f"--max-pixels must be at least {SMALLEST_SIDE**2} ({SMALLEST_SIDE} x {SMALLEST_SIDE}, "
            f"what the smallest picture is extended to). Received: {arguments.max_pixels}"
        )
    suffix = arguments.output.suffix
    if wanted != SAVED_MODEL and suffix != f".{wanted}":
        raise UsageError(f"--output must end in .{wanted}. Received: {arguments.output}")
    if wanted == SAVED_MODEL and suffix.removeprefix(".") in OPTIONS_OF.keys() - {SAVED_MODEL}:
        raise UsageError(
            f"--output is the name of a file: add --format {suffix.removeprefix('.')}, or name a "
            f"folder. Received: {arguments.output}"
        )


def _written(option: str) -> str:
    """An option as it is typed, from its name in the parsed arguments."""
    return f"--{option.replace('_', '-')}"


def _megabytes(path: Path) -> float:
    files = [path] if path.is_file() else [part for part in path.rglob("*") if part.is_file()]
    return sum(part.stat().st_size for part in files) / 1e6


if __name__ == "__main__":
    sys.exit(main())
