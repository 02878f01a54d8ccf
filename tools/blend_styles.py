"""Blend the weights of two styles, of which one was trained from the other.

    python tools/blend_styles.py runs/warm/style runs/monet/style --share 0.75 --output blended

What the discriminator teaches in a short training comes with ringing and texture of one wavelength;
the style it began from has neither. Networks on the straight line between the two give results
nearly between theirs: a share of 0.75 keeps three quarters of what was learned. Source: Wang et al.
2018, ESRGAN, section 3.4, "Network Interpolation", https://arxiv.org/abs/1809.00219.
"""

import argparse
import dataclasses
import sys
from collections.abc import Sequence
from pathlib import Path

from ship_style import hours_of, trained_here

from adaptive_style_tf.cli.arguments import any_path, share
from adaptive_style_tf.cli.doors import DoorFormatter, run_door
from adaptive_style_tf.errors import StyleError, UsageError


def build_parser() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(
        prog="python tools/blend_styles.py", description=__doc__, formatter_class=DoorFormatter
    )
    add = parser.add_argument
    add("start", type=any_path, metavar="START", help="folder of the style it began from")
    add("trained", type=any_path, metavar="TRAINED", help="folder of the trained style")
    add(
        "--share",
        type=share,
        default=0.75,
        metavar="0..1",
        help="of the trained style's weights in the result (default 0.75)",
    )
    add("--output", type=any_path, required=True, metavar="FOLDER", help="the style to write")
    add("--debug", action="store_true", help="show the traceback of an error (default: off)")
    return parser


def blend(arguments: argparse.Namespace) -> None:
    """Does what the arguments say.

    Raises:
        StyleError: a style is damaged, or the two have other widths, grain or origins.
        UsageError: the output is there already.
    """
    from adaptive_style_tf.styles import read_style, write_style

    output: Path = arguments.output
    if output.exists():
        raise UsageError(f"{output} exists: choose another --output.")
    start, trained = read_style(arguments.start), read_style(arguments.trained)
    for style in (start, trained):
        if not trained_here(style.description):
            raise StyleError(
                f"{style.folder} is {style.description.source}: styles trained with this package "
                "are blended."
            )
    if start.description.ngf != trained.description.ngf:
        raise StyleError(
            f"{start.folder} has the width ngf {start.description.ngf} and {trained.folder} "
            f"{trained.description.ngf}: only networks of one width are blended."
        )
    if start.description.grain != trained.description.grain:
        raise StyleError(
            f"{start.folder} was trained with --grain {start.description.grain:g} and "
            f"{trained.folder} with {trained.description.grain:g}: one result cannot have both."
        )
    kept = arguments.share
    first, second = start.generator_weights(), trained.generator_weights()
    described = dataclasses.replace(
        trained.description,
        ndf=None,
        hours=hours_of(trained),  # a blend lies in no run whose logs would tell
        source=f"trained; {kept:.0%} of these weights and {1 - kept:.0%} of those it started from",
    )
    weights = {name: (1 - kept) * first[name] + kept * second[name] for name in second}
    print(f"wrote {write_style(output, described, weights).folder}")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and gives its exit code."""
    return run_door(build_parser(), blend, argv)


if __name__ == "__main__":
    sys.exit(main())
