import threading
from collections.abc import Iterator

import pytest

from adaptive_style_tf.inference.video_pipeline import overlapped

PATIENCE = 10  # s, only a broken pipeline waits so long


class Gauge:
    """Counts what was read, worked on and written, and how much was between."""

    def __init__(self) -> None:
        self.read = self.written = self.most = 0
        self._changed = threading.Condition()

    def reading(self, count: int) -> Iterator[int]:
        for number in range(count):
            with self._changed:
                self.read += 1
                self.most = max(self.most, self.read - self.written)
                self._changed.notify_all()
            yield number

    def writes(self) -> None:
        with self._changed:
            self.written += 1
            self._changed.notify_all()

    def wait_until_read(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.read >= count, PATIENCE)


def test_items_come_in_order_and_pass_the_work() -> None:
    written: list[int] = []
    overlapped(iter(range(50)), lambda item: item * item, written.append)
    assert written == [item * item for item in range(50)]


def test_each_of_the_three_has_its_thread() -> None:
    threads: dict[str, set[int]] = {"read": set(), "work": set(), "write": set()}

    def source() -> Iterator[int]:
        for number in range(9):
            threads["read"].add(threading.get_ident())
            yield number

    overlapped(
        source(),
        lambda item: threads["work"].add(threading.get_ident()),
        lambda item: threads["write"].add(threading.get_ident()),
    )
    assert threads["work"] == {threading.get_ident()}
    assert len(set.union(*threads.values())) == 3


@pytest.mark.parametrize("ahead", [1, 2, 5])
def test_reading_runs_ahead_of_slow_writing_so_far_and_no_further(ahead: int) -> None:
    gauge, count = Gauge(), 40
    bound = 2 * ahead + 1

    def write(item: int) -> None:
        gauge.wait_until_read(min(count, item + bound))  # fails if they did not overlap
        gauge.writes()

    overlapped(gauge.reading(count), lambda item: item, write, ahead=ahead)
    assert gauge.written == count
    # One more may be begun when the last of the written leaves but is not counted yet.
    assert bound <= gauge.most <= bound + 1


def test_reading_runs_ahead_of_slow_work() -> None:
    gauge, count = Gauge(), 20

    def work(item: int) -> int:
        gauge.wait_until_read(min(count, item + 4))
        assert gauge.read <= item + 1 + 3
        return item

    overlapped(gauge.reading(count), work, lambda item: gauge.writes(), ahead=3)
    assert gauge.written == count


def failing_source() -> Iterator[int]:
    yield from range(5)
    raise OSError("torn film")


def test_an_error_of_the_source_is_raised_after_what_came_before_it() -> None:
    worked: list[int] = []
    with pytest.raises(OSError, match="torn film"):
        overlapped(failing_source(), worked.append, lambda item: None)
    assert worked == list(range(5))


def test_an_error_in_writing_ends_it() -> None:
    gauge = Gauge()

    def write(item: int) -> None:
        if item == 3:
            raise OSError("full")
        assert item < 3

    with pytest.raises(OSError, match="full"):
        overlapped(gauge.reading(1000), lambda item: item, write)
    assert gauge.read < 20


def test_an_error_in_the_work_ends_it() -> None:
    gauge = Gauge()
    with pytest.raises(ZeroDivisionError):
        overlapped(gauge.reading(1000), lambda item: 1 // (4 - item), lambda item: None)
    assert gauge.read < 20


def test_an_interruption_still_writes_what_was_done() -> None:
    written: list[int] = []
    worked: list[int] = []
    release = threading.Event()

    def work(item: int) -> int:
        if item == 2:
            release.set()  # writing hangs until now
            raise KeyboardInterrupt
        worked.append(item)
        return item

    def write(item: int) -> None:
        assert release.wait(PATIENCE)
        written.append(item)

    with pytest.raises(KeyboardInterrupt):
        overlapped(iter(range(100)), work, write, ahead=3)
    assert written == worked == [0, 1]


def test_no_thread_is_left() -> None:
    before = threading.active_count()
    with pytest.raises(OSError, match="torn film"):
        overlapped(failing_source(), lambda item: item, lambda item: None)
    assert threading.active_count() == before


def test_nothing_to_do() -> None:
    overlapped(iter(()), lambda item: item, lambda item: pytest.fail("wrote"))
