"""What a training will learn from, said before it starts (`train --check-data` says only that)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adaptive_style_tf.datasets.discovery import Collection
from adaptive_style_tf.datasets.duplicates import near_pairs
from adaptive_style_tf.datasets.inspection import Inspection
from adaptive_style_tf.datasets.sizing import (
    LONG_SIDE_WANTED,
    PHOTOGRAPH_ENLARGEMENT,
    Kind,
    training_size,
)

FEW_PAINTINGS = 30
NOTABLE_ENLARGEMENT = 1.25  # less is hardly beyond the random scaling by up to 1.2
MANY_SMALL = 0.25  # share of paintings that are enlarged notably
MANY_DUPLICATES = 0.1  # share of paintings that resemble another one
WIDE_SPREAD = 2.5  # ratio of the long sides of the 90th and the 10th percentile
_NAMED = 5  # files or pairs that are named; the others are counted


@dataclass(frozen=True)
class CollectionReport:
    """What one collection consists of.

    Attributes:
        kind: what the pictures are.
        folder: where they are.
        count: usable pictures.
        sizes: (width, height) in px: the smallest, middle and largest by area.
        spread: ratio of the long sides of the 90th and the 10th percentile.
        enlarged: pictures that are enlarged by more than a quarter to fill a crop; of photographs,
            the doubling does not count.
        near_duplicates: pairs of files that show nearly the same.
        compared: whether near-duplicates were looked for.
        unreadable: (file, reason) of those that are left out.
        choice: what was taken of a Places365 tree, or None.
    """

    kind: Kind
    folder: Path
    count: int
    sizes: tuple[tuple[int, int], tuple[int, int], tuple[int, int]]
    spread: float
    enlarged: int
    near_duplicates: tuple[tuple[Path, Path], ...]
    compared: bool
    unreadable: tuple[tuple[Path, str], ...]
    choice: str | None

    def lines(self) -> list[str]:
        """Describes the collection; of what there is none of, nothing is said."""
        smallest, middle, largest = (f"{width} x {height}" for width, height in self.sizes)
        lines = [
            f"{self.kind.capitalize()}s: {self.count:,} in {self.folder}",
            f"  sizes: {smallest} to {largest} px, middle {middle}; "
            f"scales spread by a factor of {self.spread:.1f}",
        ]
        if self.choice:
            lines.append(f"  {self.choice}")
        if self.enlarged:
            verb = "is" if self.enlarged == 1 else "are"
            lines.append(f"  {self.enlarged:,} {verb} enlarged by more than a quarter")
        if not self.compared:
            lines.append(
                "  too many to decode: only headers were read, no near-duplicates looked for"
            )
        if self.near_duplicates:
            lines.append(f"  {_counted(len(self.near_duplicates), 'pair')} nearly the same:")
            lines += _named([f"{a.name} and {b.name}" for a, b in self.near_duplicates])
        if self.unreadable:
            lines.append(f"  {_counted(len(self.unreadable), 'file')} left out as unreadable:")
            lines += _named([reason for _, reason in self.unreadable])
        return lines


@dataclass(frozen=True)
class DataReport:
    """What both collections consist of, and what to expect of them.

    Attributes:
        paintings: the style's pictures.
        photographs: the content's pictures.
        warnings: one sentence each: what to expect and what to do; none for healthy data.
    """

    paintings: CollectionReport
    photographs: CollectionReport
    warnings: tuple[str, ...]

    def lines(self) -> list[str]:
        """Describes the data, warnings last."""
        return [
            *self.paintings.lines(),
            *self.photographs.lines(),
            *(f"Warning: {warning}" for warning in self.warnings),
        ]


def report_data(
    paintings: tuple[Collection, Inspection],
    photographs: tuple[Collection, Inspection],
    image_size: int,
    style_scale: float = 1.0,
    photograph_scale: float = 1.0,
) -> DataReport:
    """Puts together what was found out about the data.

    Args:
        paintings: where they are, and what was found in them.
        photographs: the same for photographs.
        image_size: side of a training crop, px.
        style_scale: at which paintings are cropped, beside the release's sizing.
        photograph_scale: the same of photographs.
    """
    style = report_collection("painting", *paintings, image_size, style_scale)
    content = report_collection("photograph", *photographs, image_size, photograph_scale)
    return DataReport(style, content, tuple(_warnings(style, image_size)))


def report_collection(
    kind: Kind,
    collection: Collection,
    inspection: Inspection,
    image_size: int,
    scale: float = 1.0,
) -> CollectionReport:
    """Puts together what was found out about one collection."""
    by_area = sorted(inspection.sizes, key=lambda size: (size[0] * size[1], size))
    low, high = np.percentile([max(size) for size in inspection.sizes], (10, 90))
    pairs = near_pairs(inspection.hashes)
    files = inspection.usable
    return CollectionReport(
        kind=kind,
        folder=collection.folder,
        count=len(files),
        sizes=(by_area[0], by_area[len(by_area) // 2], by_area[-1]),
        spread=float(high / low),
        enlarged=sum(_is_enlarged(size, kind, image_size, scale) for size in inspection.sizes),
        near_duplicates=tuple((files[first], files[second]) for first, second in pairs),
        compared=len(inspection.hashes) == len(files),
        unreadable=inspection.unreadable,
        choice=None if collection.scenes is None else collection.scenes.line(),
    )


def _is_enlarged(size: tuple[int, int], kind: Kind, image_size: int, scale: float) -> bool:
    doubling = PHOTOGRAPH_ENLARGEMENT if kind == "photograph" else 1
    short = max(scale * min(training_size(*size, kind)), image_size)
    return short > NOTABLE_ENLARGEMENT * doubling * min(size)


def _warnings(paintings: CollectionReport, image_size: int) -> list[str]:
    warnings = []
    if paintings.count < FEW_PAINTINGS:
        warnings.append(
            f"{_counted(paintings.count, 'painting')} are few: expect results that are weak or "
            f"repeat single paintings; add more (from {FEW_PAINTINGS} on it gets better), or start "
            "from a trained style with --init-from STYLE."
        )
    if paintings.enlarged > MANY_SMALL * paintings.count:
        warnings.append(
            f"{paintings.enlarged} of {paintings.count} paintings are small (long side below "
            f"{LONG_SIDE_WANTED} px, or short side below the crop's {image_size} px) and are "
            "enlarged: expect soft strokes; use larger scans, or start from a trained style with "
            "--init-from STYLE."
        )
    if paintings.spread > WIDE_SPREAD:
        warnings.append(
            f"The paintings' sizes differ much (long sides by a factor of {paintings.spread:.1f}): "
            "expect strokes of mixed width; use scans of similar size."
        )
    if len(paintings.near_duplicates) > MANY_DUPLICATES * paintings.count:
        warnings.append(
            f"{_counted(len(paintings.near_duplicates), 'pair')} of paintings are nearly the same: "
            "expect results that repeat them; keep one of each."
        )
    return warnings


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _named(names: Sequence[str]) -> list[str]:
    lines = [f"    {name}" for name in names[:_NAMED]]
    if len(names) > _NAMED:
        lines.append(f"    and {len(names) - _NAMED:,} more")
    return lines
