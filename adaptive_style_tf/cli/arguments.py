"""Types for argparse whose messages say what is wanted and what was given."""

import argparse
import math
from pathlib import Path
from typing import NoReturn


def positive_int(text: str) -> int:
    """A whole number above 0."""
    return _int(text, "a whole number above 0", 1)


def non_negative_int(text: str) -> int:
    """A whole number, 0 or above."""
    return _int(text, "a whole number, 0 or above", 0)


def positive_float(text: str) -> float:
    """A finite number above 0."""
    wanted = "a number above 0"
    number = _float(text, wanted)
    return number if number > 0 else _refuse(wanted, text)


def non_negative_float(text: str) -> float:
    """A finite number, 0 or above."""
    wanted = "a number, 0 or above"
    number = _float(text, wanted)
    return number if number >= 0 else _refuse(wanted, text)


def share(text: str) -> float:
    """A number from 0 to 1."""
    wanted = "a number from 0 to 1"
    number = _float(text, wanted)
    return number if 0 <= number <= 1 else _refuse(wanted, text)


def percentage(text: str) -> int:
    """A whole number from 1 to 100."""
    wanted = "a whole number from 1 to 100"
    number = _int(text, wanted, 1)
    return number if number <= 100 else _refuse(wanted, text)


def picture_size(text: str) -> tuple[int, int]:
    """Width and height in pixels, such as `1280x720`."""
    wanted = "WIDTHxHEIGHT in pixels, such as 1280x720"
    width, _, height = text.lower().partition("x")
    return _int(width, wanted, 1), _int(height, wanted, 1)


def weights_by_name(text: str) -> dict[str, float]:
    """Names with weights above 0, such as `cezanne=0.7,monet=0.3`; only their ratios count."""
    wanted = "NAME=WEIGHT,NAME=WEIGHT with weights above 0, such as cezanne=0.7,monet=0.3"
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, _, weight = part.rpartition("=")
        name = name.strip()
        number = _float(weight, wanted) if name else 0.0
        if number <= 0 or name in weights:
            _refuse(wanted, text)
        weights[name] = number
    return weights


def training_image_size(text: str) -> int:
    """The side of training crops in pixels: a multiple of 16, at least 64."""
    wanted = "a multiple of 16, at least 64 (pixels)"
    size = _int(text, wanted, 64)
    return size if size % 16 == 0 else _refuse(wanted, text)


def any_path(text: str) -> Path:
    """A path that need not exist; `~` is the home folder."""
    if not text:
        raise argparse.ArgumentTypeError("must be a path, got an empty text")
    return Path(text).expanduser()


def _int(text: str, wanted: str, least: int) -> int:
    try:
        number = int(text)
    except ValueError:
        return _refuse(wanted, text)
    return number if number >= least else _refuse(wanted, text)


def _float(text: str, wanted: str) -> float:
    try:
        number = float(text)
    except ValueError:
        return _refuse(wanted, text)
    return number if math.isfinite(number) else _refuse(wanted, text)


def _refuse(wanted: str, text: str) -> NoReturn:
    raise argparse.ArgumentTypeError(f"must be {wanted}, got {text!r}")
