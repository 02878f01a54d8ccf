"""Scalars and sample sheets as TensorBoard events.

Written with TensorFlow's own summary operation, so that a training needs no TensorBoard; looking at
the events does (`pip install "adaptive-style-tf[tensorboard]"`, `tensorboard --logdir runs`).
"""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from adaptive_style_tf.errors import RunFolderError
from adaptive_style_tf.images.encoding import encode_picture
from adaptive_style_tf.images.picture import Frame, Picture
from adaptive_style_tf.images.resizing import resized

# Of the pictures among the events. A default run writes 600 sheets, of 7 MB each were they PNG; the
# full ones are files of the run.
LARGEST_WIDTH = 1200  # px
QUALITY = 85  # of JPEG


class EventLog:
    """Appends to the event files in `folder`.

    Raises:
        RunFolderError: the disk is full or cannot be written; any method may notice it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with self._told_plainly():
            self._writer = tf.summary.create_file_writer(str(folder))

    def scalars(self, step: int, values: Mapping[str, Any]) -> None:
        """Writes one point for each name."""
        with self._told_plainly(), self._writer.as_default(step=step):
            for name, value in values.items():
                tf.summary.write(name, tf.cast(value, tf.float32), metadata=metadata("scalars"))

    def picture(self, step: int, name: str, pixels: npt.NDArray[np.uint8]) -> None:
        """Writes one picture `(H, W, 3)` as JPEG, scaled down where it is wider than fits."""
        height, width, _ = pixels.shape
        if width > LARGEST_WIDTH:
            height, width = max(1, round(height * LARGEST_WIDTH / width)), LARGEST_WIDTH
        shown = Picture((Frame(resized(pixels, height, width)),), "")
        encoded = encode_picture(shown, "JPEG", QUALITY)
        # The image plug-in's layout: width, height, then the files of a batch.
        content = tf.constant([str(width), str(height), encoded])
        with self._told_plainly(), self._writer.as_default(step=step):
            tf.summary.write(name, content, metadata=metadata("images"))

    def flush(self) -> None:
        with self._told_plainly():
            self._writer.flush()

    @contextlib.contextmanager
    def _told_plainly(self) -> Iterator[None]:
        """TensorFlow's file errors are its own, with pages of text (a full disk among them)."""
        try:
            yield
        except tf.errors.OpError as error:
            reason = error.message.splitlines()[0].rpartition("} ")[2]
            raise RunFolderError(
                f"The curves in {self._folder} cannot be written ({reason}); free some space there "
                "or make it writable, then start the same command again to go on."
            ) from error


def metadata(plugin: str) -> Any:
    """Tells TensorBoard which of its plug-ins shows a value."""
    made = tf.compat.v1.SummaryMetadata()
    made.plugin_data.plugin_name = plugin
    return made
