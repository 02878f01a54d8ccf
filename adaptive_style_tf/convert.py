"""Makes a style folder of a checkpoint of the 2018 release.

python -m adaptive_style_tf.convert model_paul-cezanne_ckpt.tar.gz --output checkpoints/paul-cezanne
"""

import argparse
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from adaptive_style_tf import __version__
from adaptive_style_tf.cli.arguments import any_path
from adaptive_style_tf.cli.doors import door_parser, run_door
from adaptive_style_tf.errors import UsageError

if TYPE_CHECKING:
    from adaptive_style_tf.release import ReleaseCheckpoint
    from adaptive_style_tf.styles import StyleDescription

_MODEL = re.compile(r"model_(?P<artist>.+?)(?:_ckpt)?(?:_\d+\.ckpt-\d+)?(?:\.[a-z].*)?")

LICENSE = "as the converted checkpoint; the 2018 release is GPL-3.0"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command; returns its exit code."""
    parser = door_parser(
        "convert",
        "Make a style folder of a checkpoint of the 2018 release "
        "(CompVis/adaptive-style-transfer). Discriminator and optimizer are taken along where the "
        "checkpoint has them, so that training can go on from it.",
        examples=(
            "model_paul-cezanne_ckpt.tar.gz --output checkpoints/paul-cezanne",
            "models/model_monet/checkpoint_long/model_monet_300000.ckpt-300000 "
            "--output checkpoints/claude-monet --half",
        ),
    )
    parser.add_argument(
        "checkpoint",
        type=any_path,
        metavar="RELEASE_DIR_OR_PREFIX_OR_TAR",
        help="model folder, its checkpoint folder, a prefix without .index, or a .tar.gz of these",
    )
    parser.add_argument(
        "--output",
        type=any_path,
        required=True,
        metavar="STYLE_FOLDER",
        help="folder to write, such as checkpoints/paul-cezanne",
    )
    parser.add_argument(
        "--artist",
        metavar="SLUG",
        help="whose style it is, such as paul-cezanne or cezanne (default: read off the name)",
    )
    parser.add_argument(
        "--half",
        action="store_true",
        help="store the networks in float16, half the size (default: float32)",
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="take the place of a style that is there already (default: refuse)",
    )
    return run_door(parser, _convert, argv)


def guessed_artist(names: Iterable[str]) -> str:
    """Reads the artist off names that the release gives to models and their files, as a slug.

    `model_paul-cezanne_ckpt.tar.gz` and `model_cezanne_300000.ckpt-300000` both mean paul-cezanne.

    Args:
        names: Names of the checkpoint and of what it lies in. The first that is a known artist's
            counts, without any the first that the release could have given.

    Raises:
        UsageError: No name does.
    """
    from adaptive_style_tf.artists import KNOWN_ARTISTS, canonical

    matches = [match for name in names if (match := _MODEL.fullmatch(name))]
    artists = [canonical(match["artist"]) for match in matches]
    if not artists:
        raise UsageError("the checkpoint's name does not tell whose style it is: add --artist SLUG")
    return next((artist for artist in artists if artist in KNOWN_ARTISTS), artists[0])


def _convert(arguments: argparse.Namespace) -> None:
    from adaptive_style_tf.artists import canonical

    source: Path = arguments.checkpoint
    output: Path = arguments.output
    artist = canonical(arguments.artist) if arguments.artist else None
    if output.exists() and not arguments.overwrite and not _is_empty(output):
        raise UsageError(f"{output} exists: choose another --output, or add --overwrite")

    from adaptive_style_tf.release import read_release_checkpoint
    from adaptive_style_tf.styles import write_style

    checkpoint = read_release_checkpoint(source)
    if artist is None:
        parents = reversed(source.absolute().parent.parts)
        artist = guessed_artist((source.name, checkpoint.name, *parents))
    style = write_style(
        output,
        _description(checkpoint, artist),
        checkpoint.generator,
        checkpoint.discriminator,
        checkpoint.optimizer_arrays(),
        half=arguments.half,
    )
    print(f"found {checkpoint.name}: {artist}, step {checkpoint.step}")
    for line in _findings(checkpoint):
        print(f"  {line}")
    precision = "float16" if arguments.half else "float32"
    print(f"wrote {style.folder} ({', '.join(sorted(style.description.files))}; {precision})")


def _is_empty(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())


def _findings(checkpoint: "ReleaseCheckpoint") -> list[str]:
    discriminator = "none" if checkpoint.ndf is None else f"ndf {checkpoint.ndf}"
    updates = [
        f"{what} {adam.iterations} updates"
        for what, adam in (
            ("generator", checkpoint.generator_optimizer),
            ("discriminator", checkpoint.discriminator_optimizer),
        )
        if adam is not None
    ]
    return [
        f"generator: ngf {checkpoint.ngf}",
        f"discriminator: {discriminator}",
        f"Adam: {', '.join(updates) or 'none'}",
        *(f"note: {note}" for note in checkpoint.notes),
    ]


def _description(checkpoint: "ReleaseCheckpoint", artist: str) -> "StyleDescription":
    import datetime

    from adaptive_style_tf.styles import StyleDescription

    return StyleDescription(
        name=artist,
        artist=artist,
        ngf=checkpoint.ngf,
        ndf=checkpoint.ndf,
        step=checkpoint.step,
        settings={"preset": "release"},
        hardware="unknown, as the checkpoint does not tell",
        date=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        package_version=__version__,
        license=LICENSE,
        source=f"converted from {checkpoint.name} of the 2018 release",
    )


if __name__ == "__main__":
    sys.exit(main())
