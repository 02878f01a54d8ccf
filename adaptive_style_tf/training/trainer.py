"""A training from request to trained style: data, run folder, state, loop."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import keras

from adaptive_style_tf import __version__
from adaptive_style_tf.datasets.pipeline import iterate, painting_and_photograph_batches
from adaptive_style_tf.errors import CheckpointError, NonFiniteError, UsageError
from adaptive_style_tf.styles import StyleDescription
from adaptive_style_tf.training.checkpoint_format import Checkpoint
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.console import TrainingConsole
from adaptive_style_tf.training.device import Device, prepare_device
from adaptive_style_tf.training.health import CollapseGuard, first_non_finite
from adaptive_style_tf.training.interruption import stop_on_signals
from adaptive_style_tf.training.loop import run_loop
from adaptive_style_tf.training.material import Material, Places, Progress, gather_material
from adaptive_style_tf.training.outputs import RunOutputs
from adaptive_style_tf.training.run_folder import RunFolder
from adaptive_style_tf.training.settings import TrainingSettings
from adaptive_style_tf.training.starting_weights import StartingWeights, starting_weights
from adaptive_style_tf.training.state import TrainingState
from adaptive_style_tf.training.step_clock import StepClock
from adaptive_style_tf.training.steps import TrainingSteps

# Settings of an existing run that a new start may change: they do not change what is learned.
MAY_DIFFER = {"save_every", "sample_every", "data_dir", "style_dir", "content_dir"}
MAY_GROW = {"total_steps"}
# What the advice after a collapse changes, together with `--resume-from`.
MAY_DIFFER_ON_GOING_BACK = {
    "adversarial_weight",
    "clip_norm",
    "content_weight",
    "discriminator_success_rate",
    "image_weight",
    "learning_rate",
}


@dataclass(frozen=True)
class TrainingRequest:
    """What a training is to do, beyond how it learns."""

    places: Places
    run_dir: Path
    settings: TrainingSettings
    command: str  # the command line without --resume-from and --restart, for advice
    init_from: str | None = None  # style to start from, by name or path
    resume_from: int | None = None  # step to go back to
    restart: bool = False  # delete what the run folder holds

    def __post_init__(self) -> None:
        if self.restart and self.resume_from is not None:
            raise UsageError(
                "--restart deletes the checkpoints that --resume-from would go back to; "
                "give one of the two."
            )

    def record(self) -> dict[str, object]:
        """What `settings.json` holds."""
        places = self.places
        return {
            "artist": places.artist,
            "data_dir": str(places.data_dir),
            "style_dir": None if places.style_dir is None else str(places.style_dir),
            "content_dir": None if places.content_dir is None else str(places.content_dir),
            "init_from": self.init_from,
            **self.settings.flat(),
        }


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
        going_back = request.resume_from is not None
        may_differ = MAY_DIFFER | MAY_DIFFER_ON_GOING_BACK if going_back else MAY_DIFFER
        for change in folder.check_settings(request.record(), may_differ, MAY_GROW):
            say(f"Changed: {change}")
        device = prepare_device(settings.run.deterministic)
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
            lambda step: description(request, material, device, step),
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
        clock = StepClock(settings, device.kind, state.step)
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
            raise NonFiniteError(f"{error} {way_on(checkpoints, request.command)}") from error
    if stop.signal is not None and state.step < total:
        say(
            f"Stopped by {stop.signal.name} at step {state.step:,}; everything is saved. "
            f"Go on with the same command:\n  {request.command}"
        )
        return stop.exit_code
    say(f"Done: {state.step:,} steps. The style is in {folder.style}; use it with")
    say(f"  python -m adaptive_style_tf.stylize PHOTO.jpg --style {folder.style}")
    return 0


def way_on(checkpoints: CheckpointFolder, command: str) -> str:
    """How to go on after a NaN or an infinity."""
    steps = checkpoints.steps()
    where = f"--resume-from {steps[-1]}" if steps else "--restart"
    return (
        f"Go on with this, or with a smaller --learning-rate:\n  {command} {where} --clip-norm 20"
    )


def initial_state(
    request: TrainingRequest,
    checkpoints: CheckpointFolder,
    material: Material,
    start: StartingWeights | None,
    say: Callable[[str], None],
) -> tuple[TrainingState, CollapseGuard]:
    """The state from which the training starts: a checkpoint's, a style's, or random weights."""
    settings = request.settings
    state = TrainingState(settings.network, settings.optimization, settings.run.seed)
    guard = CollapseGuard()
    restored = restored_checkpoint(request, checkpoints, say)
    if restored is not None:
        take_over(state, guard, restored, request, material, say)
        if request.resume_from is not None:
            set_aside_later(checkpoints, restored.step, say)
    elif start is not None:
        state.start_from(start.generator, start.discriminator, start.optimizers)
        say(start.line())
    return state, guard


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


def set_aside_later(checkpoints: CheckpointFolder, step: int, say: Callable[[str], None]) -> None:
    moved = checkpoints.set_aside_after(step)
    if moved:
        named = ", ".join(path.name for path in moved)
        say(f"Set aside what is later, in {moved[0].parent}: {named}.")


def take_over(
    state: TrainingState,
    guard: CollapseGuard,
    restored: Checkpoint,
    request: TrainingRequest,
    material: Material,
    say: Callable[[str], None],
) -> None:
    faulty = first_non_finite(restored.tensors)
    if faulty is not None:
        raise CheckpointError(
            f"The checkpoint of step {restored.step} in {request.run_dir} holds NaN or infinite "
            f"values in {faulty}; go back to an earlier one with --resume-from, or begin anew with "
            "--restart."
        )
    try:
        state.assign(restored.tensors)
        guard.restore(restored.scalars)
        state.success = float(restored.scalars["success"])
        pictures = restored.scalars["pictures"]
    except (KeyError, ValueError) as error:
        raise CheckpointError(
            f"The checkpoint of step {restored.step} in {request.run_dir} does not fit this run "
            f"({error}); choose another --run-dir, or begin anew with --restart."
        ) from error
    state.step = restored.step
    say(f"Resuming from step {restored.step:,}.")
    if pictures != material.fingerprint():
        say("The pictures have changed since; from here on they are drawn in another order.")


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


def description(
    request: TrainingRequest, material: Material, device: Device, step: int
) -> StyleDescription:
    """What `style.json` says about the generator of this step."""
    return StyleDescription(
        name=request.places.artist,
        artist=request.places.artist,
        ngf=request.settings.network.ngf,
        step=step,
        settings={**request.settings.flat(), "init_from": request.init_from},
        data=material.counts(),
        hardware=device.name,
        date=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        package_version=__version__,
        licence="not stated; it is for those who trained the style to say",
    )
