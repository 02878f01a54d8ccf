"""What a run writes: curves, sample sheets, checkpoints and its newest style.

The same for every training loop, whatever the backend: how curves are kept and how the generator is
run is the loop's.
"""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from adaptive_style_tf.errors import NonFiniteError
from adaptive_style_tf.images.encoding import write_picture
from adaptive_style_tf.models import read_weights
from adaptive_style_tf.styles import StyleDescription, write_style
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.health import (
    CollapseGuard,
    Verdict,
    first_non_finite,
    measure_health,
)
from adaptive_style_tf.training.run_folder import RunFolder
from adaptive_style_tf.training.sample_sheets import Samples, compose_sheet, sheet_path
from adaptive_style_tf.training.state import TrainingState

Pictures = npt.NDArray[np.float32]  # (N, H, W, 3) in [-1, 1]


class Curves(Protocol):
    """Where numbers and sheets go besides the files."""

    def scalars(self, step: int, values: Mapping[str, Any]) -> None:
        """Takes one point for each name."""

    def picture(self, step: int, name: str, pixels: npt.NDArray[np.uint8]) -> None:
        """Takes one picture `(H, W, 3)`."""

    def flush(self) -> None:
        """Makes durable what was taken."""


class RunOutputs:
    """Writes into one run folder; `state` must be whole whenever it does.

    Args:
        curves: the run's.
        stylize: what the style of now makes of photographs.
        describe: gives the style's description for a step.
        scalars: what a checkpoint holds besides weights, step and success average.
        command: the command line that started the run, for advice.
        half: whether the style is written in float16.
    """

    def __init__(
        self,
        *,
        folder: RunFolder,
        state: TrainingState,
        samples: Samples,
        checkpoints: CheckpointFolder,
        guard: CollapseGuard,
        curves: Curves,
        stylize: Callable[[Pictures], Pictures],
        describe: Callable[[int], StyleDescription],
        scalars: Mapping[str, int | float | str],
        command: str,
        half: bool = False,
    ) -> None:
        self._folder = folder
        self._state = state
        self._samples = samples
        self._checkpoints = checkpoints
        self._guard = guard
        self._curves = curves
        self._stylize = stylize
        self._describe = describe
        self._scalars = scalars
        self._command = command
        self._half = half

    def log(self, step: int, terms: Mapping[str, Any]) -> None:
        """Adds a point to each term's curve."""
        self._curves.scalars(step, terms)

    def flush(self) -> None:
        """Makes durable what was added to the curves.

        Raises:
            RunFolderError: the disk is full or cannot be written.
        """
        self._curves.flush()

    def sample(self) -> None:
        """Writes the sample sheet of this step, as a file and among the curves.

        Raises:
            NonFiniteError: a result is NaN or infinite.
            PictureError, RunFolderError: the disk is full or cannot be written.
        """
        samples = self._samples
        sheet = compose_sheet(
            samples.paintings, samples.photographs, self._stylize(samples.photographs)
        )
        write_picture(sheet_path(self._folder.samples, self._state.step), sheet, overwrite=True)
        self._curves.picture(self._state.step, "samples", sheet)

    def save(self) -> None:
        """Writes a checkpoint and the newest style, after a look at the run's health.

        Curves come last: where they cannot be written, that costs neither of the two.

        Raises:
            NonFiniteError: a weight is NaN or infinite; nothing is written.
            CollapseError: the results have not followed the photographs for several saves.
            CheckpointError, RunFolderError, StyleError: the disk is full or cannot be written.
        """
        state = self._state
        arrays = state.arrays()
        faulty = first_non_finite(arrays)
        if faulty is not None:
            raise NonFiniteError(
                f"At step {state.step} {faulty} holds NaN or infinite values; nothing was saved "
                "since the last checkpoint."
            )
        health = measure_health(self._samples.photographs, self._stylize(self._samples.photographs))
        verdict = self._guard.observe(state.step, health)
        good = self._guard.last_good_step
        self._checkpoints.save(
            state.step,
            arrays,
            {**self._scalars, **self._guard.scalars(), "success": state.success},
            also_keep=() if good is None else (good,),
        )
        if verdict is not Verdict.COLLAPSED:  # else the style of the last save stays
            self.renew_style()
        self._curves.scalars(
            state.step,
            {
                "health/deviation_ratio": health.deviation_ratio,
                "health/following": health.following,
                "health/clipped_share": health.clipped_share,
            },
        )
        if verdict is Verdict.COLLAPSED and self._guard.must_stop:
            raise self._guard.error(state.step, health, self._checkpoints.steps(), self._command)

    def renew_style(self) -> None:
        """Makes the generator of this step the run's style."""
        state = self._state
        with state.generator_for_use() as generator:
            weights = read_weights(generator)
        write_style(self._folder.style, self._describe(state.step), weights, half=self._half)
