"""What a training under JAX writes: log, sheets, checkpoints, its newest style, an export."""

import json
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import get_args

import numpy as np
from jax_loop import JaxTraining, Outcome

from adaptive_style_tf.errors import NonFiniteError
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
from adaptive_style_tf.training.sample_sheets import (
    Samples,
    compose_sheet,
    sheet_path,
    write_sheet,
)
from adaptive_style_tf.training.schedule import Phase

LOG = "training.jsonl"
PART_BYTES = 15_000_000
EXPORTED_SHEETS = 4  # with the style's three files and the log no more than eight files


class TrainingLog:
    """Means over the steps between two lines, as JSON lines and as text for people."""

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self.path = path
        self._say = say
        self._began = self._last = time.monotonic()
        self._waited = 0.0
        self._outcomes: list[Outcome] = []
        path.parent.mkdir(parents=True, exist_ok=True)

    def waited(self, seconds: float) -> None:
        """Adds time in which the device was given nothing because crops were missing."""
        self._waited += seconds

    def add(self, outcomes: list[Outcome]) -> None:
        self._outcomes += outcomes

    def write(self, step: int, success: float) -> None:
        """Writes what came in since the last line."""
        now = time.monotonic()
        elapsed, outcomes = now - self._last, self._outcomes
        phases = get_args(Phase)
        counts = {
            f"{phase}_steps": sum(outcome.phase == phase for outcome in outcomes)
            for phase in phases
        }
        values: dict[str, list[float]] = {}
        for outcome in outcomes:
            for name, value in outcome.terms.items():
                values.setdefault(name, []).append(value)
        terms = {name: float(np.mean(found)) for name, found in values.items()}
        line = {
            "step": step,
            "minutes": round((now - self._began) / 60, 3),
            "steps_per_second": round(len(outcomes) / elapsed, 3),
            "schedule/waiting_for_pictures": round(self._waited / elapsed, 4),
            "success": success,
            **counts,
            **terms,
        }
        self._append(line)
        totals = [f"{p} {terms[f'{p}/total']:.4g}" for p in phases if f"{p}/total" in terms]
        accuracy = terms.get("discriminator/accuracy/balanced")
        self._say(
            f"step {step:,}  {line['minutes']:.1f} min  {'  '.join(totals)}"
            + ("" if accuracy is None else f"  balanced accuracy {accuracy:.2f}")
            + f"  success {success:.2f}  {line['steps_per_second']:.3g} steps/s"
            + f"  waiting {line['schedule/waiting_for_pictures']:.0%}"
        )
        self._last, self._waited, self._outcomes = now, 0.0, []

    def health(self, step: int, values: Mapping[str, float]) -> None:
        self._append({"step": step, **values})

    def _append(self, line: Mapping[str, object]) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


class JaxOutputs:
    """Writes into one run folder, as the TensorFlow loop does; `training` must be at rest.

    Args:
        describe: gives the style's description for a step.
        scalars: what a checkpoint holds besides weights, step and success average.
        command: the command line that started the run, for advice.
    """

    def __init__(
        self,
        folder: RunFolder,
        training: JaxTraining,
        samples: Samples,
        checkpoints: CheckpointFolder,
        guard: CollapseGuard,
        log: TrainingLog,
        describe: Callable[[int], StyleDescription],
        scalars: Mapping[str, int | float | str],
        command: str,
    ) -> None:
        self._folder = folder
        self._training = training
        self._samples = samples
        self._checkpoints = checkpoints
        self._guard = guard
        self._log = log
        self._describe = describe
        self._scalars = scalars
        self._command = command

    def sample(self) -> None:
        """Writes the sample sheet of this step."""
        samples = self._samples
        sheet = compose_sheet(samples.paintings, samples.photographs, self._stylized())
        write_sheet(sheet_path(self._folder.samples, self._training.step), sheet)

    def save(self) -> None:
        """Writes a checkpoint and the newest style (float16), after a look at the run's health.

        Raises:
            NonFiniteError: a weight is NaN or infinite; nothing is written.
            CollapseError: the results have not followed the photographs for several saves.
            CheckpointError, StyleError: the disk is full or cannot be written.
        """
        state = self._training.state
        arrays = state.arrays()
        faulty = first_non_finite(arrays)
        if faulty is not None:
            raise NonFiniteError(
                f"At step {state.step} {faulty} holds NaN or infinite values; nothing was saved "
                "since the last checkpoint."
            )
        health = measure_health(self._samples.photographs, self._stylized())
        verdict = self._guard.observe(state.step, health)
        measured = {
            "health/deviation_ratio": health.deviation_ratio,
            "health/following": health.following,
            "health/clipped_share": health.clipped_share,
        }
        self._log.health(state.step, measured)
        good = self._guard.last_good_step
        self._checkpoints.save(
            state.step,
            arrays,
            {**self._scalars, **self._guard.scalars(), "success": state.success},
            also_keep=() if good is None else (good,),
        )
        if verdict is not Verdict.COLLAPSED:
            with state.generator_for_use() as generator:
                weights = read_weights(generator)
            write_style(self._folder.style, self._describe(state.step), weights, half=True)
        elif self._guard.must_stop:  # the style of the last healthy save stays
            steps = self._checkpoints.steps()
            raise self._guard.error(state.step, health, steps, self._command)

    def _stylized(self) -> np.ndarray:
        # One by one: a batch of large pictures may not fit where training with one does.
        photographs = self._samples.photographs
        return np.concatenate([self._training.steps.stylized(p[np.newaxis]) for p in photographs])


def export_run(folder: RunFolder, target: Path, split: bool) -> None:
    """Copies the newest style, the log and the newest sheets to where small files are taken from.

    Args:
        split: cut files above 15 MB into `<name>.part-01`, `<name>.part-02` and so on, which put
            behind one another are the file again (its checksum is in `style.json`).
    """
    target.mkdir(parents=True, exist_ok=True)
    sheets = sorted(folder.samples.glob("step_*.jpg"))[-EXPORTED_SHEETS:]
    style = sorted(folder.style.glob("*")) if folder.style.is_dir() else []
    wanted = [*style, folder.logs / LOG, *sheets]
    for old in target.glob("*"):
        if old.name.startswith("step_") or ".part-" in old.name:
            old.unlink()
    for path in wanted:
        content = path.read_bytes()
        if not split or len(content) <= PART_BYTES:
            shutil.copy2(path, target / path.name)
            continue
        for number, start in enumerate(range(0, len(content), PART_BYTES), start=1):
            part = target / f"{path.name}.part-{number:02d}"
            part.write_bytes(content[start : start + PART_BYTES])
