"""JPEG and PNG within the graph: what is refused before it is decoded, and why."""

import tensorflow as tf

from adaptive_style_tf.serving.file_kinds import JPEG_BEGINS, PNG_BEGINS
from adaptive_style_tf.serving.sizes import padded_side

PNG_SIDES_AT = 16  # byte at which width and height begin, 4 bytes each, the highest first
PNG_HEADER_BYTES = PNG_SIDES_AT + 8


def is_png(image_bytes: tf.Tensor) -> tf.Tensor:
    """Whether each string begins as a PNG and is long enough to name its size."""
    begins = tf.strings.substr(image_bytes, 0, len(PNG_BEGINS)) == PNG_BEGINS
    return begins & (tf.strings.length(image_bytes) >= PNG_HEADER_BYTES)


def is_jpeg(image_bytes: tf.Tensor) -> tf.Tensor:
    """Whether each string begins as a JPEG."""
    return tf.strings.substr(image_bytes, 0, len(JPEG_BEGINS)) == JPEG_BEGINS


def require_pictures(image_bytes: tf.Tensor) -> tf.Operation:
    """Fails unless every string of `(N,)` is a JPEG or PNG; the message names the first other."""
    known = is_png(image_bytes) | is_jpeg(image_bytes)
    first = tf.argmax(tf.cast(~known, tf.int32))
    return tf.debugging.Assert(
        tf.reduce_all(known), ["Neither JPEG nor PNG: image_bytes at index", first], name="encoded"
    )


def decoded(image_bytes: tf.Tensor, max_pixels: int) -> tf.Tensor:
    """The picture uint8 `(H, W, 3)` of one JPEG or PNG.

    Opacity is dropped and EXIF orientation not applied. A header that promises more than
    `max_pixels`, counted as `require_size` does, fails before anything is decoded.
    """
    return tf.cond(
        is_png(image_bytes),
        lambda: _decoded_png(image_bytes, max_pixels),
        lambda: _decoded_jpeg(image_bytes, max_pixels),
    )


def _decoded_png(image_bytes: tf.Tensor, max_pixels: int) -> tf.Tensor:
    header = tf.strings.substr(image_bytes, PNG_SIDES_AT, 8)
    places = tf.constant([1 << 24, 1 << 16, 1 << 8, 1], tf.int64)
    numbers = tf.reshape(tf.cast(tf.io.decode_raw(header, tf.uint8), tf.int64), (2, 4))
    width, height = tf.unstack(tf.reduce_sum(numbers * places, axis=1))
    with tf.control_dependencies([require_size(height, width, max_pixels)]):
        return tf.io.decode_png(tf.identity(image_bytes), channels=3)


def _decoded_jpeg(image_bytes: tf.Tensor, max_pixels: int) -> tf.Tensor:
    shape = tf.io.extract_jpeg_shape(image_bytes, output_type=tf.int32)
    height, width = tf.cast(shape[0], tf.int64), tf.cast(shape[1], tf.int64)
    with tf.control_dependencies([require_size(height, width, max_pixels)]):
        # The accurate transform is what every other program uses.
        return tf.io.decode_jpeg(
            tf.identity(image_bytes), channels=3, dct_method="INTEGER_ACCURATE"
        )


def require_size(height: tf.Tensor, width: tf.Tensor, max_pixels: int) -> tf.Operation:
    """Fails unless the picture has a pixel, and no more than `max_pixels` once it is extended."""
    height, width = tf.cast(height, tf.int64), tf.cast(width, tf.int64)
    # The network sees the extended sides: a line of pixels becomes 64 times as many. The product of
    # two 32-bit sides may overflow; the quotient does not.
    within = padded_side(width) <= max_pixels // padded_side(height)
    return tf.debugging.Assert(
        (height > 0) & (width > 0) & within,
        [
            "A picture has 1 to",
            max_pixels,
            "pixels, with sides extended to multiples of 16 from 64; received height and width:",
            height,
            width,
        ],
        name="size",
    )


def require_sides(picture: tf.Tensor, longest: int) -> tf.Operation:
    """Fails unless a picture `(H, W, 3)` can be written with sides of at most so many pixels."""
    height, width = tf.unstack(tf.shape(picture)[:2])
    return tf.debugging.Assert(
        (height <= longest) & (width <= longest),
        ["The result ends at", longest, "pixels a side; received height and width:", height, width],
        name="sides",
    )
