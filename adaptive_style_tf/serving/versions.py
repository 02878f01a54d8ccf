"""Numbered folders of a served model: `<model>/<version>/saved_model.pb`."""

from pathlib import Path

from adaptive_style_tf.errors import ExportError

GRAPH_FILE = "saved_model.pb"


def versions_of(model: Path) -> list[int]:
    """The versions that a server would see, lowest first."""
    if not model.is_dir():
        return []
    return sorted(int(path.name) for path in model.iterdir() if path.name.isdecimal())


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
        return model / str(max(taken, default=0) + 1)
    if wanted in taken:
        raise ExportError(
            f"{model / str(wanted)} exists: a server may have it loaded, so it is not replaced; "
            "leave out --model-version to take the next one"
        )
    return model / str(wanted)


def newest_version(folder: Path) -> Path:
    """The SavedModel that is meant: the folder itself, or its highest version.

    Raises:
        ExportError: there is none.
    """
    if (folder / GRAPH_FILE).is_file():
        return folder
    taken = versions_of(folder)
    if not taken or not (folder / str(taken[-1]) / GRAPH_FILE).is_file():
        raise ExportError(f"{folder} holds no SavedModel: give what --output was, or a version")
    return folder / str(taken[-1])
