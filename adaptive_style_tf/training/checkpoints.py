"""The training state on disk: complete, checked, or not there at all.

A checkpoint is a folder `step_000123000` (`checkpoint_format.py` says what is in it). It is written
under a temporary name and renamed when it lies on the disk, so a process that is killed, or a disk
that runs full, never leaves half a checkpoint under a real name.
"""

import re
import shutil
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from adaptive_style_tf.errors import CheckpointError, UsageError
from adaptive_style_tf.styles.replacing import flush_folder
from adaptive_style_tf.training.checkpoint_format import (
    Array,
    Checkpoint,
    CheckpointVersionError,
    Scalar,
    check_content,
    is_same,
    read_checkpoint,
    write_checkpoint,
)

KEEPER_EVERY = 15_000  # steps between checkpoints that stay for ever
SPARE_BYTES = 64 * 10**6  # left free beside the checkpoint, for logs and sample sheets
SET_ASIDE = "set_aside"

_STEP = re.compile(r"step_(\d{9,})")
_UNFINISHED = ".unfinished_"
_REMOVING = ".removing_"


def is_save_due(step: int, save_every: int) -> bool:
    """Whether a checkpoint is written after this step: every `save_every` steps, and keepers."""
    return step % save_every == 0 or step % KEEPER_EVERY == 0


class CheckpointFolder:
    """The checkpoints of one run. One process at a time may write (see `RunFolder.lock`)."""

    def __init__(self, folder: Path, keep: int = 2, keeper_every: int = KEEPER_EVERY) -> None:
        """Changes nothing on disk.

        Args:
            folder: Where the checkpoints lie; made by the first `save`.
            keep: How many of the newest stay, at least 1; 2 survive damage to the newest.
            keeper_every: Steps that are multiples of this stay for ever (step 0 is none of them).
        """
        if keep < 1 or keeper_every < 1:
            raise ValueError(f"keep={keep} and keeper_every={keeper_every} must be at least 1")
        self.folder = Path(folder)
        self.keep = keep
        self.keeper_every = keeper_every

    def steps(self) -> list[int]:
        """The steps of which there is a checkpoint, damaged ones included, oldest first."""
        if not self.folder.is_dir():
            return []
        matches = (_STEP.fullmatch(path.name) for path in self.folder.iterdir())
        return sorted(int(match[1]) for match in matches if match)

    def path(self, step: int) -> Path:
        """Where the checkpoint of `step` lies or would lie."""
        return self.folder / f"step_{step:09d}"

    def save(
        self,
        step: int,
        tensors: Mapping[str, Array],
        scalars: Mapping[str, Scalar],
        also_keep: Collection[int] = (),
    ) -> Path:
        """Writes a checkpoint, then prunes older ones.

        Checkpoints of `step` and later ones belong to a future that was given up (they were damaged
        when the run was resumed before them): later ones are set aside, one of the same step is
        replaced unless it is whole and holds the same.

        Args:
            step: Number of training steps that are done, not negative.
            tensors: float32, float64 or integer arrays of any shape, 0-d included.
            scalars: Finite numbers and words; floats come back bit for bit.
            also_keep: Steps that pruning leaves alone besides keepers and the newest.

        Returns:
            The checkpoint's folder.

        Raises:
            CheckpointError: The disk is too full or cannot be written; the earlier ones are
                untouched.
        """
        checkpoint = Checkpoint(step=step, tensors=dict(tensors), scalars=dict(scalars))
        check_content(checkpoint)
        final = self.path(step)
        if final.is_dir() and self._holds(checkpoint):
            # Moving a good one away, if only for a moment, would be the riskier way to save.
            return final
        temporary = self.folder / f"{_UNFINISHED}{final.name}"
        replaced = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.remove_left_overs()
            self._check_space(checkpoint)
            write_checkpoint(temporary, checkpoint)
            moved = self.set_aside_after(step - 1)
            replaced = next((path for path in moved if path.name.startswith(final.name)), None)
            temporary.rename(final)
            flush_folder(self.folder)
        except OSError as error:
            shutil.rmtree(temporary, ignore_errors=True)
            raise CheckpointError(
                f"The checkpoint of step {step} could not be written to {self.folder} ({error}); "
                f"{self._what_is_left()}"
            ) from error
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        if replaced is not None:
            self._remove(replaced)
        self._prune({step, *also_keep})
        return final

    def load(self, step: int) -> Checkpoint:
        """Reads the checkpoint of `step`, every byte checked against its manifest.

        Raises:
            CheckpointError: It is missing or damaged; the message names the file.
        """
        folder = self.path(step)
        if not folder.is_dir():
            known = ", ".join(map(str, self.steps())) or "none"
            raise CheckpointError(
                f"There is no checkpoint of step {step} in {self.folder}: {known}."
            )
        return read_checkpoint(folder, step)

    def require(self, step: int) -> None:
        """Refuses a step of `--resume-from` of which there is no checkpoint; reads none.

        Raises:
            UsageError: The message names those that are there.
        """
        known = self.steps()
        if step not in known:
            raise UsageError(
                f"--resume-from {step}: {self.folder} has no checkpoint of that step; "
                f"it has: {', '.join(map(str, known)) or 'none'}."
            )

    def load_newest(self, warn: Callable[[str], None]) -> Checkpoint | None:
        """The newest checkpoint that is whole, or None if the run has none yet.

        Args:
            warn: Gets one sentence for every damaged checkpoint that was passed over.

        Raises:
            CheckpointVersionError: The newest one that is not damaged is of another format version;
                to go on from an older one would throw its steps away.
            CheckpointError: There are checkpoints and every one is damaged.
        """
        steps = self.steps()
        for step in reversed(steps):
            try:
                return self.load(step)
            except CheckpointVersionError:
                raise
            except CheckpointError as error:
                way_on = " The checkpoint before it is tried." if step != steps[0] else ""
                warn(f"{error}{way_on}")
        if steps:
            raise CheckpointError(
                f"All {len(steps)} checkpoints in {self.folder} are damaged; "
                "copy an older one back there, or begin anew with --restart."
            )
        return None

    def set_aside_after(self, step: int) -> list[Path]:
        """Moves all checkpoints later than `step` to `set_aside/`; only --restart deletes them.

        Returns:
            Where they lie now.

        Raises:
            CheckpointError: One of them cannot be moved.
        """
        try:
            return self._set_aside([other for other in self.steps() if other > step])
        except OSError as error:
            raise CheckpointError(
                f"The checkpoints after step {step} in {self.folder} could not be set aside "
                f"({error}); make the folder writable and start the same command again."
            ) from error

    def _set_aside(self, steps: list[int]) -> list[Path]:
        aside = self.folder / SET_ASIDE
        moved = []
        for step in steps:
            aside.mkdir(exist_ok=True)
            target, number = aside / self.path(step).name, 1
            while target.exists():
                number += 1
                target = aside / f"{self.path(step).name}_{number}"
            self.path(step).rename(target)
            moved.append(target)
        if moved:
            flush_folder(aside)
            flush_folder(self.folder)
        return moved

    def remove_left_overs(self) -> list[Path]:
        """Removes what a killed process left unfinished; `save` does so too.

        Only for the process that holds the run's lock: another one may be writing just now.

        Raises:
            CheckpointError: One of them cannot be removed.
        """
        if not self.folder.is_dir():
            return []
        left_over = [
            path
            for path in self.folder.iterdir()
            if path.name.startswith((_UNFINISHED, _REMOVING)) and path.is_dir()
        ]
        for path in left_over:
            self._delete(path)
        return left_over

    def _check_space(self, checkpoint: Checkpoint) -> None:
        needed = sum(array.nbytes + 512 for array in checkpoint.tensors.values()) + SPARE_BYTES
        free = shutil.disk_usage(self.folder).free
        if free < needed:
            raise CheckpointError(
                f"The disk is too full for the checkpoint of step {checkpoint.step}: "
                f"{_megabytes(needed)} are needed in {self.folder} and {_megabytes(free)} are "
                f"free; {self._what_is_left()}"
            )

    def _holds(self, checkpoint: Checkpoint) -> bool:
        try:
            return is_same(self.load(checkpoint.step), checkpoint)
        except CheckpointError:  # damaged: the new one takes its place
            return False

    def _what_is_left(self) -> str:
        steps = self.steps()
        last = f"go on from step {steps[-1]}" if steps else "begin again"
        return f"free some space there, then start the same command again to {last}."

    def _prune(self, also_keep: set[int]) -> None:
        steps = self.steps()
        for step in steps[: -self.keep]:
            is_keeper = step > 0 and step % self.keeper_every == 0
            if not is_keeper and step not in also_keep:
                self._remove(self.path(step))

    def _remove(self, path: Path) -> None:
        # Renamed first: a kill in the middle then leaves a left-over, not a damaged checkpoint.
        doomed = self.folder / f"{_REMOVING}{path.name}"
        try:
            path.rename(doomed)
        except OSError as error:
            raise _not_removed(path, error) from error
        self._delete(doomed)

    def _delete(self, folder: Path) -> None:
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise _not_removed(folder, error) from error


def _not_removed(path: Path, error: OSError) -> CheckpointError:
    return CheckpointError(
        f"{path} could not be removed ({error}); the checkpoints beside it are safe. "
        "Make the folder writable and start the same command again."
    )


def _megabytes(count: int) -> str:
    return f"{-(-count // 10**6):,} MB"
