"""Numbered folders of a served model: `<model>/<version>/saved_model.pb`."""

import itertools
import os
from pathlib import Path

from adaptive_style_tf.errors import ExportError

GRAPH_FILE = "saved_model.pb"


def versions_of(model: Path) -> dict[int, Path]:
    """The versions that a server would see and their folders, lowest first."""
    if not model.is_dir():
        return {}
    folders = {
        int(path.name): path  # zeros may lead it; of 1 and 01, the usual spelling is the last
        for path in sorted(model.iterdir())
        if path.name.isascii() and path.name.isdecimal() and path.is_dir()
    }
    return dict(sorted(folders.items()))


def new_version(model: Path, wanted: int | None) -> Path:
    """The folder of a version that is not there yet.

    Args:
        model: folder of all versions; need not exist.
        wanted: the version; None takes the one after the highest.

    Raises:
        ExportError: the version is there already, or `model` is something else.
    """
    if model.exists() and not model.is_dir():
        raise ExportError(f"{model} is a file: choose another --output")
    if (model / GRAPH_FILE).exists():
        raise ExportError(
            f"{model} is itself a SavedModel, not a folder of versions: choose another --output"
        )
    taken = versions_of(model)
    if wanted is None:
        following = (model / str(number) for number in itertools.count(max(taken, default=0) + 1))
        return next(folder for folder in following if not os.path.lexists(folder))
    folder = taken.get(wanted, model / str(wanted))
    if os.path.lexists(folder):
        raise ExportError(
            f"{folder} exists: a server may have it loaded, so it is not replaced; "
            "leave out --model-version to take the next one"
        )
    return folder


def newest_version(folder: Path) -> Path:
    """The SavedModel that is meant: the folder itself, or its highest version.

    Raises:
        ExportError: there is none.
    """
    if (folder / GRAPH_FILE).is_file():
        return folder
    taken = versions_of(folder)
    if not taken or not (taken[max(taken)] / GRAPH_FILE).is_file():
        raise ExportError(f"{folder} holds no SavedModel: give what --output was, or a version")
    return taken[max(taken)]
