"""What a style says about itself: the contents of `style.json`."""

import dataclasses
import datetime
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from adaptive_style_tf.artists import slug
from adaptive_style_tf.errors import StyleError

FORMAT_VERSION = 1

DESCRIPTION_FILE = "style.json"
GENERATOR_FILE = "generator.safetensors"
DISCRIMINATOR_FILE = "discriminator.safetensors"
OPTIMIZER_FILE = "optimizer.safetensors"

WEIGHT_FILES = (GENERATOR_FILE, DISCRIMINATOR_FILE, OPTIMIZER_FILE)

_TEXTS = ("name", "hardware", "package_version", "license", "source")
_ADDED_LATER = {"hours"}  # styles written before lack these
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class StyleDescription:
    """Where a style comes from and what its weights are.

    Raises:
        StyleError: A field has a value that cannot be; the message repeats it.
    """

    name: str  # what to call the style, free text
    artist: str  # slug, see adaptive_style_tf.artists
    ngf: int  # width of the generator
    ndf: int | None = None  # width of the discriminator, None where there is none
    step: int  # training steps that led here, of generator and discriminator together
    settings: Mapping[str, Any] = field(default_factory=dict)  # those of the training, JSON values
    data: Mapping[str, Any] = field(default_factory=dict)  # counts of paintings and photographs
    hardware: str = "unknown"  # what it was trained on
    hours: float | None = None  # of training on that hardware, None where nobody knows
    date: str  # when the weights were made, ISO 8601
    package_version: str  # of adaptive_style_tf
    license: str  # of the weights
    source: str = "trained"  # how the weights came about
    files: Mapping[str, str] = field(default_factory=dict)  # SHA-256 by file name
    format_version: int = FORMAT_VERSION

    def __post_init__(self) -> None:
        """Refuses what cannot be, so that no other code has to ask."""
        if self.format_version != FORMAT_VERSION:
            raise StyleError(
                f"format_version is {self.format_version!r}, this package reads {FORMAT_VERSION}: "
                "install the version of adaptive-style-tf that wrote the style"
            )
        for name in _TEXTS:
            value = getattr(self, name)
            _require(isinstance(value, str) and value.strip() != "", name, value, "a text")
        is_slug = (
            isinstance(self.artist, str) and self.artist != "" and slug(self.artist) == self.artist
        )
        _require(is_slug, "artist", self.artist, "a slug such as paul-cezanne")
        _require(_is_count(self.ngf, 1), "ngf", self.ngf, "a whole number from 1 on")
        ndf_ok = self.ndf is None or _is_count(self.ndf, 1)
        _require(ndf_ok, "ndf", self.ndf, "null or a whole number from 1 on")
        _require(_is_count(self.step, 0), "step", self.step, "a whole number from 0 on")
        _require(_is_amount(self.hours), "hours", self.hours, "null or a number from 0 on")
        _require(_is_date(self.date), "date", self.date, "a date as in ISO 8601")
        for name in ("settings", "data"):
            value = getattr(self, name)
            _require(isinstance(value, Mapping), name, value, "a JSON object")
        grain = self.settings.get("grain", 0)
        _require(_is_amount(grain) and grain is not None, "grain", grain, "a number from 0 on")
        _require(_are_checksums(self.files), "files", self.files, "SHA-256 sums by weight file")

    @property
    def grain(self) -> float:
        """Levels of grain (`images.grain`) that photographs get before the network sees them."""
        return float(self.settings.get("grain", 0))

    def to_json(self) -> str:
        """Writes `style.json`.

        Raises:
            StyleError: `settings` or `data` hold something that JSON does not have.
        """
        fields = {entry.name: getattr(self, entry.name) for entry in dataclasses.fields(self)}
        try:
            return json.dumps(fields, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        except (TypeError, ValueError) as error:
            raise StyleError(f"the description of style {self.name} is no JSON: {error}") from error

    @classmethod
    def from_json(cls, text: str) -> "StyleDescription":
        """Reads `style.json`. Fields that this version does not know are left out.

        Raises:
            StyleError: The text is no description, or one of another format version.
        """
        try:
            found = json.loads(text)
        except ValueError as error:
            raise StyleError(f"this is no JSON ({error}): get the style anew") from error
        if not isinstance(found, dict):
            raise StyleError("this is no JSON object: get the style anew")
        version = found.get("format_version")
        if version != FORMAT_VERSION:
            # Asked before anything else: other versions may have other fields.
            raise StyleError(
                f"format_version is {version!r}, this package reads {FORMAT_VERSION}: "
                "install the version of adaptive-style-tf that wrote the style"
            )
        known = {entry.name for entry in dataclasses.fields(cls)}
        missing = sorted(known - found.keys() - _ADDED_LATER)
        if missing:
            raise StyleError(f"it lacks {', '.join(missing)}: get the style anew")
        return cls(**{name: value for name, value in found.items() if name in known})


def _require(condition: bool, name: str, value: object, wanted: str) -> None:
    if not condition:
        raise StyleError(f"{name} must be {wanted}. Received: {name}={value!r}")


def _is_count(value: object, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


def _is_amount(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < math.inf


def _is_date(value: object) -> bool:
    if not isinstance(value, str):
        return False
    try:
        datetime.datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _are_checksums(files: object) -> bool:
    return isinstance(files, Mapping) and all(
        name in WEIGHT_FILES and isinstance(digest, str) and _SHA256.fullmatch(digest)
        for name, digest in files.items()
    )
