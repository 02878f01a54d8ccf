"""One picture through standard input and output."""

from pathlib import Path
from typing import IO

from adaptive_style_tf.errors import UsageError
from adaptive_style_tf.images.decoding import read_whole_picture
from adaptive_style_tf.images.encoding import (
    encode_picture,
    format_of_suffix,
    refuse_existing,
    write_whole_picture,
)
from adaptive_style_tf.images.opening import name_of
from adaptive_style_tf.inference.batch.advice import Advice
from adaptive_style_tf.inference.batch.batch import Request, load_styles, open_styles
from adaptive_style_tf.inference.batch.plan import Existing, is_output_file
from adaptive_style_tf.inference.batch.run import Say
from adaptive_style_tf.inference.pictures import refuse_enlarged, stylized_picture

STREAM = Path("-")


def run_stream(request: Request, standard_in: IO[bytes], standard_out: IO[bytes], say: Say) -> None:
    """Stylizes one picture of which the input, the output, or both are `-`.

    Args:
        request: with one input and one style or mix.
        standard_in: read to its end where the input is `-`.
        standard_out: takes the result's content where the output is `-`.
        say: takes notes for the user.

    Raises:
        AdaptiveStyleError: for whatever the user can put right.
    """
    target = None if request.output == STREAM else request.output
    _refuse_impossible(request, target, standard_out)
    styles = open_styles(request)
    (source,) = request.inputs
    content = standard_in.read() if source == STREAM else source
    picture = read_whole_picture(content, request.writing.max_pixels)
    refuse_enlarged(name_of(content), picture, request.look, request.writing.max_pixels)
    for line in Advice(request.look).lines(name_of(content), picture.height, picture.width):
        say(line)
    (stylize,) = load_styles(request, styles).values()
    stylized = stylized_picture(picture, stylize, request.look)
    quality = request.writing.quality
    if target is None:
        standard_out.write(encode_picture(stylized, request.format_name or picture.format, quality))
        standard_out.flush()
    else:
        replaces = request.existing is Existing.REPLACE
        write_whole_picture(target, stylized, overwrite=replaces, quality=quality)


def _refuse_impossible(request: Request, target: Path | None, standard_out: IO[bytes]) -> None:
    if len(request.inputs) > 1:
        raise UsageError("- stands for one picture; give no other INPUT beside it.")
    if len(request.styles) > 1 and not request.mix:
        raise UsageError("- takes one --style, or a --mix; give one result's worth.")
    if request.for_videos:
        raise UsageError("- stands for one picture; leave out the options for videos.")
    if request.sheet is not None:
        raise UsageError("--sheet needs files to show; leave it out, or give a file for -.")
    if request.existing is Existing.SKIP:
        raise UsageError("--skip-existing needs files; leave it out, or give a file for -.")
    if target is None:
        if standard_out.isatty():
            raise UsageError(
                "Standard output is a terminal; send the picture to a file or a program."
            )
        return
    if not is_output_file(target) or format_of_suffix(target) is None:
        raise UsageError(
            f"{target} is no picture's name, and standard input gives none; let --output be a "
            "file such as result.jpg, or -."
        )
    if request.format_name not in (None, format_of_suffix(target)):
        raise UsageError(
            f"{target} is the name of a {format_of_suffix(target)} file, but --format says "
            f"{request.format_name}; leave out one of them."
        )
    refuse_existing(target, request.existing is Existing.REPLACE)
