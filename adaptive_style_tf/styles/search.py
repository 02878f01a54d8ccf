"""Finding a style by name, in the places where styles lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from adaptive_style_tf.artists import resolve
from adaptive_style_tf.errors import UsageError
from adaptive_style_tf.styles.description import DESCRIPTION_FILE
from adaptive_style_tf.styles.folder import Style, read_style

PACKAGE = Path(__file__).resolve().parents[1]

_IN_A_RUN = "style"


@dataclass(frozen=True)
class SearchFolder:
    """A folder of styles: `<folder>/<name>`, or `<folder>/<name>/<inside>`."""

    folder: Path
    inside: str = "."


@dataclass(frozen=True)
class FoundStyle:
    """A style that was seen but not read."""

    name: str
    folder: Path


def default_search_folders() -> tuple[SearchFolder, ...]:
    """Gives the places that are looked through, best first.

    They are the runs and the checkpoints below the current folder, and what comes with the package.
    """
    return (
        SearchFolder(Path("runs"), _IN_A_RUN),
        SearchFolder(Path("checkpoints")),
        SearchFolder(shipped_styles(PACKAGE)),
    )


def shipped_styles(package: Path) -> Path:
    """Says where the styles lie that come with the package.

    The installation puts them into the package (see setup.py). A package that runs from its
    repository, as after `pip install --editable`, has them in `checkpoints/` beside it, from
    whatever folder it is called.

    Args:
        package: Folder of the package.
    """
    repository = package.parent
    # Nothing of ours lies in `site-packages/checkpoints`.
    runs_from_its_repository = (repository / "setup.py").is_file()
    return repository / "checkpoints" if runs_from_its_repository else package / "bundled"


def list_styles(folders: Sequence[SearchFolder] | None = None) -> list[FoundStyle]:
    """Lists the styles that a name can mean, by name.

    Where several places have a style of one name, the first place counts.
    """
    found: dict[str, FoundStyle] = {}
    for place in default_search_folders() if folders is None else folders:
        for path in sorted(place.folder.glob(f"*/{place.inside}/{DESCRIPTION_FILE}")):
            name = path.relative_to(place.folder).parts[0]
            if not name.startswith("."):  # an unfinished one
                found.setdefault(name, FoundStyle(name, path.parent))
    return [found[name] for name in sorted(found)]


def find_style(name_or_path: str | Path, folders: Sequence[SearchFolder] | None = None) -> Style:
    """Opens the style that a user means.

    A path to a style folder, or to a run that has one, comes first. Then the name is looked for
    among the styles of `folders`, short forms included (`cezanne` is `paul-cezanne`).

    Args:
        name_or_path: What the user wrote.
        folders: Where to look for names, best first; the default places if not given.

    Returns:
        The style; its `folder` says which one was taken.

    Raises:
        UsageError: There is none of this name, or several fit; the message lists what there is.
        StyleError: The style that was found is damaged.
    """
    path = Path(name_or_path)
    for candidate in (path, path / _IN_A_RUN):
        if (candidate / DESCRIPTION_FILE).is_file():
            return read_style(candidate)
    name = str(name_or_path)
    if path.is_absolute() or len(path.parts) > 1 or name.startswith("."):
        return read_style(path)  # says what is wrong with the path
    styles = {found.name: found for found in list_styles(folders)}
    if not styles:
        raise UsageError(
            f'unknown style "{name}": there is no style yet, train one or give the path of one'
        )
    return read_style(styles[resolve(name, styles, kind="style")].folder)
