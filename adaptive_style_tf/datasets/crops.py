"""Training crops by number: crop n depends on the seed, n and the sorted files, on nothing else.

That is what makes a resumed run see what the uninterrupted one would have seen: no iterator holds
state that a checkpoint would have to store.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from adaptive_style_tf.datasets.augmentation import augment, draw_augmentation
from adaptive_style_tf.datasets.cache import PictureCache
from adaptive_style_tf.datasets.sizing import Kind, size_for_training
from adaptive_style_tf.errors import AdaptiveStyleError, DataError, PictureError
from adaptive_style_tf.images.decoding import read_picture
from adaptive_style_tf.images.grain import REPEATS, grain

CACHE_BYTES = (
    1 << 30
)  # about 300 pictures of 1000 x 1000; more are decoded anew when their turn comes

# Independent streams of random numbers (NumPy's SeedSequence, spawn_key).
_KIND_KEY = {"painting": 0, "photograph": 1}
_ORDER_KEY, _CROP_KEY = 0, 1


@dataclass(frozen=True)
class CropSettings:
    """How crops are made.

    Attributes:
        image_size: side of a crop, px.
        scale_bug: scale by 0.8 only, as the release did (see `augmentation`).
        stretch_small_crops: stretch what a picture smaller than a crop gives, as the release did,
            instead of enlarging the picture.
        scale: at which pictures are cropped, beside the release's sizing; below 1 a crop shows
            more of a picture, and strokes are finer.
        grain: standard deviation of the grain that is added to crops, in levels of 0 to 255.
    """

    image_size: int
    scale_bug: bool = False
    stretch_small_crops: bool = False
    scale: float = 1.0
    grain: float = 0.0


class CropSource:
    """Augmented crops of a collection, numbered from 0; may be used from several threads.

    Each epoch takes every file once, in an order of its own. A file that cannot be read is
    replaced by the next one of the epoch's order and reported once.

    Attributes:
        files: sorted; crops are numbered by this order.
        kind: photographs are doubled, and drawn independently of paintings.
        settings: how crops are made.
        seed: 0 or more.
        failure: why no crop could be made, if that happened; errors lose their type on the way
            through a tf.data pipeline.
    """

    def __init__(
        self,
        files: Sequence[Path],
        kind: Kind,
        settings: CropSettings,
        seed: int,
        *,
        cache_bytes: int = CACHE_BYTES,
        on_unreadable: Callable[[Path, str], None] | None = None,
    ):
        """Takes the files as they are, without opening any.

        Args:
            files: at least one, sorted.
            kind: "painting" or "photograph".
            settings: how crops are made.
            seed: 0 or more.
            cache_bytes: how much memory decoded pictures may take.
            on_unreadable: called with a file and the reason, once for each file that cannot be
                read, from the thread that found it.

        Raises:
            DataError: there are no files.
        """
        if not files:
            raise DataError(f"There are no {kind}s to take crops from; name a folder with some.")
        self.files = tuple(files)
        self.kind: Kind = kind
        self.settings = settings
        self.seed = seed
        self.failure: AdaptiveStyleError | None = None
        self._cache = PictureCache(self._read, cache_bytes)
        self._on_unreadable = on_unreadable
        self._unreadable: set[Path] = set()
        self._orders: dict[int, NDArray[np.int64]] = {}
        self._lock = threading.Lock()

    def crop(self, n: int) -> NDArray[np.float32]:
        """Makes crop number n.

        Returns:
            float32 [S, S, 3] in [-1, 1], S = `settings.image_size`; grain may lead beyond.

        Raises:
            DataError: none of the files can be read.
        """
        random = np.random.Generator(self._philox(_CROP_KEY, n))
        augmentation = draw_augmentation(random, self.settings.scale_bug)
        crop = augment(
            self._picture(n),
            augmentation,
            self.settings.image_size,
            self.settings.stretch_small_crops,
        )
        if self.settings.grain:
            down, right = (int(share * REPEATS) for share in random.random(2))
            part = grain(self.settings.image_size, self.settings.image_size, down, right)
            crop += np.float32(self.settings.grain / 127.5) * part
        return crop

    def batch(self, step: int, batch_size: int) -> NDArray[np.float32]:
        """Makes the crops of one training step: numbers step * batch_size and following.

        Returns:
            float32 [batch_size, S, S, 3] in [-1, 1].

        Raises:
            DataError: none of the files can be read.
        """
        first = step * batch_size
        return np.stack([self.crop(n) for n in range(first, first + batch_size)])

    def file_of(self, n: int) -> Path:
        """The file from which crop n is taken, if it can be read."""
        epoch, place = divmod(n, len(self.files))
        return self.files[int(self._order(epoch)[place])]

    def _picture(self, n: int) -> NDArray[np.uint8]:
        count = len(self.files)
        epoch, place = divmod(n, count)
        order = self._order(epoch)
        for offset in range(count):
            file = self.files[int(order[(place + offset) % count])]
            if file in self._unreadable:
                continue
            try:
                return self._cache.get(file)
            except PictureError as error:
                self._report(file, str(error))
        self.failure = DataError(
            f"None of the {count} {self.kind}s can be read, {self.files[0]} being the first; "
            "check that the disk is still there."
        )
        raise self.failure

    def _read(self, file: Path) -> NDArray[np.uint8]:
        return size_for_training(read_picture(file), self.kind, self.settings.scale)

    def _report(self, file: Path, reason: str) -> None:
        with self._lock:
            is_new = file not in self._unreadable
            self._unreadable.add(file)
        if is_new and self._on_unreadable is not None:
            self._on_unreadable(file, reason)

    def _order(self, epoch: int) -> NDArray[np.int64]:
        with self._lock:
            if epoch not in self._orders:
                if len(self._orders) >= 3:  # batches reach over the end of an epoch, not further
                    del self._orders[min(self._orders)]
                # The bits of Philox are the same in every NumPy, its `permutation` need not be.
                bits = self._philox(_ORDER_KEY, epoch).random_raw(len(self.files))
                self._orders[epoch] = np.argsort(bits, kind="stable")
            return self._orders[epoch]

    def _philox(self, stream: int, number: int) -> np.random.Philox:
        key = (_KIND_KEY[self.kind], stream, number)
        return np.random.Philox(np.random.SeedSequence(self.seed, spawn_key=key))
