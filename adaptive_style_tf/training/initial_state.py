"""Where a training starts from: a checkpoint of its run, a style, or random weights."""

from collections.abc import Callable
from pathlib import Path

import keras

from adaptive_style_tf.errors import CheckpointError, UsageError
from adaptive_style_tf.training.checkpoint_format import Checkpoint
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.first_weights import solve_first_weights
from adaptive_style_tf.training.health import CollapseGuard, first_non_finite
from adaptive_style_tf.training.material import Material, Progress
from adaptive_style_tf.training.request import TrainingRequest
from adaptive_style_tf.training.starting_weights import StartingWeights
from adaptive_style_tf.training.state import TrainingState
from adaptive_style_tf.training.warm_start import let_the_latent_through

FIRST_LOOKS = 48  # crops from which a warm start's first weights are computed


def initial_state(
    request: TrainingRequest,
    checkpoints: CheckpointFolder,
    material: Material,
    start: StartingWeights | None,
    say: Callable[[str], None],
    progress: Progress,
) -> tuple[TrainingState, CollapseGuard]:
    """The state from which the training starts, and what is known of the run's health.

    Args:
        start: the style to start from where there is no checkpoint.
        say: prints a line.
        progress: shows how far the look at pictures for the first weights is.

    Raises:
        UsageError, CheckpointError: there is no such checkpoint, or it is damaged or of another
            run.
    """
    settings = request.settings
    state = TrainingState(settings.network, settings.optimization, settings.run.seed)
    guard = CollapseGuard()
    restored = restored_checkpoint(request, checkpoints, say)
    if restored is not None:
        pictures = take_over(restored, state, guard, request.run_dir)
        say(f"Resuming from step {restored.step:,}.")
        if pictures != material.fingerprint():
            say("The pictures have changed since; from here on they are drawn in another order.")
        if request.resume_from is not None:
            set_aside_later(checkpoints, restored.step, say)
    elif start is not None:
        state.start_from(start.generator, start.discriminator, start.optimizers)
        say(start.line())
    elif settings.optimization.warm_start_steps:
        give_first_weights(state.networks.generator, material, settings.run.seed, say, progress)
    return state, guard


def give_first_weights(
    generator: keras.Model,
    material: Material,
    seed: int,
    say: Callable[[str], None],
    progress: Progress,
) -> None:
    """Lets a warm start begin with a generator that gives pictures back roughly."""

    def left_out(path: Path, reason: str) -> None:
        say(f"Left out: {reason}")

    let_the_latent_through(generator)
    solve_first_weights(
        generator,
        material.crops_of_both(FIRST_LOOKS, left_out),
        material.palette(left_out),
        seed,
        lambda done, total: progress("crops for the first weights", done, total),
    )


def restored_checkpoint(
    request: TrainingRequest, checkpoints: CheckpointFolder, say: Callable[[str], None]
) -> Checkpoint | None:
    """The checkpoint to go on from, or None for a new run; with `--resume-from`, that step's."""
    step = request.resume_from
    if step is None:
        return checkpoints.load_newest(say)
    if step not in checkpoints.steps():
        known = ", ".join(f"{s}" for s in checkpoints.steps()) or "none"
        raise UsageError(
            f"--resume-from {step}: {checkpoints.folder} has no checkpoint of that step; "
            f"it has: {known}."
        )
    return checkpoints.load(step)


def take_over(
    restored: Checkpoint, state: TrainingState, guard: CollapseGuard, run_dir: Path
) -> str:
    """Puts a checkpoint into the state.

    Returns:
        The fingerprint of the pictures that it was trained with.

    Raises:
        CheckpointError: it holds NaN or infinite values, or is of another kind of run.
    """
    faulty = first_non_finite(restored.tensors)
    if faulty is not None:
        raise CheckpointError(
            f"The checkpoint of step {restored.step} in {run_dir} holds NaN or infinite "
            f"values in {faulty}; go back to an earlier one with --resume-from, or begin anew with "
            "--restart."
        )
    try:
        state.assign(restored.tensors)
        guard.restore(restored.scalars)
        state.success = float(restored.scalars["success"])
        pictures = str(restored.scalars["pictures"])
    except (KeyError, ValueError) as error:
        raise CheckpointError(
            f"The checkpoint of step {restored.step} in {run_dir} does not fit this run "
            f"({error}); choose another --run-dir, or begin anew with --restart."
        ) from error
    state.step = restored.step
    return pictures


def set_aside_later(checkpoints: CheckpointFolder, step: int, say: Callable[[str], None]) -> None:
    moved = checkpoints.set_aside_after(step)
    if moved:
        named = ", ".join(path.name for path in moved)
        say(f"Set aside what is later, in {moved[0].parent}: {named}.")
