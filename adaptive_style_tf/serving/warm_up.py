"""Requests that a server answers before its first user's, so that nobody waits for the first call.

Source: https://www.tensorflow.org/tfx/serving/saved_model_warmup
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from PIL import Image

from adaptive_style_tf.errors import MissingExtraError
from adaptive_style_tf.inference.sizes import SMALLEST_SIDE, padded_side
from adaptive_style_tf.serving.contract import FOLDER
from adaptive_style_tf.serving.signatures import ENCODED_JPEG, ENCODED_PNG, FLOAT, UINT8

FILE = "tf_serving_warmup_requests"
SMALL = (256, 256)  # px, of arrays, which are sent as they are
SMALLEST = (SMALLEST_SIDE, SMALLEST_SIDE)  # px, where the limit is below that
COMMON = ((1280, 720), (1920, 1080))  # px, of files: these shrink to a few kilobytes


def write_warm_up(model: Path, max_pixels: int) -> None:
    """Writes the requests into the folder of a SavedModel.

    Args:
        model: the folder.
        max_pixels: of one picture. A server does not load a model that refuses a request of these.

    Raises:
        MissingExtraError: `serving` is not installed.
    """
    message = log_message()
    (model / FOLDER).mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(model / FOLDER / FILE)) as writer:
        for signature, name, value in requests(max_pixels):
            log = message()
            log.predict_log.request.model_spec.signature_name = signature
            log.predict_log.request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
            writer.write(log.SerializeToString())


def log_message() -> Any:
    """The class of what a server reads as a request.

    Raises:
        MissingExtraError: `serving` is not installed.
    """
    try:
        from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog
    except ImportError as error:
        raise MissingExtraError("Warm-up (without: --no-warm-up)", "serving", error) from error
    return PredictionLog


def requests(max_pixels: int) -> Iterator[tuple[str, str, Any]]:
    """Signature, name of its input, and value, of pictures within the limit."""

    def fits(size: tuple[int, int]) -> bool:
        return padded_side(size[0]) * padded_side(size[1]) <= max_pixels

    small = SMALL if fits(SMALL) else SMALLEST
    batch = shades(*small)[np.newaxis]
    yield UINT8, "image", batch
    yield FLOAT, "image", batch.astype(np.float32) / 255
    for size in [*filter(fits, COMMON)] or [small]:
        yield ENCODED_JPEG, "image_bytes", [encoded(shades(*size), "JPEG")]
    yield ENCODED_PNG, "image_bytes", [encoded(shades(*small), "PNG")]


def shades(width: int, height: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A picture uint8 `(height, width, 3)` of slow gradients."""
    across = np.broadcast_to(np.linspace(0, 255, width), (height, width))
    down = np.broadcast_to(np.linspace(0, 255, height)[:, np.newaxis], (height, width))
    return np.stack([across, down, 255 - across], axis=-1).astype(np.uint8)


def encoded(picture: np.ndarray[Any, np.dtype[np.uint8]], kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, kind)
    return buffer.getvalue()
