"""The folder of one run: what lies where, who may write, and whether the settings still fit."""

import contextlib
import datetime
import json
import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from adaptive_style_tf.errors import RunFolderError
from adaptive_style_tf.training.durable_files import replace_durably

SETTINGS = "settings.json"
LOCK = "lock"
MADE_BY_A_RUN = ("checkpoints", "logs", "samples", "style")

_PROGRAM = "adaptive_style_tf"
_NOT_SET = "not set"


class RunFolder:
    """`runs/<slug>/`: settings.json, checkpoints/, logs/, samples/, style/ and lock."""

    def __init__(self, path: Path) -> None:
        """Makes the folder if it is not there.

        Raises:
            RunFolderError: It holds other things than a run, or cannot be made.
        """
        self.path = Path(path)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            names = {entry.name for entry in self.path.iterdir()}
        except OSError as error:
            raise RunFolderError(
                f"The run folder {self.path} cannot be used ({error.strerror}); "
                "choose another --run-dir."
            ) from error
        # A process that is just starting has a lock file without its marker yet.
        if names and names != {LOCK} and not self._is_a_run():
            raise RunFolderError(
                f"{self.path} is not empty and no run folder of this program; "
                "choose another --run-dir."
            )

    @property
    def checkpoints(self) -> Path:
        """Training states, see `CheckpointFolder`."""
        return self.path / "checkpoints"

    @property
    def logs(self) -> Path:
        """TensorBoard's event files."""
        return self.path / "logs"

    @property
    def samples(self) -> Path:
        """Sample sheets."""
        return self.path / "samples"

    @property
    def style(self) -> Path:
        """The newest generator as a style folder."""
        return self.path / "style"

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Holds the run for this process; the system frees it if the process dies.

        Raises:
            RunFolderError: Another process holds it (the message says which), the disk is full,
                or the file system has no locks.
        """
        path = self.path / LOCK
        try:
            # Unbuffered: what a full disk does not take shall not be tried again on closing.
            file = path.open("a+b", buffering=0)
        except OSError as error:
            raise self._not_written(error) from error
        with file:
            try:
                _acquire(file)
            except BlockingIOError as error:
                raise RunFolderError(
                    f"The run folder {self.path} is in use by {_holder(path)}; "
                    "wait for it, stop it, or choose another --run-dir."
                ) from error
            except OSError as error:
                raise RunFolderError(
                    f"The file system of {self.path} cannot lock files ({error.strerror}); "
                    "choose a --run-dir on a local disk."
                ) from error
            try:
                try:
                    file.truncate(0)
                    file.write(json.dumps(_this_process()).encode())
                except OSError as error:
                    raise self._not_written(error) from error
                yield
            finally:
                _release(file)

    def read_settings(self) -> dict[str, Any] | None:
        """The settings that the run was started with, or None if it has none yet.

        Raises:
            RunFolderError: settings.json is damaged.
        """
        path = self.path / SETTINGS
        try:
            settings = json.loads(path.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise RunFolderError(f"{path} cannot be read ({error}); {_ADVICE}") from error
        is_own = isinstance(settings, dict) and settings.get("program") == _PROGRAM
        if not is_own or not isinstance(settings.get("settings"), dict):
            raise RunFolderError(f"{path} holds no settings of this program; {_ADVICE}")
        return dict(settings["settings"])

    def write_settings(self, settings: Mapping[str, Any]) -> None:
        """Writes settings.json, all of it or nothing.

        Raises:
            RunFolderError: The disk is full or cannot be written.
        """
        content = {"program": _PROGRAM, "format_version": 1, "settings": dict(settings)}
        text = json.dumps(content, indent=2, allow_nan=False) + "\n"
        try:
            replace_durably(self.path / SETTINGS, text.encode())
        except OSError as error:
            raise RunFolderError(
                f"{self.path / SETTINGS} cannot be written ({error.strerror}); "
                "free some space there or choose another --run-dir."
            ) from error

    def check_settings(
        self,
        settings: Mapping[str, Any],
        may_differ: set[str],
        may_grow: set[str],
        defaults: Mapping[str, Any],
    ) -> list[str]:
        """Compares with the settings that the run was started with.

        Args:
            settings: Names to JSON values.
            may_differ: Names that do not change what is learned.
            may_grow: Names of numbers that may be larger than before, not smaller.
            defaults: What names stand for that a run of an earlier version does not have.

        Returns:
            The permitted differences, each as `name: was X, now Y`; empty for a new run. All are
            permitted while there is no checkpoint: nothing has been learned yet.

        Raises:
            RunFolderError: Other settings differ; the message lists every one.
        """
        before = self.read_settings()
        has_checkpoints = any(self.checkpoints.glob("step_*"))
        if before is None:
            if has_checkpoints:
                raise RunFolderError(
                    f"{self.path} holds checkpoints but no {SETTINGS}, so nobody knows what they "
                    f"were trained with; {_ADVICE}"
                )
            return []
        before = {**defaults, **before}
        now = json.loads(json.dumps(settings))  # tuples become lists, as in the file
        permitted, refused = [], []
        for name in dict.fromkeys([*before, *now]):
            old, new = before.get(name, _NOT_SET), now.get(name, _NOT_SET)
            if old == new:
                continue
            line = f"{name}: was {old}, now {new}"
            may_change = name in may_differ or (name in may_grow and _has_grown(old, new))
            if may_change or not has_checkpoints:
                permitted.append(line)
            else:
                refused.append(f"{line} (may only grow)" if name in may_grow else line)
        if refused:
            listed = "\n".join(f"  {line}" for line in refused)
            raise RunFolderError(
                f"The run in {self.path} was started with other settings:\n{listed}\n"
                f"Take the old ones to go on; {_ADVICE}"
            )
        return permitted

    def restart(self, confirm: Callable[[str], bool]) -> None:
        """Deletes what a run has made here, and nothing else that lies in the folder.

        Args:
            confirm: Gets a question that names what would be deleted; not asked if there is
                nothing.

        Raises:
            RunFolderError: The answer was no (nothing was deleted), or something cannot be
                deleted.
        """
        # The settings go last: after a kill in between, the next start knows whose rest it is.
        doomed = [
            self.path / name
            for name in (*MADE_BY_A_RUN, SETTINGS)
            if os.path.lexists(self.path / name)
        ]
        if not doomed:
            return
        names = ", ".join(path.name for path in doomed)
        if not confirm(f"Delete {names} in {self.path}?"):
            raise RunFolderError(
                f"Nothing was deleted in {self.path}; start without --restart to go on with that "
                "run, or choose another --run-dir."
            )
        try:
            for path in doomed:
                # A link is removed and what it points to stays: that lies outside the run folder.
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path)
                else:
                    path.unlink()
        except OSError as error:
            raise RunFolderError(
                f"{error.filename} cannot be deleted ({error.strerror})."
            ) from error

    def _not_written(self, error: OSError) -> RunFolderError:
        return RunFolderError(
            f"The run folder {self.path} cannot be written ({error.strerror}); "
            "free some space there or choose another --run-dir."
        )

    def _is_a_run(self) -> bool:
        # Not by names alone: --restart deletes folders called `logs` and `samples`.
        return any(_read_own(self.path / name) is not None for name in (LOCK, SETTINGS))


_ADVICE = "choose another --run-dir, or begin anew with --restart."


def _has_grown(old: object, new: object) -> bool:
    return isinstance(old, int | float) and isinstance(new, int | float) and new > old


def _this_process() -> dict[str, Any]:
    started = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    return {
        "program": _PROGRAM,
        "pid": os.getpid(),
        "host": platform.node(),
        "started": started,
    }


def _read_own(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):  # not there, or made by another program
        return None
    return content if isinstance(content, dict) and content.get("program") == _PROGRAM else None


def _holder(path: Path) -> str:
    content = _read_own(path)
    if content is None:
        return "another process that is just starting"
    return f"process {content['pid']} on {content['host']} since {content['started']}"


if sys.platform == "win32":
    import msvcrt

    # Windows keeps other processes from reading a locked byte: lock one that lies behind the text.
    _LOCKED_BYTE = 2**30

    def _acquire(file: IO[bytes]) -> None:
        os.lseek(file.fileno(), _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except PermissionError as error:
            raise BlockingIOError(*error.args) from error

    def _release(file: IO[bytes]) -> None:
        os.lseek(file.fileno(), _LOCKED_BYTE, os.SEEK_SET)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _acquire(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _release(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_UN)
