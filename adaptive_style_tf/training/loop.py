"""The loop: which network is trained next, and when something is logged, shown or saved."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from adaptive_style_tf.training.checkpoints import is_save_due
from adaptive_style_tf.training.console import TrainingConsole
from adaptive_style_tf.training.differentiable_augmentation import numbers_of_step
from adaptive_style_tf.training.failures import non_finite_loss
from adaptive_style_tf.training.interruption import StopRequest
from adaptive_style_tf.training.objectives import Terms
from adaptive_style_tf.training.outputs import RunOutputs
from adaptive_style_tf.training.schedule import (
    Phase,
    faded,
    is_generators_turn,
    learning_rate_at,
    rate_of,
    updated_success,
)
from adaptive_style_tf.training.settings import OptimizationSettings, TrainingSettings
from adaptive_style_tf.training.state import TrainingState
from adaptive_style_tf.training.step_clock import StepClock
from adaptive_style_tf.training.steps import TrainingSteps

LOG_EVERY = 10  # steps between points of a curve


@dataclass(frozen=True)
class StepOutcome:
    """What a step trained, and the terms before its update."""

    trained: Phase
    terms: Terms
    total: float


def take_step(
    state: TrainingState,
    steps: TrainingSteps,
    settings: TrainingSettings,
    paintings: Any,
    photographs: Any,
) -> StepOutcome:
    """Trains the network whose turn it is, and moves `state` on by one step (REFERENCE 3).

    Args:
        paintings, photographs: `(N, S, S, 3)` in [-1, 1].

    Raises:
        NonFiniteError: if a loss is NaN or infinite; names it.
    """
    optimization = settings.optimization
    if state.step < optimization.warm_start_steps:
        return take_warm_start_step(state, steps, optimization, photographs)
    turn = is_generators_turn(state.step, state.success, optimization)
    rate = learning_rate_at(
        state.step,
        settings.run.total_steps,
        rate_of("generator" if turn else "discriminator", optimization),
        optimization.lr_schedule,
    )
    numbers = numbers_of_step(settings, state.step)
    trained: Phase
    if turn:
        trained = "generator"
        state.generator_optimizer.learning_rate.assign(rate)
        terms = steps.generator_step(photographs, numbers)
    else:
        trained = "discriminator"
        state.discriminator_optimizer.learning_rate.assign(rate)
        terms = steps.discriminator_step(paintings, photographs, numbers)
    total = float(terms[f"{trained}/total"])
    if not math.isfinite(total):
        raise non_finite_loss(state.step, terms)
    accuracy = float(terms[f"{trained}/accuracy"])
    state.success = updated_success(state.success, trained == "generator", accuracy)
    state.step += 1
    return StepOutcome(trained, terms, total)


def take_warm_start_step(
    state: TrainingState,
    steps: TrainingSteps,
    optimization: OptimizationSettings,
    photographs: Any,
) -> StepOutcome:
    """Trains the generator to give photographs back in strokes."""
    rate = faded(state.step, optimization.warm_start_steps, optimization.warm_start_rate)
    state.generator_optimizer.learning_rate.assign(rate)
    terms = steps.warm_start_step(photographs)
    total = float(terms["warm_start/total"])
    if not math.isfinite(total):
        raise non_finite_loss(state.step, terms)
    state.step += 1
    if state.step == optimization.warm_start_steps:
        state.forget_generator_updates()
    return StepOutcome("warm_start", terms, total)


def run_loop(
    state: TrainingState,
    steps: TrainingSteps,
    settings: TrainingSettings,
    *,
    batches: Iterable[Any],
    outputs: RunOutputs,
    console: TrainingConsole,
    stop: StopRequest,
    clock: StepClock,
) -> None:
    """Trains until `total_steps` are done or somebody asks to stop; saves at the end.

    Args:
        batches: pairs (paintings, photographs), the first one for step `state.step`.

    Raises:
        NonFiniteError, CollapseError: the training cannot go on; the last checkpoint is intact.
        CheckpointError, PictureError, RunFolderError, StyleError: the disk is full or cannot be
            written; the last checkpoint is intact.
    """
    if state.step >= settings.run.total_steps:
        return
    newest: Terms = {}  # of both networks: where they take turns, every tenth step trains the same
    clock.start()
    for paintings, photographs in batches:
        clock.data_arrived()
        outcome = take_step(state, steps, settings, paintings, photographs)
        newest.update(outcome.terms)
        clock.step_done(outcome.trained)
        console.update(state.step, outcome.trained, outcome.total, state.success)
        for sentence in clock.due_sentences(state.step):
            console.message(sentence)

        ends = state.step >= settings.run.total_steps or bool(stop)
        saves = is_save_due(state.step, settings.run.save_every) or ends
        # The checkpoint first: curves or a sheet that cannot be written shall not cost it.
        if saves:
            outputs.save()
        if state.step % LOG_EVERY == 0 or ends:
            schedule = {
                "schedule/success": state.success,
                "schedule/waiting_for_pictures": clock.taken_waiting_share(),
            }
            outputs.log(state.step, {**newest, **schedule})
            newest.clear()
        if state.step % settings.run.sample_every == 0 or ends:
            outputs.sample()
        if saves:
            outputs.flush()
        if ends:
            return
        clock.start()
