"""Decoded pictures kept in memory, since decoding is what crops of a small collection cost."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray


class PictureCache:
    """The pictures used last, up to a number of bytes; may be used from several threads.

    Attributes:
        max_bytes: limit of the arrays' sizes together; 0 keeps nothing.
        used_bytes: of the arrays that are kept now.
    """

    def __init__(self, load: Callable[[Path], NDArray[np.uint8]], max_bytes: int):
        self.max_bytes = max_bytes
        self.used_bytes = 0
        self._load = load
        self._pictures: OrderedDict[Path, NDArray[np.uint8]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, path: Path) -> NDArray[np.uint8]:
        """Gives the picture, loaded if it is not kept; read-only, as others may hold it too."""
        with self._lock:
            if path in self._pictures:
                self._pictures.move_to_end(path)
                return self._pictures[path]
        # Outside the lock, so that several files are decoded at once. That two threads decode
        # the same one is possible and harmless.
        picture = self._load(path)
        picture.flags.writeable = False
        with self._lock:
            self._keep(path, picture)
        return picture

    def _keep(self, path: Path, picture: NDArray[np.uint8]) -> None:
        if path in self._pictures or picture.nbytes > self.max_bytes:
            return
        self._pictures[path] = picture
        self.used_bytes += picture.nbytes
        while self.used_bytes > self.max_bytes:
            _, oldest = self._pictures.popitem(last=False)
            self.used_bytes -= oldest.nbytes
