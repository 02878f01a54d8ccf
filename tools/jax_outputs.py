"""What only a training under JAX writes: its log, and an export of the run."""

import contextlib
import json
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

import numpy as np
from jax_loop import Outcome

from adaptive_style_tf.errors import RunFolderError
from adaptive_style_tf.training.run_folder import RunFolder
from adaptive_style_tf.training.schedule import Phase

LOG = "training.jsonl"
PART_BYTES = 15_000_000
EXPORTED_SHEETS = 4  # with the style's three files and the log no more than eight files


class TrainingLog:
    """Means over the steps between two lines, as JSON lines and as text for people.

    Raises:
        RunFolderError: the disk is full or cannot be written; every method that writes may notice.
    """

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self.path = path
        self._say = say
        self._began = self._last = time.monotonic()
        self._waited = 0.0
        self._outcomes: list[Outcome] = []
        with told_plainly(path):
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

    def scalars(self, step: int, values: Mapping[str, Any]) -> None:
        """Writes numbers of a step in a line of their own."""
        self._append({"step": step, **values})

    def picture(self, step: int, name: str, pixels: np.ndarray) -> None:
        """Does nothing: lines hold numbers, and sheets are files already."""

    def flush(self) -> None:
        """Does nothing: every line is written at once."""

    def _append(self, line: Mapping[str, object]) -> None:
        with told_plainly(self.path), self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


@contextlib.contextmanager
def told_plainly(path: Path) -> Iterator[None]:
    """Makes of the system's refusals an error of ours that says what to do."""
    try:
        yield
    except OSError as error:
        raise RunFolderError(
            f"{path} cannot be written ({error.strerror}); free some space there or make it "
            "writable, then start the same command again to go on."
        ) from error


def export_run(folder: RunFolder, target: Path, split: bool) -> None:
    """Copies the newest style, the log and the newest sheets to where small files are taken from.

    Args:
        split: cut files above 15 MB into `<name>.part-01`, `<name>.part-02` and so on, which put
            behind one another are the file again (its checksum is in `style.json`).

    Raises:
        RunFolderError: the target's disk is full or cannot be written.
    """
    with told_plainly(target):
        copy_run(folder, target, split)


def copy_run(folder: RunFolder, target: Path, split: bool) -> None:
    """As `export_run`, with the system's errors."""
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
