"""Crops made ahead in threads and sent to the device, in order, without tf.data."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import cv2
import jax

from adaptive_style_tf.datasets.crops import CropSource

Batches = tuple[jax.Array, jax.Array]


def prefetched_batches(
    paintings: CropSource, photographs: CropSource, start_step: int, batch_size: int, workers: int
) -> Iterator[Batches]:
    """Delivers (paintings, photographs) of step `start_step` and of all that follow, without end.

    The same crops as `datasets.pipeline`. Threads are enough, since decoding, warping and color
    arithmetic release Python's lock. Close the iterator to end them.

    Args:
        workers: threads; so many steps, and two more, are made ahead.

    Yields:
        Two arrays float32 [batch_size, S, S, 3] in [-1, 1] on the device.

    Raises:
        DataError: none of the files can be read.
    """
    # Crops are made side by side already; more threads within each only get in each other's way.
    cv2.setNumThreads(1)

    def made(step: int) -> Batches:
        return (
            jax.device_put(paintings.batch(step, batch_size)),
            jax.device_put(photographs.batch(step, batch_size)),
        )

    pool = ThreadPoolExecutor(workers, thread_name_prefix="crops")
    try:
        step = start_step + workers + 2
        ahead = deque(pool.submit(made, number) for number in range(start_step, step))
        while True:
            batches = ahead.popleft().result()
            ahead.append(pool.submit(made, step))
            step += 1
            yield batches
    finally:
        pool.shutdown(cancel_futures=True)
