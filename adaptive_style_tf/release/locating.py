"""Finding the one checkpoint that a user means: a folder, a prefix, an index file, an archive.

The release writes `<model>/checkpoint/<model>_<step>.ckpt-<step>.{index,data-...}` beside a state
file called `checkpoint`, and keepers the same way in `<model>/checkpoint_long/`. Released models
were packed as `model_<artist>_ckpt.tar.gz`.
"""

import lzma
import re
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from adaptive_style_tf.errors import ReleaseCheckpointError

_INDEX = ".index"
_STATE = "checkpoint"
_IN_A_MODEL = ("checkpoint", "checkpoint_long")
_DEPTHS = ("*", "*/*", "*/*/*")  # how far models are looked for: the folder may be a whole home
_PART = re.compile(r"\.(index|meta|data-\d+-of-\d+)$")
_STEP = re.compile(r"ckpt-(\d+)$")
_LATEST = re.compile(r'^model_checkpoint_path:\s*"(?P<path>[^"]+)"', re.MULTILINE)


@contextmanager
def located_prefix(path: Path) -> Iterator[tuple[Path, tuple[str, ...]]]:
    """Gives the prefix of the checkpoint that `path` stands for, and remarks on how it was chosen.

    An archive is unpacked into a temporary folder, which is gone when the block ends.

    Raises:
        ReleaseCheckpointError: There is no checkpoint, or several models to choose from, or the
            archive is damaged or unsafe.
    """
    if path.is_dir():
        yield _in_folder(path, path, [inner for depth in _DEPTHS for inner in path.glob(depth)])
    elif path.name == _STATE and path.is_file():
        yield _in_folder(path.parent, path, [])
    elif (
        (prefix := path.parent / _PART.sub("", path.name)).with_name(prefix.name + _INDEX).is_file()
    ):
        yield prefix, ()
    elif path.is_file():
        with tempfile.TemporaryDirectory(prefix="adaptive_style_tf_") as temporary:
            unpacked = Path(temporary)
            _unpack(path, unpacked)
            yield _in_folder(unpacked, path, list(unpacked.rglob("*")))
    else:
        raise ReleaseCheckpointError(
            f"there is no checkpoint at {path}: give a model folder, a .tar.gz, "
            "or a prefix beside which an .index file lies"
        )


def step_of(prefix: Path) -> int | None:
    """Reads the step off a name such as `model_monet_300000.ckpt-300000`."""
    match = _STEP.search(prefix.name)
    return int(match.group(1)) if match else None


def _in_folder(folder: Path, shown: Path, below: Sequence[Path]) -> tuple[Path, tuple[str, ...]]:
    """Chooses in a folder and what lies below it; messages speak of `shown`, the user's path."""
    own = _prefixes(folder)
    if own:
        return _newest_of(folder, own)
    models = {_model_of(prefix) for inner in below if inner.is_dir() for prefix in _prefixes(inner)}
    if any((folder / name).is_dir() and _prefixes(folder / name) for name in _IN_A_MODEL):
        models = {folder}
    if not models:
        raise ReleaseCheckpointError(
            f"there is no checkpoint in {shown}: a file that ends in .index is looked for"
        )
    if len(models) > 1:
        listing = ", ".join(sorted(str(model.relative_to(folder)) for model in models))
        raise ReleaseCheckpointError(f"{shown} holds several models, give one of them: {listing}")
    model = models.pop()
    places = [place for place in (model, *(model / name for name in _IN_A_MODEL)) if place.is_dir()]
    choices = [_newest_of(place, found) for place in places if (found := _prefixes(place))]
    # The later step; of equal ones the one in `checkpoint`, which comes first.
    return max(choices, key=lambda choice: step_of(choice[0]) or 0)


def _newest_of(folder: Path, prefixes: list[Path]) -> tuple[Path, tuple[str, ...]]:
    """Takes the checkpoint that the state file names, else the one of the highest step.

    State files hold the absolute paths of the machine that wrote them; only the last part counts.
    """
    newest = max(prefixes, key=lambda prefix: (step_of(prefix) or 0, prefix.name))
    state = folder / _STATE
    if not state.is_file():
        return newest, ()
    match = _LATEST.search(state.read_text(encoding="utf-8", errors="replace"))
    if match is None:
        return newest, (f"{state.name} names no checkpoint, so {newest.name} is taken",)
    named = folder / re.split(r"[/\\]", match.group("path"))[-1]
    if named in prefixes:
        return named, ()
    return newest, (f"{named.name}, the newest by its state file, is missing: {newest.name} taken",)


def _prefixes(folder: Path) -> list[Path]:
    # Names that begin with a dot are what macOS puts beside files.
    return sorted(
        path.with_suffix("")
        for path in folder.glob(f"*{_INDEX}")
        if path.is_file() and not path.name.startswith(".")
    )


def _model_of(prefix: Path) -> Path:
    folder = prefix.parent
    return folder.parent if folder.name in _IN_A_MODEL else folder


def _unpack(archive: Path, into: Path) -> None:
    try:
        with tarfile.open(archive) as packed:
            packed.extractall(into, filter="data")
    except tarfile.FilterError as error:
        raise ReleaseCheckpointError(
            f"{archive} is unsafe and was not unpacked ({error}): get it from another place"
        ) from error
    except (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError) as error:
        raise ReleaseCheckpointError(
            f"{archive} cannot be unpacked ({error}): it is damaged or no .tar.gz, get it anew"
        ) from error
