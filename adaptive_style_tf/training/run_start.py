"""How a run begins under every training loop: settings, pictures, lock, state."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from adaptive_style_tf.datasets.crops import CropSource
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.health import CollapseGuard
from adaptive_style_tf.training.initial_state import initial_state
from adaptive_style_tf.training.material import Material, Progress, gather_material
from adaptive_style_tf.training.outputs import Curves, Pictures, RunOutputs
from adaptive_style_tf.training.palette import Palette
from adaptive_style_tf.training.request import TrainingRequest
from adaptive_style_tf.training.run_folder import RunFolder
from adaptive_style_tf.training.starting_weights import StartingWeights, starting_weights
from adaptive_style_tf.training.state import TrainingState

OnUnreadable = Callable[[Path, str], None]  # a picture's file and the reason


@dataclass(frozen=True)
class StartedRun:
    """A run that this process holds, and the state from which it goes on."""

    request: TrainingRequest
    material: Material
    folder: RunFolder
    checkpoints: CheckpointFolder
    state: TrainingState
    guard: CollapseGuard

    def sources(self, on_unreadable: OnUnreadable) -> tuple[CropSource, CropSource]:
        """What makes the crops of paintings and of photographs."""
        seed, cache_bytes = self.request.settings.run.seed, self.request.cache_bytes
        return self.material.sources(seed, on_unreadable, cache_bytes)

    def palette(self, on_unreadable: OnUnreadable) -> Palette | None:
        """The colors of the paintings, where steps that are to come need them."""
        settings = self.request.settings
        over = self.state.step >= settings.optimization.warm_start_steps
        if over and not settings.objective.stroke_weight:
            return None
        return self.material.palette(on_unreadable)

    def outputs(
        self,
        *,
        curves: Curves,
        stylize: Callable[[Pictures], Pictures],
        hardware: str,
        on_unreadable: OnUnreadable,
        half: bool = False,
    ) -> RunOutputs:
        """What writes into the run folder; the style is that of the state already.

        Args:
            curves, stylize, half: see `RunOutputs`.
            hardware: on which it trains, for people.
        """
        request, material = self.request, self.material
        outputs = RunOutputs(
            folder=self.folder,
            state=self.state,
            samples=material.samples(on_unreadable),
            checkpoints=self.checkpoints,
            guard=self.guard,
            curves=curves,
            stylize=stylize,
            describe=lambda step: request.description(material, hardware, step),
            scalars={"seed": request.settings.run.seed, "pictures": material.fingerprint()},
            command=request.command,
            half=half,
        )
        if self.state.step and not self.guard.bad_saves:
            # A kill may have come between checkpoint and style, or this run went back.
            outputs.renew_style()
        return outputs


@contextlib.contextmanager
def started_run(
    request: TrainingRequest,
    say: Callable[[str], None],
    progress: Progress,
    confirm: Callable[[str], bool],
) -> Iterator[StartedRun]:
    """Holds the run folder while the block trains. Nothing is written before all is checked.

    Args:
        say: prints a line.
        progress: shows how far the look at the pictures is.
        confirm: asks before anything is deleted (`--restart`).

    Raises:
        AdaptiveStyleError: with what is wrong and what to do; what was saved stays.
    """
    refuse_early(request)
    settings = request.settings
    material = gather_material(request.places, settings.data, progress)
    for line in material.report.lines():
        say(line)
    folder = RunFolder(request.run_dir)
    checkpoints = CheckpointFolder(folder.checkpoints)
    with folder.lock():
        # Before --restart deletes anything: the style may be this very run's.
        start = style_to_start_from(request, checkpoints)
        if request.restart:
            folder.restart(confirm)
        for change in request.changes(folder):
            say(f"Changed: {change}")
        state, guard = initial_state(request, checkpoints, material, start, say, progress)
        del start  # up to 750 MB
        folder.write_settings(request.record())
        yield StartedRun(request, material, folder, checkpoints, state, guard)


def refuse_early(request: TrainingRequest) -> None:
    """Tells of what cannot be begun so before thousands of pictures are read.

    A folder that is not there yet is not made: the pictures may be faulty.

    Raises:
        RunFolderError: the run is in use or has other settings, as `RunFolder` and
            `TrainingRequest.changes`.
        UsageError: there is no checkpoint of the step of `--resume-from`.
        UsageError, StyleError: the style of `--init-from` cannot be used.
    """
    if request.run_dir.exists():
        folder = RunFolder(request.run_dir)
        with folder.lock():
            if not request.restart:
                request.changes(folder)
    checkpoints = CheckpointFolder(request.run_dir / "checkpoints")
    if request.resume_from is not None:
        checkpoints.require(request.resume_from)
    style_to_start_from(request, checkpoints)


def style_to_start_from(
    request: TrainingRequest, checkpoints: CheckpointFolder
) -> StartingWeights | None:
    """The style of `--init-from`, or None where the run goes on from a checkpoint or needs none.

    Raises:
        UsageError, StyleError: there is none of that name, or it is damaged or of other widths.
    """
    if request.init_from is None or (checkpoints.steps() and not request.restart):
        return None
    return starting_weights(request.init_from, request.settings.network)
