"""Scalars and sample sheets as TensorBoard events.

Written with TensorFlow's own summary operation, so that a training needs no TensorBoard; looking at
the events does (`pip install "adaptive-style-tf[tensorboard]"`, `tensorboard --logdir runs`).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf


class EventLog:
    """Appends to the event files in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._writer = tf.summary.create_file_writer(str(folder))

    def scalars(self, step: int, values: Mapping[str, Any]) -> None:
        """Writes one point for each name."""
        with self._writer.as_default(step=step):
            for name, value in values.items():
                tf.summary.write(name, tf.cast(value, tf.float32), metadata=metadata("scalars"))

    def picture(self, step: int, name: str, pixels: npt.NDArray[np.uint8]) -> None:
        """Writes one picture `(H, W, 3)`."""
        height, width, _ = pixels.shape
        encoded = tf.io.encode_png(pixels)
        # The image plug-in's layout: width, height, then the files of a batch.
        content = tf.stack([tf.constant(str(width)), tf.constant(str(height)), encoded])
        with self._writer.as_default(step=step):
            tf.summary.write(name, content, metadata=metadata("images"))

    def flush(self) -> None:
        self._writer.flush()


def metadata(plugin: str) -> Any:
    """Tells TensorBoard which of its plug-ins shows a value."""
    made = tf.compat.v1.SummaryMetadata()
    made.plugin_data.plugin_name = plugin
    return made
