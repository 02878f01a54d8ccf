"""What a training shows while it runs: a progress bar in a terminal, plain lines elsewhere."""

import collections
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Never, Self, TextIO, get_args

from tqdm import tqdm

from adaptive_style_tf.training.schedule import Phase
from adaptive_style_tf.training.time_estimate import duration_words, step_time_words

_SMOOTHING = 0.98  # weight of the past: about the last 50 values
_TIMED_STEPS = 1000  # long enough to hold one save, which so counts with its right share


class Smoothed:
    """An exponential average without the pull towards a start value."""

    def __init__(self, keep: float = _SMOOTHING) -> None:
        """Starts empty; `keep` is the weight of the past, 0 to 1."""
        self._keep = keep
        self._sum = 0.0
        self._weight = 0.0

    def add(self, value: float) -> None:
        """Takes one more value."""
        self._sum = self._keep * self._sum + (1.0 - self._keep) * value
        self._weight = self._keep * self._weight + (1.0 - self._keep)

    @property
    def value(self) -> float | None:
        """The average, or None before the first value."""
        return self._sum / self._weight if self._weight else None


class TrainingConsole:
    """Shows the progress of a run; use it as a context manager."""

    def __init__(
        self,
        total_steps: int,
        start_step: int = 0,
        stream: TextIO | None = None,
        *,
        every_seconds: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Shows nothing yet.

        Args:
            total_steps: Step at which the run ends.
            start_step: Steps that are done already.
            stream: Where to write; standard error if None.
            every_seconds: Where there is no terminal: seconds between two lines.
            clock: Gives seconds; only differences count.
        """
        self._total = total_steps
        self._start = start_step
        self._stream = sys.stderr if stream is None else stream
        self._every_seconds = every_seconds
        self._clock = clock
        self._losses: dict[Phase, Smoothed] = {phase: Smoothed() for phase in get_args(Phase)}
        self._generator_share = Smoothed()
        self._durations: collections.deque[float] = collections.deque(maxlen=_TIMED_STEPS)
        self._untimed: set[Phase] = {*get_args(Phase)}
        self._last_update = 0.0
        self._last_line: float | None = None
        self._bar: tqdm[Never] | None = None

    def __enter__(self) -> Self:
        """Starts the clock, and the bar if the stream is a terminal."""
        self._last_update = self._clock()
        if self._stream.isatty():
            self._bar = tqdm(
                total=self._total,
                initial=self._start,
                file=self._stream,
                dynamic_ncols=True,
                bar_format="{n_fmt}/{total_fmt} {percentage:3.0f}%|{bar:10}| {desc}",
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Leaves the bar as it stands and goes to a fresh line."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        self._stream.flush()

    @property
    def seconds_per_step(self) -> float | None:
        """Mean of the last 1000 steps, saves included; None before there is one to count.

        The first step of each phase also builds its graph and is not counted.
        """
        return sum(self._durations) / len(self._durations) if self._durations else None

    def update(self, step: int, trained: Phase, loss: float, success: float) -> None:
        """Takes the outcome of one step.

        Args:
            step: Number of steps that are done with it.
            trained: What this step trained.
            loss: Its total loss.
            success: Average success of the discriminator, 0 to 1.
        """
        now = self._clock()
        if trained in self._untimed:
            self._untimed.remove(trained)
        else:
            self._durations.append(now - self._last_update)
        self._last_update = now
        self._losses[trained].add(loss)
        if trained != "warm_start":
            self._generator_share.add(float(trained == "generator"))
        if self._bar is not None:
            self._bar.set_description_str(self._status(step, trained, success), refresh=False)
            self._bar.update(step - self._bar.n)
        elif self._is_line_due(step, now):
            self._last_line = now
            self._print(f"step {step:,}/{self._total:,}  {self._status(step, trained, success)}")

    def message(self, text: str) -> None:
        """Prints a line (or several) without breaking the bar."""
        if self._bar is not None:
            tqdm.write(text, file=self._stream)
        else:
            self._print(text)

    def _is_line_due(self, step: int, now: float) -> bool:
        if self._last_line is None or step >= self._total:
            return True
        return now - self._last_line >= self._every_seconds

    def _status(self, step: int, trained: Phase, success: float) -> str:
        losses = {
            phase: "-" if smoothed.value is None else f"{smoothed.value:.4g}"
            for phase, smoothed in self._losses.items()
        }
        parts = [f"G {losses['generator']}  D {losses['discriminator']}"]
        if trained == "warm_start":
            parts = [f"warm start {losses[trained]}"]
        seconds = self.seconds_per_step
        if seconds:
            parts.append(rate_words(seconds))
            if step < self._total:
                parts.append(f"{duration_words((self._total - step) * seconds)} left")
        if trained != "warm_start":
            share = self._generator_share.value or 0.0
            # Last, since a narrow terminal cuts the bar's end off.
            parts += [f"success {success:.2f}", f"generator trained {share:.0%}"]
        return "  ".join(parts)

    def _print(self, text: str) -> None:
        # Flushed at once: a log file is read while the run goes on.
        print(text, file=self._stream, flush=True)


def rate_words(seconds: float) -> str:
    """Speed in the unit that reads best: "12 steps/s", "3.5 steps/s", "5.1 s a step"."""
    if seconds > 1:
        return f"{step_time_words(seconds)} a step"
    rate = 1.0 / seconds
    return f"{rate:.0f} steps/s" if rate >= 9.95 else f"{rate:.1f} steps/s"
