"""The options of the command `stylize`, in groups."""

import argparse
from pathlib import Path

from adaptive_style_tf.artists import DEFAULT_ARTIST
from adaptive_style_tf.cli.arguments import (
    any_path,
    non_negative_float,
    non_negative_int,
    percentage,
    positive_float,
    positive_int,
    share,
    weights_by_name,
)

DEFAULT_OUTPUT = Path("stylized")
FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "tif": "TIFF", "bmp": "BMP", "gif": "GIF"}


def add_styles(arguments: argparse.ArgumentParser) -> None:
    """Which styles."""
    group = arguments.add_argument_group("styles")
    which = group.add_mutually_exclusive_group()
    which.add_argument(
        "--style",
        action="append",
        dest="styles",
        metavar="S",
        help="name or folder of a trained style; may be repeated, each gives a result of its own "
        f"(default: {DEFAULT_ARTIST})",
    )
    which.add_argument(
        "--mix",
        type=weights_by_name,
        metavar="S=W,S=W",
        help="blend the results of several styles, as in cezanne=0.7,monet=0.3; only the ratios "
        "of the weights count",
    )
    group.add_argument(
        "--list-styles", action="store_true", help="show the styles that can be found, and leave"
    )


def add_output(arguments: argparse.ArgumentParser) -> None:
    """Where results go, in which format, and what may be replaced."""
    group = arguments.add_argument_group("files")
    group.add_argument(
        "--output",
        type=any_path,
        metavar="PATH",
        help="a file, if one file is given and PATH ends in a picture's or video's suffix; "
        "otherwise a folder, made if missing, for NAME_stylized.SUFFIX; - is standard output "
        f"(default: {DEFAULT_OUTPUT}, for the input - standard output)",
    )
    group.add_argument(
        "--recursive",
        action="store_true",
        help="search folders inside folders too; the output mirrors them (default: off)",
    )
    group.add_argument(
        "--name-style",
        action="store_true",
        help="name results NAME_stylized_STYLE.SUFFIX even with one style (default: with several)",
    )
    there = group.add_mutually_exclusive_group()
    there.add_argument(
        "--overwrite", action="store_true", help="replace results that are there (default: refuse)"
    )
    there.add_argument(
        "--skip-existing",
        action="store_true",
        help="make only results that are not there (default: refuse)",
    )
    group.add_argument(
        "--format", choices=FORMATS, help="format of resulting pictures (default: the input's)"
    )
    group.add_argument(
        "--quality",
        type=percentage,
        default=95,
        metavar="N",
        help="of JPEG and WebP, 1 to 100 (default: 95)",
    )
    group.add_argument(
        "--sheet",
        type=any_path,
        metavar="FILE",
        help="also write a contact sheet: inputs by styles, the first 100",
    )
    group.add_argument(
        "--max-pixels",
        type=positive_int,
        default=400_000_000,
        metavar="N",
        help="refuse larger pictures before they are decoded (default: 400000000)",
    )
    group.add_argument(
        "--json",
        action="store_true",
        help="print what was done, skipped and failed as JSON instead of paths (default: off)",
    )


def add_looks(arguments: argparse.ArgumentParser) -> None:
    """What is done around a style."""
    group = arguments.add_argument_group("looks")
    group.add_argument(
        "--strength",
        type=share,
        default=1.0,
        metavar="X",
        help="from 0, the photograph, to 1, the style (default: 1)",
    )
    group.add_argument(
        "--preserve-color",
        action="store_true",
        help="take lightness from the style and color from the photograph (default: off)",
    )
    group.add_argument(
        "--image-size",
        type=positive_int,
        metavar="S",
        help="scale the short side to S pixels before stylizing; smaller means bolder strokes, the "
        "2018 release advised 1280 (default: the photograph's own size)",
    )
    group.add_argument(
        "--restore-size",
        action="store_true",
        help="with --image-size: scale the result back to the photograph's size (default: off)",
    )


def add_video(arguments: argparse.ArgumentParser) -> None:
    """What may be chosen for videos."""
    group = arguments.add_argument_group("videos (pip install 'adaptive-style-tf[video]')")
    group.add_argument(
        "--start",
        type=non_negative_float,
        default=0.0,
        metavar="T",
        help="where to begin, in seconds (default: 0)",
    )
    group.add_argument(
        "--duration",
        type=positive_float,
        metavar="T",
        help="how much to take from there, in seconds (default: all)",
    )
    group.add_argument(
        "--codec",
        metavar="C",
        help="FFmpeg's name of an encoder, such as libx265 (default: libx264, in .webm VP9)",
    )
    group.add_argument(
        "--crf",
        type=non_negative_int,
        metavar="N",
        help="constant rate factor, 0 to 63, lower is better and larger (default: 18 for H.264)",
    )
    group.add_argument(
        "--frame-rate",
        type=positive_float,
        default=25.0,
        metavar="R",
        help="pictures per second of a picture sequence that becomes a video, 0.001 to 1000 "
        "(default: 25)",
    )
    group.add_argument(
        "--temporal",
        action="store_true",
        help="hold the last statistics steady and carry results along with the motion, against "
        "flicker (default: off, as in the paper)",
    )
