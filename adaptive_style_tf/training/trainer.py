"""A training from request to trained style: data, run folder, state, loop."""

from collections.abc import Callable
from pathlib import Path

import keras

from adaptive_style_tf.datasets.pipeline import iterate, painting_and_photograph_batches
from adaptive_style_tf.errors import NonFiniteError
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.console import TrainingConsole
from adaptive_style_tf.training.device import Device, prepare_device
from adaptive_style_tf.training.event_log import EventLog
from adaptive_style_tf.training.health import CollapseGuard
from adaptive_style_tf.training.initial_state import initial_state
from adaptive_style_tf.training.interruption import stop_on_signals
from adaptive_style_tf.training.loop import run_loop
from adaptive_style_tf.training.material import Material, Progress, gather_material
from adaptive_style_tf.training.outputs import RunOutputs
from adaptive_style_tf.training.request import TrainingRequest
from adaptive_style_tf.training.run_folder import RunFolder
from adaptive_style_tf.training.starting_weights import starting_weights
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
    settings = request.settings
    material = gather_material(request.places, settings.data, progress)
    for line in material.report.lines():
        say(line)
    folder = RunFolder(request.run_dir)
    checkpoints = CheckpointFolder(folder.checkpoints)
    with folder.lock():
        start = None
        if request.init_from is not None and (request.restart or not checkpoints.steps()):
            # Before --restart deletes anything: the style may be faulty, or this very run's.
            start = starting_weights(request.init_from, settings.network)
        if request.restart:
            folder.restart(confirm)
        for change in request.changes(folder):
            say(f"Changed: {change}")
        device = prepare_device(settings.run.deterministic, say)
        state, guard = initial_state(request, checkpoints, material, start, say)
        del start  # up to 750 MB
        folder.write_settings(request.record())
        for line in plan(request, device, state):
            say(line)
        return run(request, folder, material, device, state, checkpoints, guard, say)


def run(
    request: TrainingRequest,
    folder: RunFolder,
    material: Material,
    device: Device,
    state: TrainingState,
    checkpoints: CheckpointFolder,
    guard: CollapseGuard,
    say: Callable[[str], None],
) -> int:
    settings = request.settings
    total = settings.run.total_steps
    with stop_on_signals() as stop, TrainingConsole(total, state.step) as console:

        def report_unreadable(path: Path, reason: str) -> None:
            console.message(f"Left out from here on: {reason}")

        paintings, photographs = material.sources(settings.run.seed, report_unreadable)
        outputs = RunOutputs(
            folder,
            state,
            material.samples(report_unreadable),
            checkpoints,
            guard,
            EventLog(folder.logs),
            state.stylized,
            lambda step: request.description(material, device.name, step),
            {"seed": settings.run.seed, "pictures": material.fingerprint()},
            request.command,
        )
        if state.step and not guard.bad_saves:
            # A kill may have come between checkpoint and style, or this run went back.
            outputs.renew_style()
        dataset = painting_and_photograph_batches(
            paintings, photographs, state.step, settings.data.batch_size
        )
        warms_up = state.step < settings.optimization.warm_start_steps
        steps = TrainingSteps(
            state,
            settings.objective,
            settings.optimization.generator_ema,
            material.palette(report_unreadable) if warms_up else None,
        )
        clock = StepClock(settings, device.kind)
        try:
            run_loop(
                state,
                steps,
                settings,
                iterate(dataset, paintings, photographs),
                outputs,
                console,
                stop,
                clock,
            )
        except NonFiniteError as error:
            raise NonFiniteError(f"{error} {way_on(request, checkpoints, state.step)}") from error
    if stop.signal is not None and state.step < total:
        say(
            f"Stopped by {stop.signal.name} at step {state.step:,}; everything is saved. "
            f"Go on with the same command:\n  {request.command}"
        )
        return stop.exit_code
    say(f"Done: {state.step:,} steps. The style is in {folder.style}; use it with")
    say(f"  python -m adaptive_style_tf.stylize PHOTO.jpg --style {folder.style}")
    return 0


def way_on(request: TrainingRequest, checkpoints: CheckpointFolder, step: int) -> str:
    """How to go on after a NaN or an infinity at a step: with something changed, or it comes again.

    Where gradients are clipped already, as they always are in the warm start, the rate is halved.
    """
    steps = checkpoints.steps()
    where = f"--resume-from {steps[-1]}" if steps else "--restart"
    optimization = request.settings.optimization
    if step < optimization.warm_start_steps:
        change = f"--warm-start-rate {optimization.warm_start_rate / 2:g}"
    elif optimization.clip_norm:
        change = f"--learning-rate {optimization.learning_rate / 2:g}"
    else:
        change = "--clip-norm 20"
    return f"Go on with:\n  {request.command} {where} {change}"


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
