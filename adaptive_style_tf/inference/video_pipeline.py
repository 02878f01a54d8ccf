"""Reading, working and writing at the same time, with few items in memory."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Read = TypeVar("Read")
Done = TypeVar("Done")

AHEAD = 3  # items read before they are needed, and as many done before they are written

_END = object()


def overlapped(
    source: Iterator[Read],
    work: Callable[[Read], Done],
    write: Callable[[Done], None],
    *,
    ahead: int = AHEAD,
) -> None:
    """Calls `write(work(item))` for every item of `source`, in order.

    Items are read in one thread and written in another; `work` runs in the calling one. At most
    2 * `ahead` + 1 items are held: `ahead` read, one worked on, `ahead` being written. An error in
    any of the three ends all and is raised here; both threads have ended when this returns.

    Raises:
        KeyboardInterrupt: the user stopped it; what `work` had given until then is written.
    """
    with ThreadPoolExecutor(1, "reading") as reading, ThreadPoolExecutor(1, "writing") as writing:
        reads: deque[Future[Read | object]] = deque()
        writes: deque[Future[None]] = deque()
        try:
            reads.extend(reading.submit(next, source, _END) for _ in range(ahead))
            while (item := reads.popleft().result()) is not _END:
                reads.append(reading.submit(next, source, _END))
                if len(writes) == ahead:
                    writes.popleft().result()
                writes.append(writing.submit(write, work(item)))  # type: ignore[arg-type]
            _wait_for_all(writes)
        except KeyboardInterrupt:
            reading.shutdown(cancel_futures=True)
            _wait_for_all(writes)
            raise
        except BaseException:
            reading.shutdown(wait=False, cancel_futures=True)
            writing.shutdown(wait=False, cancel_futures=True)
            raise


def _wait_for_all(writes: "deque[Future[None]]") -> None:
    while writes:
        writes.popleft().result()
