import signal
import threading

import pytest

from adaptive_style_tf.training.interruption import stop_on_signals


@pytest.fixture(autouse=True)
def handlers():
    """Puts back what a failing test may leave behind."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield before
    for number, handler in before.items():
        signal.signal(number, handler)


def test_nobody_has_asked():
    with stop_on_signals() as stop:
        assert not stop
        assert stop.exit_code == 0


# 128 + the signal's number, as shells have it: 2 is SIGINT, 15 is SIGTERM.
@pytest.mark.parametrize(("name", "exit_code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_asks_and_does_not_interrupt(name, exit_code):
    with stop_on_signals() as stop:
        signal.raise_signal(signal.Signals[name])
        assert stop
        assert stop.signal.name == name
        assert stop.exit_code == exit_code


@pytest.mark.parametrize("second", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_interrupts_at_once(second):
    with stop_on_signals() as stop:
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(second)
        assert stop.signal is signal.SIGTERM


def test_handlers_are_put_back_after_an_error_too(handlers):
    def fail():
        with stop_on_signals():
            assert signal.getsignal(signal.SIGTERM) is not handlers[signal.SIGTERM]
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert {number: signal.getsignal(number) for number in handlers} == handlers


def test_outside_the_main_thread_nothing_is_requested(handlers):
    requests = []

    def work():
        with stop_on_signals() as stop:
            assert {number: signal.getsignal(number) for number in handlers} == handlers
            requests.append(bool(stop))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert requests == [False]
