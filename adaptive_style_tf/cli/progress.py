"""How far a long job is: a bar on a terminal, now and then a plain line elsewhere."""

import sys
import time
from collections.abc import Callable
from typing import Never, Self, TextIO

from tqdm import tqdm

Clock = Callable[[], float]


class Progress:
    """Counts the steps of a job, for use in a `with` block, which closes it.

    Args:
        total: steps of the whole job; 0 where that is not known.
        label: what is being done, in front of every line.
        unit: what a step is called.
        seconds_between_lines: where the stream is no terminal.
        stream: where it is shown; None takes stderr, so that results on stdout stay clean.
        clock: gives seconds; only differences matter.
    """

    def __init__(
        self,
        total: int,
        label: str,
        unit: str = "step",
        *,
        seconds_between_lines: float = 20.0,
        stream: TextIO | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._total, self._label, self._unit = total, label, unit
        self._done = self._last_line_done = 0
        self._seconds_between_lines = seconds_between_lines
        self._clock = clock
        self._began = self._last_line_at = clock()
        self._bar: tqdm[Never] | None = None
        if self._stream.isatty():
            self._bar = tqdm(
                total=total or None,
                desc=label,
                unit=unit,
                file=self._stream,
                dynamic_ncols=True,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the bar, or prints the line that is due."""
        if self._bar is not None:
            self._bar.close()
        elif self._done > self._last_line_done:
            self._print_line()

    def advance(self, steps: int = 1) -> None:
        """Counts finished steps."""
        self._done += steps
        if self._bar is not None:
            self._bar.update(steps)
        elif self._clock() - self._last_line_at >= self._seconds_between_lines:
            self._print_line()

    def say(self, text: str) -> None:
        """Prints a line of its own without tearing the bar."""
        if self._bar is not None:
            self._bar.write(text, file=self._stream)
        else:
            print(text, file=self._stream, flush=True)

    def _print_line(self) -> None:
        now = self._clock()
        line = progress_line(self._label, self._unit, self._done, self._total, now - self._began)
        print(line, file=self._stream, flush=True)
        self._last_line_at, self._last_line_done = now, self._done


def progress_line(label: str, unit: str, done: int, total: int, seconds: float) -> str:
    """One line such as `stylizing: 12 of 30 (40 %), 2.00 file/s, 00:09 left`.

    Args:
        label: what is being done.
        unit: what a step is called.
        done: steps that are done.
        total: steps of the whole job; 0 where that is not known.
        seconds: since the job began.
    """
    line = f"{label}: {done} of {total} ({100 * done // total} %)" if total else f"{label}: {done}"
    if seconds <= 0 or done <= 0:
        return line
    rate = done / seconds
    line += f", {rate:.2f} {unit}/s"
    return line if done >= total else f"{line}, {tqdm.format_interval((total - done) / rate)} left"
