"""Names of artists: the thirteen of the 2018 release, and how a name that is typed finds one."""

import difflib
import unicodedata
from collections.abc import Iterable, Sequence

from adaptive_style_tf.errors import UsageError

KNOWN_ARTISTS: tuple[str, ...] = (
    "claude-monet",
    "paul-cezanne",
    "el-greco",
    "paul-gauguin",
    "samuel-peploe",
    "vincent-van-gogh",
    "edvard-munch",
    "pablo-picasso",
    "berthe-morisot",
    "ernst-ludwig-kirchner",
    "jackson-pollock",
    "wassily-kandinsky",
    "nicholas-roerich",
)
"""Slugs of the artists whose models the 2018 release published."""

DEFAULT_ARTIST = "paul-cezanne"

# Letters that Unicode does not take apart into a plain letter and an accent.
_LATIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe"})

_SHORTEST_BEGINNING = 3  # letters; a single "j" is a slip of the finger rather than Jackson Pollock
_NEAR = 0.7  # difflib's ratio from which on a name is worth suggesting
_SUGGESTIONS = 3


def slug(text: str) -> str:
    """Writes a name the way folders are named: `Paul Cézanne` becomes `paul-cezanne`.

    Accents are dropped, letters become lower case, everything that is neither letter nor digit one
    hyphen. Scripts other than Latin are kept. The result is empty where the text has neither
    letters nor digits.
    """
    folded = unicodedata.normalize("NFKD", text.casefold().translate(_LATIN))
    bare = "".join(char for char in folded if not unicodedata.combining(char))
    words = "".join(char if char.isalnum() else " " for char in bare).split()
    return unicodedata.normalize("NFC", "-".join(words))


def resolve(name: str, known: Iterable[str], kind: str = "artist") -> str:
    """Finds the one entry of `known` that `name` means.

    Tried in this order: the same slug; an entry that has all words of the name (`cezanne`,
    `Cézanne, Paul`); an entry whose words begin with the words of the name (`p-cez`), from three
    letters on.

    Args:
        name: What the user typed.
        known: Slugs to choose from.
        kind: What the names stand for, for the message ("artist", "style").

    Returns:
        The entry as it stands in `known`.

    Raises:
        UsageError: The name means none of them, or several.
    """
    choices = list(dict.fromkeys(known))
    matches = _matches(name, choices)
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise UsageError(
            f'{kind} "{name}" could be {" or ".join(sorted(matches))}: write more of the name'
        )
    near = suggest(name, choices)
    meant = f"did you mean {' or '.join(near)}? " if near else ""
    listing = ", ".join(sorted(choices)) if choices else "none"
    raise UsageError(f'unknown {kind} "{name}": {meant}known are {listing}')


def canonical(name: str) -> str:
    """Gives the slug under which a new style of this artist is filed.

    A short form of a known artist becomes the full slug, any other name its own slug.

    Raises:
        UsageError: The name fits several known artists, or has neither letters nor digits.
    """
    own = slug(name)
    if not own:
        raise UsageError(f'artist "{name}" has neither letters nor digits: give a name')
    return resolve(name, KNOWN_ARTISTS) if _matches(name, KNOWN_ARTISTS) else own


def suggest(name: str, known: Iterable[str]) -> list[str]:
    """Lists up to three entries of `known` that are spelled like `name`, best first."""
    wanted = slug(name)
    scores = {entry: _likeness(wanted, slug(entry)) for entry in known}
    near = [entry for entry, score in scores.items() if score >= _NEAR]
    return sorted(near, key=lambda entry: (-scores[entry], entry))[:_SUGGESTIONS]


def _matches(name: str, choices: Sequence[str]) -> list[str]:
    wanted = slug(name)
    if not wanted:
        return []
    same = [entry for entry in choices if slug(entry) == wanted]
    if same:
        return same[:1]
    words = wanted.split("-")
    whole = [entry for entry in choices if set(words) <= set(slug(entry).split("-"))]
    if whole or len(wanted) < _SHORTEST_BEGINNING:
        return whole
    return [entry for entry in choices if _begin(words, slug(entry).split("-"))]


def _begin(beginnings: Iterable[str], words: Sequence[str]) -> bool:
    return all(any(word.startswith(start) for word in words) for start in beginnings)


def _likeness(wanted: str, entry: str) -> float:
    """Compares with the whole name and with each of its words, since users type last names."""
    candidates = [entry, *entry.split("-")]
    return max(difflib.SequenceMatcher(None, wanted, text).ratio() for text in candidates)
