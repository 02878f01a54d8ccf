"""Writes a style as a SavedModel, whole or not at all."""

from pathlib import Path

import tensorflow as tf

from adaptive_style_tf.errors import ExportError
from adaptive_style_tf.inference.network import loaded_generator
from adaptive_style_tf.serving.contract import contract_of, write_contract
from adaptive_style_tf.serving.signatures import Servable, require_tensorflow
from adaptive_style_tf.serving.versions import new_version
from adaptive_style_tf.serving.warm_up import log_message, write_warm_up
from adaptive_style_tf.styles import Style
from adaptive_style_tf.styles.replacing import folder_in_place_of

QUALITY = 95  # of JPEG
MAX_PIXELS = 4096 * 4096  # of one picture


def export_saved_model(
    style: Style,
    model: Path,
    version: int | None = None,
    *,
    quality: int = QUALITY,
    max_pixels: int = MAX_PIXELS,
    warm_up: bool = True,
) -> Path:
    """Writes `<model>/<version>/` under another name and renames it.

    A server that polls the folder sees the version once it is complete.

    Args:
        style: what to export.
        model: folder of all versions; made if it is not there.
        version: 1 or more; None takes the next free one.
        quality: of JPEG, 1 to 100.
        max_pixels: of one picture with its sides extended, 64 x 64 or more; larger ones fail the
            request.
        warm_up: whether requests for the server to begin with are written along; they need the
            extra `serving`.

    Returns:
        The folder of the version.

    Raises:
        ExportError: the version exists, the disk does not take it, or Keras is not set up for
            TensorFlow's graphs.
        MissingExtraError: `serving` is not installed.
        StyleError: the style is damaged.
    """
    require_tensorflow()
    if warm_up:
        log_message()  # before a folder is made: the extra may be missing
    folder = new_version(model, version)
    servable = Servable(loaded_generator(style), quality, max_pixels, style.description.grain)
    try:
        with folder_in_place_of(folder) as fresh:
            tf.saved_model.save(
                servable,
                str(fresh),
                signatures=servable.graphs,
                options=tf.saved_model.SaveOptions(experimental_custom_gradients=False),
            )
            write_contract(fresh, contract_of(style.description, quality, max_pixels))
            if warm_up:
                write_warm_up(fresh, max_pixels)
            new_version(model, int(folder.name))  # another export may have been faster
    except (OSError, tf.errors.OpError) as error:
        raise ExportError(
            f"{folder} cannot be written ({error}): see to space and permissions"
        ) from error
    return folder
