"""How far a long job is: a bar on a terminal, now and then a plain line elsewhere."""

import sys
import time
from collections.abc import Callable, Mapping
from typing import Never, Self, TextIO

from tqdm import tqdm

Clock = Callable[[], float]


class Progress:
    """Counts the steps of a job, for use in a `with` block, which closes it.

    Args:
        total: steps of the whole job; 0 where that is not known.
        label: what is being done, in front of every line.
        unit: what a step is called.
        start: steps done in an earlier process; rate and time left count from here.
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
        start: int = 0,
        seconds_between_lines: float = 20.0,
        stream: TextIO | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._total, self._label, self._unit = total, label, unit
        self._start = self._done = start
        self._seconds_between_lines = seconds_between_lines
        self._clock = clock
        self._began = self._last_line_at = clock()
        self._last_line_done = start
        self._figures: dict[str, str] = {}
        self._bar: tqdm[Never] | None = None
        if self._stream.isatty():
            self._bar = tqdm(
                total=total or None,
                desc=label,
                unit=unit,
                initial=start,
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

    def advance(self, steps: int = 1, figures: Mapping[str, float | str] | None = None) -> None:
        """Counts finished steps.

        Args:
            steps: how many.
            figures: what to show beside the count, such as losses by name; kept until replaced.
        """
        self._done += steps
        if figures is not None:
            self._figures = {name: _figure(value) for name, value in figures.items()}
        if self._bar is not None:
            if figures is not None:
                self._bar.set_postfix(self._figures, refresh=False)
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
        line = progress_line(
            self._label, self._unit, self._done, self._total, self._start, now - self._began
        )
        figures = "".join(f", {name} {value}" for name, value in self._figures.items())
        print(line + figures, file=self._stream, flush=True)
        self._last_line_at, self._last_line_done = now, self._done


def progress_line(label: str, unit: str, done: int, total: int, start: int, seconds: float) -> str:
    """One line such as `training: 1200 of 3000 (40 %), 2.00 step/s, 0:15:00 left`.

    Args:
        label: what is being done.
        unit: what a step is called.
        done: steps done, those before `start` included.
        total: steps of the whole job; 0 where that is not known.
        start: steps done by an earlier process, which say nothing about this one's speed.
        seconds: since this process began.
    """
    line = f"{label}: {done} of {total} ({100 * done // total} %)" if total else f"{label}: {done}"
    if seconds <= 0 or done <= start:
        return line
    rate = (done - start) / seconds
    line += f", {rate:.2f} {unit}/s"
    return line if done >= total else f"{line}, {duration((total - done) / rate)} left"


def duration(seconds: float) -> str:
    """A time span as `h:mm:ss`, with days in front from 24 hours on."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    clock = f"{hour}:{minute:02d}:{second:02d}"
    return f"{days} d {clock}" if days else clock


def _figure(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"
