"""What a server can ask of an exported style (DESIGN 10), as TensorFlow graphs.

| signature | input | output |
| --- | --- | --- |
| `serving_default` | `image`: uint8 `(B, H, W, 3)`, 0 to 255 | `stylized`: the same |
| `stylize_float` | `image`: float32 `(B, H, W, 3)`, 0 to 1 | `stylized`: the same |
| `stylize_encoded` | `image_bytes`: string `(B,)`, JPEG or PNG | `stylized_bytes`: JPEG, `(B,)` |
| `stylize_encoded_png` | the same | `stylized_bytes`: PNG, `(B,)` |

Any B, H and W from 1; the result has the size of the picture. The formats are signatures of their
own, and the quality of JPEG is fixed at the export: a server asks for every input of a signature in
every request, so an input with a default would have none.
"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from adaptive_style_tf.errors import ExportError
from adaptive_style_tf.serving.encoded import (
    decoded,
    require_pictures,
    require_sides,
    require_size,
)
from adaptive_style_tf.serving.file_kinds import JPEG_SIDE, PNG_SIDE
from adaptive_style_tf.serving.grain import with_grain
from adaptive_style_tf.serving.sizes import at_its_size

UINT8 = "serving_default"
FLOAT = "stylize_float"
ENCODED_JPEG = "stylize_encoded"
ENCODED_PNG = "stylize_encoded_png"


Signatures = dict[str, Any]


class Servable(tf.Module):
    """Holds the variables that the signatures read, and nothing else.

    A saved object that also tracks the Keras model has a second handle for every weight, which a
    server does not fill: Python then loads what no server can run.

    Args:
        generator: built, float32, with its weights.
        quality: of JPEG, 1 to 100.
        max_pixels: of one picture, extended; more fail the request.
        grain_levels: of the grain that the network is used to, see `StyleDescription`.
    """

    def __init__(
        self, generator: Any, quality: int, max_pixels: int, grain_levels: float = 0.0
    ) -> None:
        super().__init__(name="stylizer")
        network = network_graph(generator, grain_levels)
        self.variables_read = [variable.value for variable in generator.weights]
        self.graphs = signatures_of(network, quality, max_pixels)


def network_graph(generator: Any, grain_levels: float = 0.0) -> Callable[[tf.Tensor], tf.Tensor]:
    """The generator as one graph that all signatures call, for any size.

    Args:
        generator: built, float32, with its weights.
        grain_levels: of the grain that its pictures get first.

    Raises:
        ExportError: Keras runs on something else than TensorFlow, or the weights are not float32.
    """
    require_tensorflow()
    require_float32(generator)
    function = tf.function(
        lambda pictures: generator(with_grain(pictures, grain_levels)),
        input_signature=[tf.TensorSpec((None, None, None, 3), tf.float32, "pictures")],
    )
    return function.get_concrete_function()  # type: ignore[no-any-return]


def require_tensorflow() -> None:
    """Raises an ExportError unless Keras makes graphs of TensorFlow."""
    if keras.backend.backend() != "tensorflow":
        raise ExportError(
            f"Keras runs on {keras.backend.backend()}, and graphs are TensorFlow's: set "
            "KERAS_BACKEND=tensorflow"
        )


def require_float32(generator: Any) -> None:
    """Raises an ExportError unless all weights are what readers of the file expect, float32."""
    others = sorted({str(variable.dtype) for variable in generator.weights} - {"float32"})
    if others:
        raise ExportError(
            f"Keras makes weights of {', '.join(others)}, and exports hold float32: set floatx to "
            "float32 in its keras.json"
        )


def signatures_of(
    network: Callable[[tf.Tensor], tf.Tensor], quality: int, max_pixels: int
) -> Signatures:
    """The signatures by name, traced for any size.

    Args:
        network: pictures `(N, H, W, 3)` in [-1, 1] to the same, sides as `inference.sizes` says.
        quality: of JPEG, 1 to 100.
        max_pixels: of one picture, extended.
    """

    def stylized_levels(image: tf.Tensor) -> tf.Tensor:
        values = at_its_size(network, tf.cast(image, tf.float32) / 127.5 - 1)
        return tf.saturate_cast(tf.round((values + 1) * 127.5), tf.uint8)

    def stylize_uint8(image: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"stylized": stylized_levels(checked_batch(image, max_pixels))}

    def stylize_float(image: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"stylized": stylized_values(network, checked_batch(image, max_pixels))}

    def stylize_encoded(
        image_bytes: tf.Tensor, encode: Callable[[tf.Tensor], tf.Tensor], longest_side: int
    ) -> dict[str, tf.Tensor]:
        def stylized_bytes(one: tf.Tensor) -> tf.Tensor:
            picture = tf.ensure_shape(decoded(one, max_pixels), (None, None, 3))
            # Before the network has worked for nothing.
            with tf.control_dependencies([require_sides(picture, longest_side)]):
                checked = tf.identity(picture)
            return encode(stylized_levels(checked[tf.newaxis])[0])

        batch = tf.ensure_shape(image_bytes, (None,))
        with tf.control_dependencies([require_some(batch)]):
            checked = require_pictures(batch)
        with tf.control_dependencies([checked]):
            return {
                "stylized_bytes": tf.map_fn(
                    stylized_bytes,
                    tf.identity(batch),
                    fn_output_signature=tf.TensorSpec((), tf.string),
                    parallel_iterations=1,  # pictures at once would need memory at once
                )
            }

    def encoded_jpeg(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        return stylize_encoded(
            image_bytes,
            lambda picture: tf.io.encode_jpeg(
                picture, quality=quality, chroma_downsampling=False, density_unit="in"
            ),
            JPEG_SIDE,
        )

    def encoded_png(image_bytes: tf.Tensor) -> dict[str, tf.Tensor]:
        return stylize_encoded(image_bytes, tf.io.encode_png, PNG_SIDE)

    levels = tf.TensorSpec((None, None, None, 3), tf.uint8, "image")
    values = tf.TensorSpec((None, None, None, 3), tf.float32, "image")
    files = tf.TensorSpec((None,), tf.string, "image_bytes")
    inputs = {
        UINT8: (stylize_uint8, levels),
        FLOAT: (stylize_float, values),
        ENCODED_JPEG: (encoded_jpeg, files),
        ENCODED_PNG: (encoded_png, files),
    }
    return {
        name: tf.function(function, input_signature=[spec]).get_concrete_function()
        for name, (function, spec) in inputs.items()
    }


def stylized_values(network: Callable[[tf.Tensor], tf.Tensor], images: tf.Tensor) -> tf.Tensor:
    """Pictures float32 `(B, H, W, 3)` in [0, 1], stylized, the same shape and range."""
    values = at_its_size(network, images * 2 - 1)
    return tf.clip_by_value((values + 1) / 2, 0.0, 1.0)


def checked_batch(images: tf.Tensor, max_pixels: int) -> tf.Tensor:
    """The same pictures `(N, H, W, 3)`; fails if they are none, or not of this shape, or too large.

    A server does not compare a request with the shape in the signature, and one channel would be
    broadcast to three.
    """
    images = tf.ensure_shape(images, (None, None, None, 3))
    shape = tf.shape(images)
    with tf.control_dependencies([require_some(images)]):
        fits = require_size(shape[1], shape[2], max_pixels)
    with tf.control_dependencies([fits]):
        return tf.identity(images)


def require_some(batch: tf.Tensor) -> tf.Operation:
    """Fails for a batch of nothing."""
    return tf.debugging.Assert(
        tf.shape(batch)[0] > 0, ["A batch has at least one picture; received none."], name="batch"
    )
