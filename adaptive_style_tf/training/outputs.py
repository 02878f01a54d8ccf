"""What a run writes: curves, sample sheets, checkpoints and its newest style."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from keras import ops

from adaptive_style_tf.errors import NonFiniteError
from adaptive_style_tf.models import read_weights
from adaptive_style_tf.styles import StyleDescription, write_style
from adaptive_style_tf.training.checkpoints import CheckpointFolder
from adaptive_style_tf.training.event_log import EventLog
from adaptive_style_tf.training.health import (
    CollapseGuard,
    Verdict,
    first_non_finite,
    measure_health,
)
from adaptive_style_tf.training.run_folder import RunFolder
from adaptive_style_tf.training.sample_sheets import (
    Samples,
    compose_sheet,
    sheet_path,
    write_sheet,
)
from adaptive_style_tf.training.state import TrainingState


class RunOutputs:
    """Writes into one run folder.

    Args:
        describe: gives the style's description for a step.
        scalars: what a checkpoint holds besides weights, step and success average.
        command: the command line that started the run, for advice.
    """

    def __init__(
        self,
        folder: RunFolder,
        state: TrainingState,
        samples: Samples,
        checkpoints: CheckpointFolder,
        guard: CollapseGuard,
        describe: Callable[[int], StyleDescription],
        scalars: Mapping[str, int | float | str],
        command: str,
    ) -> None:
        self._folder = folder
        self._state = state
        self._samples = samples
        self._checkpoints = checkpoints
        self._guard = guard
        self._describe = describe
        self._scalars = scalars
        self._command = command
        self._events = EventLog(folder.logs)

    def log(self, step: int, terms: Mapping[str, Any]) -> None:
        """Adds a point to each term's curve."""
        self._events.scalars(step, terms)

    def sample(self) -> None:
        """Writes the sample sheet of this step, as a file and as an event."""
        samples = self._samples
        sheet = compose_sheet(samples.paintings, samples.photographs, self._stylized())
        write_sheet(sheet_path(self._folder.samples, self._state.step), sheet)
        self._events.picture(self._state.step, "samples", sheet)

    def save(self) -> None:
        """Writes a checkpoint and the newest style, after a look at the run's health.

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
        health = measure_health(self._samples.photographs, self._stylized())
        verdict = self._guard.observe(state.step, health)
        self._events.scalars(
            state.step,
            {
                "health/deviation_ratio": health.deviation_ratio,
                "health/following": health.following,
                "health/clipped_share": health.clipped_share,
            },
        )
        self._events.flush()
        good = self._guard.last_good_step
        self._checkpoints.save(
            state.step,
            arrays,
            {**self._scalars, **self._guard.scalars(), "success": state.success},
            also_keep=() if good is None else (good,),
        )
        if verdict is Verdict.COLLAPSED:  # the style of the last save stays
            if self._guard.must_stop:
                raise self._guard.error(
                    state.step, health, self._checkpoints.steps(), self._command
                )
            return
        self.renew_style()

    def renew_style(self) -> None:
        """Makes the generator of this step the run's style."""
        state = self._state
        with state.generator_for_use() as generator:
            write_style(self._folder.style, self._describe(state.step), read_weights(generator))

    def _stylized(self) -> npt.NDArray[np.float32]:
        # One by one: a batch of large pictures may not fit where training with one does.
        with self._state.generator_for_use() as generator:
            results = [
                ops.convert_to_numpy(generator(photograph[np.newaxis]))
                for photograph in self._samples.photographs
            ]
        return np.concatenate(results)
