"""Front door: train a style from a folder of paintings."""

import argparse
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from adaptive_style_tf.cli.doors import door_parser, run_door
from adaptive_style_tf.cli.progress import Progress
from adaptive_style_tf.cli.train_options import add_learning, add_pictures, add_run
from adaptive_style_tf.errors import UsageError

if TYPE_CHECKING:
    from adaptive_style_tf.training.request import TrainingRequest

COMMAND = "python -m adaptive_style_tf.train"


def build_parser() -> argparse.ArgumentParser:
    """All options of the command."""
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
    add_pictures(parser)
    add_learning(parser)
    add_run(parser)
    return parser


def run_training(arguments: argparse.Namespace, command: str) -> int:
    """Does what the arguments ask for; returns the exit code."""
    request = requested(arguments, command)
    if arguments.check_data:
        check_data(request)
        return 0

    from adaptive_style_tf.training.trainer import train

    with PictureProgress() as progress:
        return train(request, say, progress.show, lambda question: arguments.yes or asked(question))


def check_data(request: "TrainingRequest") -> None:
    """Looks at the pictures and reports."""
    from adaptive_style_tf.training.material import gather_material

    with PictureProgress() as progress:
        material = gather_material(request.places, request.settings.data, progress.show)
    say("\n".join(material.report.lines()))


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
    if arguments.artist is None:
        artist = canonical(arguments.style_dir.resolve().name)
    else:
        artist = canonical(arguments.artist)
    given = {
        name: value
        for name in TrainingSettings().flat()
        if (value := getattr(arguments, name, None)) is not None
    }
    settings = {**profile(arguments.profile), **preset(arguments.preset)}
    if arguments.init_from is not None and "warm_start_steps" in settings.keys() - given.keys():
        # Reconstruction alone would train the style away that was just loaded.
        settings["warm_start_steps"] = 0
        say("Without the profile's warm start: --init-from gives trained weights already.")
    return TrainingRequest(
        Places(artist, arguments.data_dir, arguments.style_dir, arguments.content_dir),
        arguments.run_dir or Path("runs") / artist,
        settings_from(settings | given),
        command,
        init_from=arguments.init_from,
        resume_from=arguments.resume_from,
        restart=arguments.restart,
        cache_gigabytes=arguments.cache_gigabytes,
    )


class PictureProgress:
    """One progress bar for each collection that is looked at."""

    def __init__(self) -> None:
        self._bar: Progress | None = None

    def __enter__(self) -> "PictureProgress":
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, what: str, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = Progress(total, f"Looking at {what}", "picture")
        self._bar.advance()
        if done == total:
            self._bar.close()
            self._bar = None


def say(text: str) -> None:
    print(text, flush=True)


def asked(question: str) -> bool:
    """Asks on the terminal; where there is none the answer is no, and says so."""
    if not sys.stdin.isatty():
        raise UsageError(f"{question} There is no terminal to ask on; add --yes if you mean it.")
    try:
        answer = input(f"{question} [y/N] ")
    except EOFError:  # Ctrl-D: no answer is no
        say("")
        return False
    return answer.strip().lower() in ("y", "yes")


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
    return run_door(build_parser(), lambda arguments: run_training(arguments, command), spelled)


if __name__ == "__main__":
    sys.exit(main())
