"""One run under JAX from its first step to its last."""

import argparse
import contextlib
import time
from pathlib import Path

import jax
from jax.errors import JaxRuntimeError
from jax_batches import prefetched_batches
from jax_loop import JaxTraining
from jax_outputs import LOG, TrainingLog, export_run

from adaptive_style_tf.train import say
from adaptive_style_tf.training.checkpoints import is_save_due
from adaptive_style_tf.training.failures import memory_errors_told_plainly, way_on_told
from adaptive_style_tf.training.interruption import stop_on_signals
from adaptive_style_tf.training.run_start import StartedRun


def run(started: StartedRun, arguments: argparse.Namespace, began: float) -> int:
    """Trains until steps or minutes are over or somebody asks to stop; gives the exit code.

    Args:
        started: from where the training goes on.
        arguments: what is not a setting: `minutes`, `log_every`, `workers`, `success_lag`,
            `export`, `split`.
        began: time by `time.monotonic` from which `minutes` count.
    """
    with memory_errors_told_plainly(started.request, is_memory_error):
        return trained(started, arguments, began)


def trained(started: StartedRun, arguments: argparse.Namespace, began: float) -> int:
    def left_out(path: Path, reason: str) -> None:
        say(f"Left out from here on: {reason}")

    request, state, folder = started.request, started.state, started.folder
    settings = request.settings
    device = jax.devices()[0].device_kind
    total, schedule = settings.run.total_steps, settings.run
    say(f"Training {request.places.artist} from step {state.step:,} to {total:,} on {device}")
    training = JaxTraining(state, settings, started.palette(left_out), arguments.success_lag)
    log = TrainingLog(folder.logs / LOG, say)
    outputs = started.outputs(
        curves=log,
        stylize=training.steps.stylized,
        hardware=device,
        on_unreadable=left_out,
        half=True,
    )
    batches = prefetched_batches(
        *started.sources(left_out),
        state.step,
        settings.data.batch_size,
        workers=arguments.workers,
    )
    deadline = float("inf") if arguments.minutes is None else began + 60 * arguments.minutes
    with (
        contextlib.closing(batches),
        stop_on_signals() as stop,
        way_on_told(request, started.checkpoints, lambda: training.checked),
    ):
        while training.step < total:
            asked_at = time.monotonic()
            paintings, photographs = next(batches)
            log.waited(time.monotonic() - asked_at)
            log.add(training.take_step(paintings, photographs))
            step = training.step
            ends = step >= total or bool(stop) or time.monotonic() >= deadline
            shows = step % schedule.sample_every == 0
            saves = is_save_due(step, schedule.save_every)
            if shows or saves or ends:
                log.add(training.rest())
            # The checkpoint first: a log or a sheet that cannot be written shall not cost it.
            if saves or ends:
                outputs.save()
            if step % arguments.log_every == 0 or ends:
                log.write(step, training.success)
            if shows or ends:
                outputs.sample()
            if (saves or ends) and arguments.export is not None:
                export_run(folder, arguments.export, arguments.split)
            if ends:
                break
    if training.step >= total:
        say(f"Done: {total:,} steps. The style is in {folder.style}.")
        return 0
    say(f"Stopped at step {training.step:,}; everything is saved. Go on with:\n  {request.command}")
    return stop.exit_code


def is_memory_error(error: Exception) -> bool:
    return isinstance(error, JaxRuntimeError) and "RESOURCE_EXHAUSTED" in str(error)
