"""Finding the pictures of a training: which files, from which folder."""

from dataclasses import dataclass
from pathlib import Path

from adaptive_style_tf.artists import KNOWN_ARTISTS, suggest
from adaptive_style_tf.datasets.places import SceneChoice, choose_scenes
from adaptive_style_tf.errors import DataError
from adaptive_style_tf.images.folders import visible_files

PICTURE_SUFFIXES = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".tif", ".tiff", ".bmp", ".gif")
)


@dataclass(frozen=True)
class Collection:
    """The picture files of one folder.

    Attributes:
        folder: where they were looked for.
        files: sorted by their path below the folder, the same on every system; at least one.
        scenes: what was taken of a Places365 tree; None where all pictures were taken.
    """

    folder: Path
    files: tuple[Path, ...]
    scenes: SceneChoice | None = None


def find_paintings(data_dir: Path, slug: str, style_dir: Path | None = None) -> Collection:
    """Finds an artist's paintings in `style_dir`, or else in `<data_dir>/artists/<slug>`.

    Raises:
        DataError: the folder is missing or holds no picture; for an unknown artist the message
            suggests near names and lists those that there are.
    """
    if style_dir is not None:
        return _collect(style_dir, "paintings", "--style-dir")
    folder = data_dir / "artists" / slug
    if not folder.is_dir():
        raise DataError(_no_such_artist(data_dir / "artists", slug))
    return _collect(folder, "paintings", "--style-dir")


def find_photographs(
    data_dir: Path, content_dir: Path | None = None, all_categories: bool = False
) -> Collection:
    """Finds photographs in `content_dir`, or else in `<data_dir>/photos`.

    Of a Places365 tree only the outdoor scenes that the 2018 release trained on are taken, unless
    `all_categories` is set.

    Raises:
        DataError: the folder is missing or holds no picture.
    """
    folder = data_dir / "photos" if content_dir is None else content_dir
    collection = _collect(folder, "photographs", "--content-dir")
    if all_categories:
        return collection
    scenes = choose_scenes([_path_below(folder, file) for file in collection.files])
    if scenes is None:
        return collection
    files = tuple(collection.files[index] for index in scenes.chosen)
    return Collection(folder, files, scenes)


def find_pictures(folder: Path) -> list[Path]:
    """Finds the picture files at and below a folder, in any layout, as `visible_files` does.

    Returns:
        Paths that begin with `folder`, sorted by the part below it.

    Raises:
        DataError: a folder is missing or cannot be listed.
    """
    pictures = (file for file in visible_files(folder) if file.suffix.lower() in PICTURE_SUFFIXES)
    return sorted(pictures, key=lambda file: _path_below(folder, file))


def _path_below(folder: Path, file: Path) -> str:
    return file.relative_to(folder).as_posix()


def _collect(folder: Path, what: str, option: str) -> Collection:
    if not folder.is_dir():
        state = "is not a folder" if folder.exists() else "does not exist"
        raise DataError(
            f"There are no {what}: {folder} {state}; put pictures there or name another folder "
            f"with {option}."
        )
    files = find_pictures(folder)
    if not files:
        suffixes = " ".join(sorted(PICTURE_SUFFIXES))
        raise DataError(
            f"There are no {what} in {folder}: no file there or below ends in one of {suffixes}; "
            f"put pictures there or name another folder with {option}."
        )
    return Collection(folder, tuple(files))


def _no_such_artist(artists_dir: Path, slug: str) -> str:
    present = artists_in(artists_dir)
    found = f"{artists_dir} has {', '.join(present) if present else 'no artists'}"
    if slug in KNOWN_ARTISTS:
        return (
            f"There are no paintings by {slug}: {artists_dir / slug} does not exist ({found}); "
            "put paintings there or name a folder with --style-dir."
        )
    near = suggest(slug, tuple(sorted({*present, *KNOWN_ARTISTS})))
    meant = f" (did you mean {' or '.join(near)}?)" if near else ""
    return (
        f"There is no artist {slug!r}{meant}: {artists_dir / slug} does not exist; {found}, known "
        f"by name are {', '.join(KNOWN_ARTISTS)}; name one of them, or a folder with --style-dir."
    )


def artists_in(artists_dir: Path) -> list[str]:
    """The artists that have a folder in `<data_dir>/artists`, sorted; none if it is missing."""
    if not artists_dir.is_dir():
        return []
    return sorted(
        child.name
        for child in artists_dir.iterdir()
        if child.is_dir() and not child.name.startswith(".")
    )
