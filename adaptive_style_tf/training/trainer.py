"""A training under TensorFlow, from request to trained style."""

from collections.abc import Callable
from pathlib import Path

import keras
import tensorflow as tf

from adaptive_style_tf.datasets.pipeline import iterate, painting_and_photograph_batches
from adaptive_style_tf.training.console import TrainingConsole
from adaptive_style_tf.training.device import Device, prepare_device
from adaptive_style_tf.training.event_log import EventLog
from adaptive_style_tf.training.failures import memory_errors_told_plainly, way_on_told
from adaptive_style_tf.training.interruption import stop_on_signals
from adaptive_style_tf.training.loop import run_loop
from adaptive_style_tf.training.material import Progress
from adaptive_style_tf.training.request import TrainingRequest
from adaptive_style_tf.training.run_start import StartedRun, started_run
from adaptive_style_tf.training.state import TrainingState
from adaptive_style_tf.training.step_clock import StepClock
from adaptive_style_tf.training.steps import TrainingSteps


def train(
    request: TrainingRequest,
    say: Callable[[str], None],
    progress: Progress,
    confirm: Callable[[str], bool],
) -> int:
    """Trains until the steps are done or somebody asks to stop, and leaves the style in the run.

    Args:
        say: prints a line.
        progress: shows how far the look at the pictures is.
        confirm: asks before anything is deleted (`--restart`).

    Returns:
        The exit code: 0, or 128 + the number of the signal that asked to stop.

    Raises:
        AdaptiveStyleError: with what is wrong and what to do; what was saved stays.
    """
    device = prepare_device(request.settings.run.deterministic, say)
    with (
        memory_errors_told_plainly(request, is_memory_error),
        started_run(request, say, progress, confirm) as started,
    ):
        for line in plan(request, device, started.state):
            say(line)
        return run(started, device, say)


def run(started: StartedRun, device: Device, say: Callable[[str], None]) -> int:
    request, state = started.request, started.state
    settings = request.settings
    total = settings.run.total_steps
    with stop_on_signals() as stop, TrainingConsole(total, state.step) as console:

        def report_unreadable(path: Path, reason: str) -> None:
            console.message(f"Left out from here on: {reason}")

        outputs = started.outputs(
            curves=EventLog(started.folder.logs),
            stylize=state.stylized,
            hardware=device.name,
            on_unreadable=report_unreadable,
        )
        paintings, photographs = started.sources(report_unreadable)
        dataset = painting_and_photograph_batches(
            paintings, photographs, state.step, settings.data.batch_size
        )
        steps = TrainingSteps(
            state,
            settings.objective,
            settings.optimization.generator_ema,
            started.palette(report_unreadable),
        )
        with way_on_told(request, started.checkpoints, lambda: state.step):
            run_loop(
                state,
                steps,
                settings,
                batches=iterate(dataset, paintings, photographs),
                outputs=outputs,
                console=console,
                stop=stop,
                clock=StepClock(settings, device.kind),
            )
    if stop.signal is not None and state.step < total:
        say(
            f"Stopped by {stop.signal.name} at step {state.step:,}; everything is saved. "
            f"Go on with the same command:\n  {request.command}"
        )
        return stop.exit_code
    style = started.folder.style
    say(f"Done: {state.step:,} steps. The style is in {style}; use it with")
    say(f"  python -m adaptive_style_tf.stylize PHOTO.jpg --style {style}")
    return 0


def is_memory_error(error: Exception) -> bool:
    """Whether the device ran out of memory; of a full disk `EventLog` tells before."""
    return isinstance(error, tf.errors.ResourceExhaustedError)


def plan(request: TrainingRequest, device: Device, state: TrainingState) -> list[str]:
    """What the training will do, in a few lines."""
    settings = request.settings
    network, data, run_settings = settings.network, settings.data, settings.run
    generator, discriminator = (
        f"{model.count_params() / 1e6:.1f} million weights"
        for model in (state.networks.generator, state.networks.discriminator)
    )
    return [
        f"Training {request.places.artist} for {run_settings.total_steps:,} steps on {device.name}",
        f"  crops of {data.image_size} px, batch {data.batch_size}, {network.precision}, "
        f"Keras {keras.__version__}",
        f"  generator {generator}, discriminator {discriminator}",
        f"  checkpoint every {run_settings.save_every:,} steps and sample sheet every "
        f"{run_settings.sample_every:,} in {request.run_dir}",
    ]
