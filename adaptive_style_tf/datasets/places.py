"""The scene categories of Places365 on which the 2018 release trained.

Places365 comes in two layouts: `a/abbey/1.jpg` and `b/balcony/exterior/1.jpg` (a letter, then the
category), or `abbey/1.jpg` and `balcony-exterior/1.jpg` (the "easy" layout), either of them at
the root or below folders such as `data_large/` or `train/`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

# So many of the categories' names side by side are no coincidence: an "easy" tree, not a folder of
# somebody's own that happens to be called "beach".
_EASY_LAYOUT_EVIDENCE = 20


@dataclass(frozen=True)
class SceneChoice:
    """What was taken of a Places365 tree.

    Attributes:
        chosen: indices of the pictures taken, ascending; at least one.
        pictures: how many pictures the tree has.
        categories: how many of the scene categories were found in it.
    """

    chosen: tuple[int, ...]
    pictures: int
    categories: int

    def line(self) -> str:
        """Says in one sentence what was taken."""
        return (
            f"Places365 recognized: taking {len(self.chosen):,} of {self.pictures:,} pictures, "
            f"those of {self.categories} scene categories (--all-categories takes all)."
        )


def scene_categories() -> list[str]:
    """The release's 132 categories as paths below the root, such as `c/canal/natural`."""
    text = files("adaptive_style_tf.datasets").joinpath("places_categories.txt").read_text("utf-8")
    return text.split()


def choose_scenes(paths: Sequence[str]) -> SceneChoice | None:
    """Recognizes a Places365 tree and chooses the pictures of the release's scene categories.

    A tree is recognized where at least half of the pictures lie in the letter layout and one of
    the categories is among them, or where twenty of the categories lie side by side. Hyphens and
    underscores count as one: the release writes `apartment-building`, Places365
    `apartment_building`.

    Args:
        paths: pictures as posix paths below the searched folder.

    Returns:
        The choice, or None if this is no Places365 tree.
    """
    wanted = {_key(category.split("/")[1:]) for category in scene_categories()}
    lettered = [_lettered_category(path) for path in paths]
    found = [None if parts is None else _first_prefix_in(wanted, parts) for parts in lettered]
    is_tree = any(found) and 2 * sum(parts is not None for parts in lettered) >= len(paths)
    if not is_tree:
        found = _easy_layout(paths, wanted)
        is_tree = len({category for category in found if category}) >= _EASY_LAYOUT_EVIDENCE
    if not is_tree:
        return None
    chosen = tuple(index for index, category in enumerate(found) if category)
    return SceneChoice(chosen, len(paths), len({found[index] for index in chosen}))


def _key(parts: Sequence[str]) -> str:
    """One spelling for `balcony/exterior`, `balcony-exterior` and `balcony_exterior`."""
    return re.sub("[-/]", "_", "/".join(parts))


def _lettered_category(path: str) -> list[str] | None:
    """The folders after the letter in `.../b/balcony/exterior/1.jpg`, if the path is like that."""
    folders = path.split("/")[:-1]
    for place in range(len(folders) - 1):
        letter, name = folders[place : place + 2]
        if re.fullmatch("[a-z]", letter) and name.startswith(letter):
            return folders[place + 1 :]
    return None


def _first_prefix_in(wanted: set[str], parts: Sequence[str]) -> str | None:
    """The category that a folder or one of the folders around it is, if it is a wanted one."""
    for length in range(1, len(parts) + 1):
        key = _key(parts[:length])
        if key in wanted:
            return key
    return None


def _easy_layout(paths: Sequence[str], wanted: set[str]) -> list[str | None]:
    """Each picture's wanted category by the name of its folder."""
    keys = [_key(path.split("/")[:-1][-1:]) for path in paths]
    return [key if key in wanted else None for key in keys]
