"""Make a trained style part of the repository: weights in float16, model card, sample pictures.

    python tools/ship_style.py runs/paul-cezanne --notes notes.md

It writes `checkpoints/<name>/` and tells Git about it. The notes are Markdown with the parts
"## Known weaknesses" and, where a style is replaced, "## What changed"; further parts are taken
over as they are.
"""

import argparse
import dataclasses
import datetime
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adaptive_style_tf.cli.arguments import any_path, positive_float
from adaptive_style_tf.cli.doors import DoorFormatter, run_door
from adaptive_style_tf.errors import StyleError, UsageError

if TYPE_CHECKING:
    from adaptive_style_tf.styles import Style, StyleDescription

REPOSITORY = Path(__file__).resolve().parents[1]
LICENSE = "Apache-2.0"
CARD = "README.md"
DISCRIMINATOR_BYTES = 15_000_000  # in float16


def build_parser() -> argparse.ArgumentParser:
    """The options."""
    parser = argparse.ArgumentParser(
        prog="python tools/ship_style.py", description=__doc__, formatter_class=DoorFormatter
    )
    add = parser.add_argument
    add("style", type=any_path, metavar="RUN_OR_STYLE_FOLDER", help="what to ship")
    add("--name", help="of the shipped style (default: the style's artist)")
    add("--notes", type=any_path, help="what the maintainer says, see above")
    add(
        "--photographs",
        nargs="+",
        type=any_path,
        metavar="FILE",
        help="for the samples, not trained on and free to ship; the notes then need a part "
        '"## Photographs" that names author, source and terms (default: the demo\'s)',
    )
    add(
        "--with-discriminator",
        action="store_true",
        help="ship it too, so that training can go on from the style (default: no)",
    )
    add(
        "--hours",
        type=positive_float,
        help="of training (default: as style.json or the run's logs tell)",
    )
    add("--replace", action="store_true", help="even a style with more steps (default: refuse)")
    add(
        "--output",
        type=any_path,
        default=REPOSITORY / "checkpoints",
        metavar="FOLDER",
        help="where shipped styles lie (default: checkpoints/ of this repository)",
    )
    add("--debug", action="store_true", help="show the traceback of an error (default: off)")
    return parser


def ship(arguments: argparse.Namespace) -> None:
    """Does what the arguments say.

    Raises:
        AdaptiveStyleError: the style cannot be shipped, or a file not be read or written; what was
            there is untouched then.
    """
    from model_card import CHANGES, PHOTOGRAPHS, WEAKNESSES, model_card, notes_from
    from painters import painter_in_public_domain
    from style_samples import write_samples

    from adaptive_style_tf.artists import canonical
    from adaptive_style_tf.demo import demo_photographs
    from adaptive_style_tf.styles import read_style, write_style
    from adaptive_style_tf.styles.replacing import folder_in_place_of

    style = trained_style(arguments.style)
    slug = canonical(arguments.name or style.description.artist)
    painter = painter_in_public_domain(slug, datetime.datetime.now(datetime.UTC).year)
    target: Path = arguments.output / slug
    previous = read_style(target).description if target.exists() else None
    if previous and previous.step > style.description.step and not arguments.replace:
        raise UsageError(
            f"{target} has {previous.step} steps and {style.folder} only {style.description.step}; "
            "add --replace if it is better all the same."
        )
    required = [WEAKNESSES]
    required += [CHANGES] if previous else []
    required += [PHOTOGRAPHS] if arguments.photographs else []
    notes = notes_from(text_of(arguments.notes), required)
    discriminator = discriminator_of(style) if arguments.with_discriminator else None
    hours = arguments.hours or hours_of(style)
    described = shipped_description(style.description, slug, painter.name, hours, discriminator)

    with folder_in_place_of(target) as fresh:
        shipped = write_style(fresh, described, style.generator_weights(), discriminator, half=True)
        paths = arguments.photographs or demo_photographs()
        samples = write_samples(style, shipped, paths, fresh)
        sizes = {name: (fresh / name).stat().st_size for name in shipped.description.files}
        card = model_card(
            slug,
            shipped.description,
            painter=painter,
            samples=samples,
            sizes=sizes,
            notes=notes,
            previous=previous,
        )
        (fresh / CARD).write_text(card, encoding="utf-8")
    tell_git(target)
    for path in sorted(path for path in target.rglob("*") if path.is_file()):
        print(f"{path}  {path.stat().st_size / 1e6:.2f} MB")


def trained_style(path: Path) -> "Style":
    """Opens a style, or the one of a run.

    Raises:
        StyleError: there is none, or it was not trained here, so that its terms are not ours to
            set.
    """
    from adaptive_style_tf.styles import DESCRIPTION_FILE, read_style

    in_a_run = path / "style"
    style = read_style(in_a_run if (in_a_run / DESCRIPTION_FILE).is_file() else path)
    if not trained_here(style.description):
        raise StyleError(
            f"{style.folder} is {style.description.source}: under what terms it may be shipped is "
            "not ours to say, so ship one that was trained with this package."
        )
    return style


def trained_here(description: "StyleDescription") -> bool:
    """Whether its weights are ours: trained, or blended of such."""
    return description.source.split(";")[0] == "trained"


def text_of(notes: Path | None) -> str:
    """What the notes say; nothing if there are none.

    Raises:
        UsageError: the file cannot be read.
    """
    if notes is None:
        return ""
    try:
        return notes.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{notes} cannot be read ({error}); check the path.") from error


def hours_of(style: "Style") -> float | None:
    """The hours of training, as the style says, else as its run's logs tell."""
    from training_time import hours_of_run

    return style.description.hours or hours_of_run(style.folder.resolve().parent)


def discriminator_of(style: "Style") -> dict[str, Any]:
    """The discriminator that was trained with a style: its own, or of its run's checkpoint.

    Raises:
        UsageError: there is none, or it is too large or of a kind that styles do not hold.
        StyleError, CheckpointError: it is damaged.
    """
    import numpy as np

    kind = style.description.settings.get("discriminator", "release")
    if kind != "release":
        raise UsageError(
            f"{style.folder} was trained with --discriminator {kind}, and styles hold none "
            "but the release's; leave --with-discriminator out."
        )
    weights = style.discriminator_weights() or discriminator_of_run(style)
    size = 2 * sum(int(np.prod(array.shape)) for array in weights.values())
    if size >= DISCRIMINATOR_BYTES:
        raise UsageError(
            f"The discriminator of {style.folder} takes {size / 1e6:.1f} MB in float16, and the "
            f"limit is {DISCRIMINATOR_BYTES / 1e6:.0f} MB; leave --with-discriminator out."
        )
    return weights


def discriminator_of_run(style: "Style") -> dict[str, Any]:
    """The discriminator in the run's checkpoint of the style's step, else in the newest one.

    Raises:
        UsageError: the style lies in no run, or the run has no checkpoint.
    """
    from adaptive_style_tf.training.checkpoints import CheckpointFolder

    folder = CheckpointFolder(style.folder.resolve().parent / "checkpoints")
    step = style.description.step
    if step in folder.steps():
        checkpoint = folder.load(step)
    else:
        newest = folder.load_newest(lambda warning: print(warning, file=sys.stderr))
        if newest is None:
            raise UsageError(
                f"{style.folder} has no discriminator and lies in no run with checkpoints; "
                "leave --with-discriminator out."
            )
        checkpoint = newest
        print(
            f"Note: there is no checkpoint of step {step}; the discriminator is that of step "
            f"{checkpoint.step}.",
            file=sys.stderr,
        )
    prefix = "discriminator/"
    return {
        name.removeprefix(prefix): array
        for name, array in checkpoint.tensors.items()
        if name.startswith(prefix)
    }


def shipped_description(
    trained: "StyleDescription",
    slug: str,
    name: str,
    hours: float | None,
    discriminator: Mapping[str, Any] | None,
) -> "StyleDescription":
    """What `style.json` says of the shipped style: nothing of the trainer's folders.

    Args:
        trained: what it says in the run.
        slug: the style's name in the package.
        name: the painter's, for people.
        hours: of training.
        discriminator: what is shipped of it.
    """
    settings = {key: without_folders(value) for key, value in trained.settings.items()}
    ndf = None if discriminator is None else trained.ndf or settings["ndf"]
    return dataclasses.replace(
        trained,
        name=name,
        artist=slug,
        ndf=ndf,
        settings=settings,
        data={key: without_folders(value) for key, value in trained.data.items()},
        hours=None if hours is None else round(hours, 2),
        license=LICENSE,
    )


def without_folders(value: Any) -> Any:
    """Keeps of a path what it says: `~/runs/warm/style` becomes `warm`, other values stay."""
    if not isinstance(value, str):
        return value
    names = [name for name in re.split(r"[/\\]", value) if name not in ("", ".", "style")]
    return names[-1] if names else value


def tell_git(target: Path) -> None:
    """Excepts the style from `.gitignore`, which leaves out everything else beside it."""
    ignored = target.parent.parent / ".gitignore"
    everything, this = f"/{target.parent.name}/*", f"!/{target.parent.name}/{target.name}/"
    if not ignored.is_file():
        return
    lines = ignored.read_text(encoding="utf-8").splitlines()
    if everything in lines and this not in lines:
        ignored.write_text("\n".join([*lines, this]) + "\n", encoding="utf-8")


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command and gives its exit code."""
    return run_door(build_parser(), ship, argv)


if __name__ == "__main__":
    sys.exit(main())
