"""Train a style under JAX, where there is an accelerator but no TensorFlow.

    python tools/train_jax.py --artist cezanne --schedule alternate --batch-size 4 --minutes 8

The same networks, losses, schedule, crops and options as `python -m adaptive_style_tf.train`; a run
of the one can be continued by the other. See `tools/README.md`.
"""

import argparse
import os
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from adaptive_style_tf.artists import canonical
from adaptive_style_tf.cli.arguments import (
    any_path,
    non_negative_int,
    positive_float,
    positive_int,
)
from adaptive_style_tf.cli.doors import run_door
from adaptive_style_tf.errors import CheckpointError, UsageError
from adaptive_style_tf.train import PictureProgress, asked, build_parser, say, with_hyphens

if TYPE_CHECKING:
    from adaptive_style_tf.training.checkpoints import CheckpointFolder
    from adaptive_style_tf.training.health import CollapseGuard
    from adaptive_style_tf.training.material import Material
    from adaptive_style_tf.training.state import TrainingState

COMMAND = "python tools/train_jax.py"
# Settings of an existing run that a new start may change, as in `training.trainer`.
MAY_DIFFER = {"save_every", "sample_every", "data_dir", "style_dir", "content_dir"}
MAY_DIFFER_ON_GOING_BACK = {
    "adversarial_weight",
    "clip_norm",
    "content_weight",
    "discriminator_success_rate",
    "image_weight",
    "learning_rate",
}


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
        "--cache-gigabytes",
        type=positive_float,
        default=4.0,
        help="memory for decoded pictures, of paintings and photographs each (default: 4)",
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
    from adaptive_style_tf.training.checkpoints import CheckpointFolder
    from adaptive_style_tf.training.health import CollapseGuard
    from adaptive_style_tf.training.material import Places, gather_material
    from adaptive_style_tf.training.run_folder import RunFolder
    from adaptive_style_tf.training.settings import TrainingSettings, preset, settings_from
    from adaptive_style_tf.training.starting_weights import starting_weights
    from adaptive_style_tf.training.state import TrainingState

    if arguments.artist is None and arguments.style_dir is None:
        raise UsageError("Say whose style to train with --artist NAME, or --style-dir FOLDER.")
    if arguments.split and arguments.export is None:
        raise UsageError("--split says how --export writes; give --export FOLDER too.")
    if arguments.restart and arguments.resume_from is not None:
        raise UsageError("--restart deletes what --resume-from would go back to; give one of both.")
    artist = canonical(arguments.artist or arguments.style_dir.resolve().name)
    names = TrainingSettings().flat()
    given = {n: v for n in names if (v := getattr(arguments, n, None)) is not None}
    settings = settings_from({**preset(arguments.preset), **given})
    places = Places(artist, arguments.data_dir, arguments.style_dir, arguments.content_dir)
    with PictureProgress() as progress:
        material = gather_material(places, settings.data, progress.show)
    say("\n".join(material.report.lines()))
    if arguments.check_data:
        return 0

    paths = {name: getattr(arguments, name) for name in ("data_dir", "style_dir", "content_dir")}
    record = {
        "artist": artist,
        **{name: None if path is None else str(path) for name, path in paths.items()},
        "init_from": arguments.init_from,
        **settings.flat(),
    }
    folder = RunFolder(arguments.run_dir or Path("runs") / artist)
    checkpoints = CheckpointFolder(folder.checkpoints)
    with folder.lock():
        start = None
        if arguments.init_from is not None and (arguments.restart or not checkpoints.steps()):
            start = starting_weights(arguments.init_from, settings.network)
        if arguments.restart:
            folder.restart(lambda question: arguments.yes or asked(question))
        going_back = MAY_DIFFER_ON_GOING_BACK if arguments.resume_from is not None else set()
        for change in folder.check_settings(record, MAY_DIFFER | going_back, {"total_steps"}):
            say(f"Changed: {change}")
        state = TrainingState(settings.network, settings.optimization, settings.run.seed)
        guard = CollapseGuard()
        if not resumed(state, guard, checkpoints, material, arguments.resume_from) and start:
            state.start_from(start.generator, start.discriminator, start.optimizers)
            say(start.line())
        del start
        folder.write_settings(record)
        from jax_run import run

        return run(
            arguments, settings, record, command, began, material, folder, checkpoints, state, guard
        )


def resumed(
    state: "TrainingState",
    guard: "CollapseGuard",
    checkpoints: "CheckpointFolder",
    material: "Material",
    step: int | None,
) -> bool:
    """Goes back to the newest checkpoint, or to that of `step`; False if the run has none."""
    from adaptive_style_tf.training.health import first_non_finite

    found = checkpoints.load_newest(say) if step is None else checkpoints.load(step)
    if found is None:
        return False
    faulty = first_non_finite(found.tensors)
    if faulty is not None:
        raise CheckpointError(
            f"The checkpoint of step {found.step} in {checkpoints.folder} holds NaN or infinite "
            f"values in {faulty}; go back to an earlier one with --resume-from."
        )
    try:
        state.assign(found.tensors)
        guard.restore(found.scalars)
        state.step, state.success = found.step, float(found.scalars["success"])
    except (KeyError, ValueError) as error:
        raise CheckpointError(
            f"The checkpoint of step {found.step} in {checkpoints.folder} does not fit this run "
            f"({error}); choose another --run-dir, or begin anew with --restart."
        ) from error
    if step is not None:
        checkpoints.set_aside_after(step)
    say(f"Resuming from step {found.step:,}.")
    if found.scalars.get("pictures") != material.fingerprint():
        say("The pictures have changed since; from here on they are drawn in another order.")
    return True


def main(argv: Sequence[str] | None = None) -> int:
    """Runs the command with these arguments, or the process's own; returns the exit code."""
    began = time.monotonic()
    os.environ["KERAS_BACKEND"] = "jax"  # read when keras is imported, which nothing has done yet
    spelled = with_hyphens(sys.argv[1:] if argv is None else argv)
    exit_code = 0

    def action(arguments: argparse.Namespace) -> None:
        nonlocal exit_code
        if arguments.deterministic:
            flags = os.environ.get("XLA_FLAGS", "")
            os.environ["XLA_FLAGS"] = f"{flags} --xla_gpu_deterministic_ops=true"
        exit_code = run_training(arguments, f"{COMMAND} {shlex.join(spelled)}", began)

    return run_door(build_jax_parser(), action, spelled) or exit_code


if __name__ == "__main__":
    sys.exit(main())
