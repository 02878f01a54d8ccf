"""Front door: train a style from a folder of paintings."""

import argparse
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from adaptive_style_tf.cli.arguments import (
    any_path,
    non_negative_float,
    non_negative_int,
    positive_float,
    positive_int,
    share,
    training_image_size,
)
from adaptive_style_tf.cli.doors import door_parser, run_door
from adaptive_style_tf.cli.progress import Progress
from adaptive_style_tf.errors import UsageError

if TYPE_CHECKING:
    from adaptive_style_tf.training.request import TrainingRequest

COMMAND = "python -m adaptive_style_tf.train"


def build_parser() -> argparse.ArgumentParser:
    """The options; a setting that is not given stays None and takes preset's or profile's value."""
    parser = door_parser(
        "train",
        "Train a style from paintings. Paintings are taken from --style-dir or "
        "<data-dir>/artists/<artist>, photographs from --content-dir or <data-dir>/photos. "
        "The same command again goes on where the run stopped. Options may be spelled with "
        "underscores, as in the 2018 release.",
        [
            "--artist cezanne",
            "--style-dir my_paintings --content-dir my_photos --profile cpu",
            "--artist cezanne --init-from runs/monet --total-steps 20000",
        ],
    )
    # Only whole names: `repeatable_command` must know --restart when it sees it.
    parser.allow_abbrev = False
    pictures = parser.add_argument_group("pictures")
    add = pictures.add_argument
    add("--artist", help="whose style; default: the name of --style-dir")
    add("--style-dir", "--ptad", type=any_path, help="folder of paintings")
    add("--content-dir", "--ptcd", type=any_path, help="folder of photographs")
    add("--data-dir", type=any_path, default=Path("data"), help="default: data")
    add(
        "--all-categories",
        action="store_true",
        default=None,
        help="of a Places365 tree, take every category (default: the scenes of the 2018 release)",
    )
    add("--image-size", type=training_image_size, help="side of the crops, px (default: 768)")
    add(
        "--style-scale",
        type=positive_float,
        help="scale at which paintings are cropped; below 1 strokes are finer (default: 1)",
    )
    add(
        "--photograph-scale",
        type=positive_float,
        help="scale at which photographs are cropped; below 1 a crop shows more (default: 1)",
    )
    add("--batch-size", type=positive_int, help="pictures in a step (default: 1)")
    add(
        "--scale-bug",
        action="store_true",
        default=None,
        help="scale crops by 0.8 only, as the 2018 release did (default: 0.8 to 1.2)",
    )
    add(
        "--stretch-small-crops",
        action="store_true",
        default=None,
        help="stretch crops of small pictures, as the 2018 release did (default: enlarge)",
    )
    add("--check-data", action="store_true", help="look at the pictures, report, and end")

    learning = parser.add_argument_group("learning")
    add = learning.add_argument
    add(
        "--preset",
        choices=("release", "paper"),
        default="release",
        help="the 2018 release's losses and settings, or the paper's (default: release)",
    )
    add(
        "--profile",
        choices=("release", "cpu"),
        default="release",
        help="settings for the size of the machine: the 2018 release's 768 px, or a short training "
        "at 256 px for a few processor cores; other options override it (default: release)",
    )
    add("--total-steps", type=positive_int, help="of both networks together (default: 300000)")
    add("--learning-rate", "--lr", type=positive_float, help="of both (default: 0.0002)")
    add(
        "--adam-beta1",
        type=share,
        help="share that Adam's mean of the gradients keeps at a step, of both, "
        "such as 0.5 (default: 0.9)",
    )
    add(
        "--lr-schedule",
        choices=("constant", "drop", "fade"),
        help="drop: a tenth for the last third; fade: from the middle on falling evenly to a "
        "tenth, for short trainings (default: constant; paper: drop)",
    )
    add(
        "--schedule",
        choices=("success", "alternate"),
        help="success: whom the discriminator's success calls for; alternate: a fixed ratio, "
        "better for short trainings (default: success)",
    )
    add(
        "--discriminator-steps",
        type=positive_int,
        help="for each generator step, where the schedule is alternate (default: 1)",
    )
    add(
        "--warm-start-steps",
        type=non_negative_int,
        help="steps in which the generator first learns to give pictures back, for short "
        "trainings, such as 2000 (default: 0)",
    )
    add(
        "--warm-start-rate",
        type=positive_float,
        help="learning rate of these steps; it falls to a tenth over their second half "
        "(default: 0.00025)",
    )
    add(
        "--discriminator-success-rate",
        "--dsr",
        type=share,
        help="share of trials that the discriminator wins (default: 0.8)",
    )
    add("--adversarial-weight", "--dlw", type=non_negative_float, help="default: 1; paper: 0.001")
    add("--content-weight", "--flw", type=non_negative_float, help="default: 100; paper: 1")
    add(
        "--image-weight",
        "--tlw",
        type=non_negative_float,
        help="of the transformed image loss (default: 100; paper: 1)",
    )
    add(
        "--content-loss",
        choices=("l1", "l2"),
        help="mean of sizes or of squares (default: l1; paper: l2)",
    )
    add(
        "--generator-adversarial",
        choices=("non_saturating", "saturating"),
        help="-log D or the paper's log(1 - D) (default: non_saturating; paper: saturating)",
    )
    add(
        "--photographs-are-negatives",
        action=argparse.BooleanOptionalAction,
        help="the discriminator sees untouched photographs too (default: yes; paper: no)",
    )
    add(
        "--diff-augment",
        metavar="POLICIES",
        help="change all that the discriminator sees, for few paintings: some of "
        "color,translation,cutout (default: none)",
    )
    add(
        "--transformer-kind",
        choices=("fixed", "learned"),
        help="the blurring block T (default: fixed; paper: learned)",
    )
    add("--transformer-kernel", type=positive_int, help="side of T, px (default: 10)")
    add(
        "--generator-ema",
        type=share,
        help="share that the average of the generator's weights keeps at a step, such as 0.999 "
        "(default: 0, no average)",
    )
    add(
        "--clip-norm",
        type=non_negative_float,
        help="largest norm of each network's gradient, such as 20 (default: 0, not clipped)",
    )
    add("--ngf", type=positive_int, help="width of the generator (default: 32)")
    add("--ndf", type=positive_int, help="width of the discriminator (default: 64)")
    add("--precision", choices=("float32", "mixed_bfloat16"), help="default: float32")
    add(
        "--init-from",
        metavar="STYLE",
        help="start from a trained or converted style, by name or path: good for few paintings",
    )
    add("--seed", type=non_negative_int, help="default: 0")
    add(
        "--deterministic",
        action="store_true",
        default=None,
        help="bit for bit repeatable, and slower (default: off)",
    )

    run = parser.add_argument_group("run")
    add = run.add_argument
    add("--run-dir", type=any_path, help="default: runs/<artist>")
    add("--save-every", type=positive_int, help="steps between checkpoints (default: 1000)")
    add("--sample-every", type=positive_int, help="steps between sample sheets (default: 500)")
    add(
        "--resume-from",
        type=non_negative_int,
        metavar="STEP",
        help="go back to this checkpoint; later ones are set aside, not deleted",
    )
    add(
        "--restart",
        action="store_true",
        help="begin anew and delete what the run folder holds, after asking",
    )
    add("--yes", action="store_true", help="do not ask")
    return parser


def run_training(arguments: argparse.Namespace, command: str) -> int:
    """Does what the arguments ask for; returns the exit code."""
    request = requested(arguments, command)
    with PictureProgress() as progress:
        if arguments.check_data:
            from adaptive_style_tf.training.material import gather_material

            material = gather_material(request.places, request.settings.data, progress.show)
            print("\n".join(material.report.lines()))
            return 0

        from adaptive_style_tf.training.trainer import train

        return train(request, say, progress.show, lambda question: arguments.yes or asked(question))


def requested(arguments: argparse.Namespace, command: str) -> "TrainingRequest":
    """The training that the arguments ask for.

    Args:
        command: the command line to go on with, for advice.

    Raises:
        UsageError: something is missing, out of range, or excludes something else.
    """
    from adaptive_style_tf.artists import canonical
    from adaptive_style_tf.training.material import Places
    from adaptive_style_tf.training.profiles import profile
    from adaptive_style_tf.training.request import TrainingRequest
    from adaptive_style_tf.training.settings import TrainingSettings, preset, settings_from

    if arguments.artist is None and arguments.style_dir is None:
        raise UsageError("Say whose style to train with --artist NAME, or --style-dir FOLDER.")
    artist = canonical(arguments.artist or arguments.style_dir.resolve().name)
    given = {
        name: value
        for name in TrainingSettings().flat()
        if (value := getattr(arguments, name, None)) is not None
    }
    return TrainingRequest(
        Places(artist, arguments.data_dir, arguments.style_dir, arguments.content_dir),
        arguments.run_dir or Path("runs") / artist,
        settings_from({**preset(arguments.preset), **profile(arguments.profile), **given}),
        command,
        arguments.init_from,
        arguments.resume_from,
        arguments.restart,
    )


class PictureProgress:
    """One progress bar for each collection that is looked at."""

    def __init__(self) -> None:
        self._bar: Progress | None = None

    def __enter__(self) -> "PictureProgress":
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.__exit__(None, None, None)

    def show(self, what: str, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = Progress(total, f"Looking at {what}", "picture")
        self._bar.advance()
        if done == total:
            self._bar.__exit__(None, None, None)
            self._bar = None


def say(text: str) -> None:
    print(text, flush=True)


def asked(question: str) -> bool:
    """Asks on the terminal; where there is none the answer is no, and says so."""
    if not sys.stdin.isatty():
        raise UsageError(f"{question} There is no terminal to ask on; add --yes if you mean it.")
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")


def with_hyphens(argv: Sequence[str]) -> list[str]:
    """Option names as we spell them; the 2018 release wrote underscores."""
    return [re.sub(r"^--[a-z_]+", lambda name: name[0].replace("_", "-"), word) for word in argv]


def repeatable_command(argv: Sequence[str], program: str = COMMAND) -> str:
    """The command line without the options that are meant for one start only."""
    kept, skip = [], False
    for argument in argv:
        if skip:
            skip = False
        elif argument == "--resume-from":
            skip = True
        elif argument not in ("--restart", "--yes") and not argument.startswith("--resume-from="):
            kept.append(argument)
    return shlex.join([*program.split(), *kept])


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command with these arguments, or the process's own; returns the exit code."""
    spelled = with_hyphens(sys.argv[1:] if argv is None else argv)
    command = repeatable_command(spelled)
    exit_code = 0

    def action(arguments: argparse.Namespace) -> None:
        nonlocal exit_code
        exit_code = run_training(arguments, command)

    return run_door(build_parser(), action, spelled) or exit_code


if __name__ == "__main__":
    sys.exit(main())
