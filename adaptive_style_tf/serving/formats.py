"""A style as one file for other runtimes: ONNX, TFLite and Keras.

All take `image`, float32 `(B, H, W, 3)` in [0, 1], and give `stylized`, the same shape and range;
only Keras' file holds the bare network, whose pictures lie in [-1, 1].
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tensorflow as tf

from adaptive_style_tf.errors import ExportError, MissingExtraError
from adaptive_style_tf.images.encoding import renamed_when_complete
from adaptive_style_tf.inference.network import loaded_generator
from adaptive_style_tf.serving.signatures import (
    network_graph,
    require_float32,
    require_tensorflow,
    stylized_values,
)
from adaptive_style_tf.styles import Style

ONNX_OPSET = 18


def export_onnx(style: Style, target: Path) -> None:
    """Writes an ONNX model for any size.

    Raises:
        MissingExtraError: `onnx` is not installed.
        ExportError: the file cannot be written.
    """
    try:
        import tf2onnx
    except ImportError as error:
        raise MissingExtraError("ONNX", "onnx", error) from error
    with finished_file(target) as fresh:
        function, spec, _ = whole_graph(style, (None, None, None))
        tf2onnx.convert.from_function(
            function, input_signature=[spec], opset=ONNX_OPSET, output_path=str(fresh)
        )


def export_tflite(style: Style, target: Path, size: tuple[int, int] | None, half: bool) -> None:
    """Writes a TFLite model.

    Args:
        style: what to export.
        target: the file.
        size: width and height in pixels; None leaves the input resizable.
        half: store the weights in float16, half the size; sums are float32 all the same.

    Raises:
        ExportError: the file cannot be written.
    """
    sides = (None, None) if size is None else (size[1], size[0])
    with finished_file(target) as fresh:
        function, _, weights = whole_graph(style, (1, *sides))
        converter = tf.lite.TFLiteConverter.from_concrete_functions(
            [function.get_concrete_function()], weights
        )
        if half:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_types = [tf.float16]
        fresh.write_bytes(converter.convert())


def export_keras(style: Style, target: Path) -> None:
    """Writes the generator as a `.keras` file, for `keras.models.load_model`.

    Raises:
        ExportError: the file cannot be written.
    """
    with finished_file(target) as fresh:
        generator = loaded_generator(style)
        require_float32(generator)
        generator.save(fresh)


def whole_graph(
    style: Style, shape: tuple[int | None, int | None, int | None]
) -> tuple[Any, tf.TensorSpec, tf.Module]:
    """From picture to picture of the same size, as a function that is traced once.

    Args:
        style: the weights.
        shape: batch, height and width; None for any.

    Returns:
        The function, its input, and what holds the weights that it reads.

    Raises:
        ExportError: Keras is not set up for TensorFlow's graphs.
    """
    require_tensorflow()
    generator = loaded_generator(style)
    network: Callable[[tf.Tensor], tf.Tensor] = network_graph(generator, style.description.grain)
    weights = tf.Module()
    weights.variables_read = [variable.value for variable in generator.weights]
    spec = tf.TensorSpec((*shape, 3), tf.float32, "image")

    def stylize(image: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"stylized": stylized_values(network, image)}

    return tf.function(stylize, input_signature=[spec]), spec, weights


@contextmanager
def finished_file(target: Path) -> Iterator[Path]:
    """Gives a name beside `target` to write to, which takes its place when the block ends well.

    Raises:
        ExportError: it exists, at the beginning or at the end, or cannot be written.
    """

    def refuse() -> None:
        if os.path.lexists(target):
            raise ExportError(f"{target} exists: choose another --output, or remove it")

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # The suffix stays the last one, since Keras goes by it.
        with renamed_when_complete(target, refuse, f".partial{target.suffix}") as fresh:
            yield fresh
    except OSError as error:
        raise ExportError(
            f"{target} cannot be written ({error}): see to space and permissions"
        ) from error
