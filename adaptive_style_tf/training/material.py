"""The pictures of a training: found, looked at, reported, and ready to be cropped."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.datasets.crops import CACHE_BYTES, CropSettings, CropSource
from adaptive_style_tf.datasets.discovery import Collection, find_paintings, find_photographs
from adaptive_style_tf.datasets.inspection import Inspection, inspect_pictures
from adaptive_style_tf.datasets.report import DataReport, report_data
from adaptive_style_tf.datasets.sizing import Kind
from adaptive_style_tf.training.palette import Palette, measured_palette
from adaptive_style_tf.training.sample_sheets import Samples
from adaptive_style_tf.training.settings import DataSettings

SAMPLE_ROWS = 4
PALETTE_CROPS = 64
SAMPLE_SEED = 2018  # the same pictures are looked at whatever the training's seed

Progress = Callable[[str, int, int], None]  # what is read, files done, files in all


@dataclass(frozen=True)
class Places:
    """Where the pictures are."""

    artist: str  # slug
    data_dir: Path
    style_dir: Path | None = None  # instead of <data_dir>/artists/<artist>
    content_dir: Path | None = None  # instead of <data_dir>/photos


@dataclass(frozen=True)
class Material:
    """Usable pictures and what is to be said about them."""

    paintings: tuple[Path, ...]
    photographs: tuple[Path, ...]
    report: DataReport
    settings: DataSettings

    def counts(self) -> dict[str, int]:
        return {"paintings": len(self.paintings), "photographs": len(self.photographs)}

    def fingerprint(self) -> str:
        """Changes with the list of files, by which crops are numbered."""
        names = [path.name for path in (*self.paintings, *self.photographs)]
        return hashlib.sha256("\n".join(names).encode()).hexdigest()

    def sources(
        self,
        seed: int,
        on_unreadable: Callable[[Path, str], None],
        cache_bytes: int = CACHE_BYTES,
    ) -> tuple[CropSource, CropSource]:
        """What makes the crops of paintings and of photographs.

        Args:
            cache_bytes: how much memory the decoded pictures of each may take.
        """
        return (
            self._source("painting", self.paintings, seed, on_unreadable, cache_bytes),
            self._source("photograph", self.photographs, seed, on_unreadable, cache_bytes),
        )

    def samples(self, on_unreadable: Callable[[Path, str], None]) -> Samples:
        """The few crops that sample sheets show and the run's health is judged by."""
        paintings, photographs = self.sources(SAMPLE_SEED, on_unreadable)
        numbers = range(SAMPLE_ROWS)
        return Samples(
            np.stack([paintings.crop(n) for n in numbers]),
            np.stack([photographs.crop(n) for n in numbers]),
        )

    def palette(self, on_unreadable: Callable[[Path, str], None]) -> Palette:
        """The colors of the paintings, measured on some crops."""
        paintings, _ = self.sources(SAMPLE_SEED, on_unreadable)
        return measured_palette(paintings.crop(n) for n in range(PALETTE_CROPS))

    def crops_of_both(
        self, count: int, on_unreadable: Callable[[Path, str], None]
    ) -> list[NDArray[np.float32]]:
        """So many crops `(S, S, 3)`, every third one of a painting, as in the warm start."""
        paintings, photographs = self.sources(SAMPLE_SEED, on_unreadable)
        return [(paintings if n % 3 == 2 else photographs).crop(n) for n in range(count)]

    def _source(
        self,
        kind: Kind,
        files: tuple[Path, ...],
        seed: int,
        on_unreadable: Callable[[Path, str], None],
        cache_bytes: int,
    ) -> CropSource:
        settings = self.settings
        crops = CropSettings(
            settings.image_size,
            settings.scale_bug,
            settings.stretch_small_crops,
            settings.style_scale if kind == "painting" else settings.photograph_scale,
            0.0 if kind == "painting" else settings.grain,
        )
        return CropSource(
            files, kind, crops, seed, cache_bytes=cache_bytes, on_unreadable=on_unreadable
        )


def gather_material(places: Places, settings: DataSettings, progress: Progress) -> Material:
    """Finds both collections and looks at every picture.

    Raises:
        DataError: a folder is missing or empty, or holds nothing that can be read.
    """
    style = find_paintings(places.data_dir, places.artist, places.style_dir)
    content = find_photographs(places.data_dir, places.content_dir, settings.all_categories)
    paintings = inspected(style, "paintings", progress)
    photographs = inspected(content, "photographs", progress)
    report = report_data(
        (style, paintings),
        (content, photographs),
        settings.image_size,
        settings.style_scale,
        settings.photograph_scale,
    )
    return Material(paintings.usable, photographs.usable, report, settings)


def inspected(collection: Collection, what: str, progress: Progress) -> Inspection:
    return inspect_pictures(
        collection.files, on_progress=lambda done, total: progress(what, done, total)
    )
