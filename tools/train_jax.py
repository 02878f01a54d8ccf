"""Train a style under JAX, where there is an accelerator but no TensorFlow.

    python tools/train_jax.py --artist cezanne --schedule alternate --batch-size 4 --minutes 8

The same networks, losses, schedule, crops and options as `python -m adaptive_style_tf.train`; a run
of the one can be continued by the other. See `tools/README.md`.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence

from adaptive_style_tf.cli.arguments import (
    any_path,
    non_negative_int,
    positive_float,
    positive_int,
)
from adaptive_style_tf.cli.doors import run_door
from adaptive_style_tf.errors import UsageError
from adaptive_style_tf.train import (
    PictureProgress,
    asked,
    build_parser,
    check_data,
    repeatable_command,
    requested,
    say,
    with_hyphens,
)

COMMAND = "python tools/train_jax.py"


def build_jax_parser() -> argparse.ArgumentParser:
    """The options of `python -m adaptive_style_tf.train`, and what a short lease needs."""
    parser = build_parser()
    parser.prog = COMMAND
    parser.description = __doc__
    parser.epilog = None
    add = parser.add_argument_group("accelerator").add_argument
    add("--minutes", type=positive_float, help="save and end after these (default: no limit)")
    add("--log-every", type=positive_int, default=100, help="steps between lines (default: 100)")
    add(
        "--workers",
        type=positive_int,
        default=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 4,
        help="threads that make crops (default: one for each processor)",
    )
    add(
        "--success-lag",
        type=non_negative_int,
        default=0,
        help="choose who is trained without the newest N accuracies, so that the device need not "
        "wait for the host (default: 0, exactly the release's schedule)",
    )
    add("--export", type=any_path, metavar="FOLDER", help="copy style, log and sheets there")
    add("--split", action="store_true", help="cut exported files into parts of 15 MB")
    return parser


def run_training(arguments: argparse.Namespace, command: str, began: float) -> int:
    """Trains until steps or minutes are over or somebody asks to stop; gives the exit code."""
    if arguments.split and arguments.export is None:
        raise UsageError("--split says how --export writes; give --export FOLDER too.")
    request = requested(arguments, command)
    if arguments.check_data:
        check_data(request)
        return 0

    from jax_run import run

    from adaptive_style_tf.training.run_start import started_run

    with (
        PictureProgress() as progress,
        started_run(
            request, say, progress.show, lambda question: arguments.yes or asked(question)
        ) as started,
    ):
        return run(started, arguments, began)


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command with these arguments, or the process's own; returns the exit code."""
    began = time.monotonic()
    os.environ["KERAS_BACKEND"] = "jax"  # read when keras is imported, which nothing has done yet
    spelled = with_hyphens(sys.argv[1:] if argv is None else argv)

    def action(arguments: argparse.Namespace) -> int:
        if arguments.deterministic:
            flags = os.environ.get("XLA_FLAGS", "")
            os.environ["XLA_FLAGS"] = f"{flags} --xla_gpu_deterministic_ops=true"
        return run_training(arguments, repeatable_command(spelled, COMMAND), began)

    return run_door(build_jax_parser(), action, spelled)


if __name__ == "__main__":
    sys.exit(main())
