"""Training crops as a tf.data pipeline: parallel, in order, without worker processes.

Processes hang in notebooks and on Windows; threads are enough, since decoding, warping and color
arithmetic release Python's lock. TensorFlow is imported when a pipeline is made, so that the rest
of this package serves other backends too.
"""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import cv2

from adaptive_style_tf.datasets.crops import CropSource

if TYPE_CHECKING:
    import tensorflow as tf

_LAST_NUMBER = 2**63 - 1
_PREFETCHED = 2  # batches


def batches(
    source: CropSource, start_step: int, batch_size: int, workers: int | None = None
) -> "tf.data.Dataset":
    """Delivers the crops of step `start_step` and of all that follow, without end.

    Crop i of step k is crop number k * batch_size + i of the source, whatever the start.

    Args:
        source: makes the crops.
        start_step: 0 or more.
        batch_size: at least 1.
        workers: threads that make crops; default: one for each processor, at most 8.

    Returns:
        Dataset of float32 [batch_size, S, S, 3] in [-1, 1].
    """
    import tensorflow as tf

    workers = workers or default_workers()
    # Crops are made side by side already; more threads within each only get in each other's way.
    cv2.setNumThreads(1)
    size = source.settings.image_size

    def crop(n: Any) -> Any:
        made = tf.numpy_function(lambda number: source.crop(int(number)), [n], tf.float32)
        made.set_shape((size, size, 3))
        return made

    dataset = (
        tf.data.Dataset.range(start_step * batch_size, _LAST_NUMBER)
        .map(crop, num_parallel_calls=workers, deterministic=True)
        .batch(batch_size, drop_remainder=True)
        .prefetch(_PREFETCHED)
    )
    options = tf.data.Options()
    options.deterministic = True
    return dataset.with_options(options)


def painting_and_photograph_batches(
    paintings: CropSource,
    photographs: CropSource,
    start_step: int,
    batch_size: int,
) -> "tf.data.Dataset":
    """Delivers (paintings, photographs) of step `start_step` and of all that follow.

    Args:
        paintings: makes the paintings' crops.
        photographs: makes the photographs' crops.
        start_step: 0 or more.
        batch_size: at least 1, of each.

    Returns:
        Dataset of pairs of float32 [batch_size, S, S, 3] in [-1, 1].
    """
    import tensorflow as tf

    return tf.data.Dataset.zip(
        (
            batches(paintings, start_step, batch_size),
            batches(photographs, start_step, batch_size),
        )
    )


def iterate(dataset: "tf.data.Dataset", *sources: CropSource) -> Iterator[Any]:
    """Iterates over a pipeline made of these sources.

    Raises:
        DataError: a source could make no more crops; without this, TensorFlow's own error with a
            traceback in its text would come out.
    """
    import tensorflow as tf

    try:
        yield from dataset
    except tf.errors.OpError as error:
        for source in sources:
            if source.failure is not None:
                raise source.failure from error
        raise


def default_workers() -> int:
    """One thread for each processor that this process may use, at most 8."""
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(available or 1, 8)
