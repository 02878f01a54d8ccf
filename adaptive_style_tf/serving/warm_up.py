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
from adaptive_style_tf.serving.contract import FOLDER
from adaptive_style_tf.serving.signatures import ENCODED_JPEG, ENCODED_PNG, FLOAT, UINT8

FILE = "tf_serving_warmup_requests"
SMALL = (256, 256)  # of arrays, which are sent as they are
COMMON = ((1280, 720), (1920, 1080))  # px, of files: these shrink to a few kilobytes


def write_warm_up(model: Path) -> None:
    """Writes the requests into the folder of a SavedModel.

    Raises:
        MissingExtraError: `serving` is not installed.
    """
    try:
        from tensorflow_serving.apis.prediction_log_pb2 import PredictionLog
    except ImportError as error:
        raise MissingExtraError("Warm-up (without: --no-warm-up)", "serving", error) from error
    (model / FOLDER).mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(model / FOLDER / FILE)) as writer:
        for signature, name, value in requests():
            log = PredictionLog()
            log.predict_log.request.model_spec.signature_name = signature
            log.predict_log.request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
            writer.write(log.SerializeToString())


def requests() -> Iterator[tuple[str, str, Any]]:
    """Signature, name of its input, and value."""
    small = shades(*SMALL)[np.newaxis]
    yield UINT8, "image", small
    yield FLOAT, "image", small.astype(np.float32) / 255
    for size in COMMON:
        yield ENCODED_JPEG, "image_bytes", [encoded(shades(*size), "JPEG")]
    yield ENCODED_PNG, "image_bytes", [encoded(shades(*SMALL), "PNG")]


def shades(width: int, height: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """A picture uint8 `(height, width, 3)` of slow gradients."""
    across = np.broadcast_to(np.linspace(0, 255, width), (height, width))
    down = np.broadcast_to(np.linspace(0, 255, height)[:, np.newaxis], (height, width))
    return np.stack([across, down, 255 - across], axis=-1).astype(np.uint8)


def encoded(picture: np.ndarray[Any, np.dtype[np.uint8]], kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, kind)
    return buffer.getvalue()
