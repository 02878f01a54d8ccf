"""From command line to exit code, the same for every front door."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from adaptive_style_tf import __version__
from adaptive_style_tf.errors import AdaptiveStyleError

INTERRUPTED = 130  # 128 + SIGINT, as shells have it

Action = Callable[[argparse.Namespace], int | None]  # an exit code; None is 0


def door_parser(
    name: str, description: str, examples: Sequence[str] = ()
) -> argparse.ArgumentParser:
    """The parser that every door starts from: `--help` with defaults, `--version`, `--debug`.

    Args:
        name: the door's module, such as `stylize`.
        description: one paragraph for `--help`.
        examples: arguments worth showing, each without the command in front.
    """
    command = f"python -m adaptive_style_tf.{name}"
    shown = "\n".join(f"  {command} {example}" for example in examples)
    parser = argparse.ArgumentParser(
        prog=command,
        description=description,
        epilog=f"examples:\n{shown}" if shown else None,
        formatter_class=DoorFormatter,
    )
    parser.add_argument("--version", action="version", version=f"adaptive-style-tf {__version__}")
    parser.add_argument(
        "--debug", action="store_true", help="show the traceback of an error (default: off)"
    )
    return parser


class DoorFormatter(argparse.RawDescriptionHelpFormatter):
    """Leaves the examples' lines alone."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=32)


def run_door(
    parser: argparse.ArgumentParser, action: Action, argv: Sequence[str] | None = None
) -> int:
    """Parses the arguments, does the action, and turns a user's errors into an exit code.

    Args:
        parser: from `door_parser`.
        action: what the door does with its arguments. An error that is not an `AdaptiveStyleError`
            is a bug of ours and keeps its traceback.
        argv: arguments after the command; None takes the process's own.

    Returns:
        The action's exit code, or the error's (2 for usage, 1 for the rest), or 130 after Ctrl-C.

    Raises:
        SystemExit: from argparse, with 2 for arguments it cannot parse and 0 after `--help`.
    """
    arguments = parser.parse_args(argv)
    if not arguments.debug:
        # TensorFlow's remarks would bury ours: a machine without a GPU has "errors" of CUDA among
        # them. What really fails is raised. Read when TensorFlow is imported; version 2.21 prints
        # lines of oneDNN and absl at its import nevertheless. To turn stderr away meanwhile would
        # also lose the message with which an import ends the process.
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        return action(arguments) or 0
    except AdaptiveStyleError as error:
        if arguments.debug:
            raise
        print(f"{parser.prog}: error: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        if arguments.debug:
            raise
        print(f"{parser.prog}: interrupted", file=sys.stderr)
        return INTERRUPTED
