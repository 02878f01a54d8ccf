"""Measures where the time of a training goes, and says once how long it will take."""

import time
from collections.abc import Callable
from typing import get_args

from adaptive_style_tf.training.schedule import Phase
from adaptive_style_tf.training.settings import OptimizationSettings, TrainingSettings
from adaptive_style_tf.training.time_estimate import StepTimes, estimate_sentences

MEASURED_STEPS = 30  # before the estimate
WAITING_WORTH_SAYING = 0.05  # share of the time


class StepClock:
    """Takes the time of waiting for data and of each kind of step.

    The first step of each kind builds its graph and is not counted.

    Args:
        device_kind: `cpu` or `gpu`.
        now: gives seconds.
    """

    def __init__(
        self,
        settings: TrainingSettings,
        device_kind: str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._device_kind = device_kind
        self._now = now
        self._seconds: dict[Phase, list[float]] = {phase: [] for phase in get_args(Phase)}
        self._waited = self._computed = 0.0
        self._taken = (0.0, 0.0)  # of the two, what `taken_waiting_share` has told
        self._mark = 0.0
        self._wait = 0.0
        self._said = False

    def start(self) -> None:
        """A step begins: from here on it waits for data."""
        self._mark = self._now()

    def data_arrived(self) -> None:
        now = self._now()
        self._wait = now - self._mark
        self._mark = now

    def step_done(self, trained: Phase) -> None:
        elapsed = self._now() - self._mark
        self._seconds[trained].append(elapsed)
        if len(self._seconds[trained]) > 1:
            self._waited += self._wait
            self._computed += elapsed

    @property
    def waiting_share(self) -> float:
        """Share of the time, in [0, 1], that steps waited for pictures."""
        return share_of(self._waited, self._computed)

    def taken_waiting_share(self) -> float:
        """The same share of the time since this was last called; 0 if no step was counted since."""
        waited, computed = self._taken
        self._taken = self._waited, self._computed
        return share_of(self._waited - waited, self._computed - computed)

    def due_sentences(self, step: int) -> list[str]:
        """Once, after some steps: how long the whole takes; else nothing."""
        times = {kind: measured[1:] for kind, measured in self._seconds.items()}
        counted = sum(len(measured) for measured in times.values())
        if self._said or counted < MEASURED_STEPS:
            return []
        self._said = True
        # What had no turn yet is taken to be as fast as what had.
        means = {phase: sum(taken) / len(taken) for phase, taken in times.items() if taken}
        either = next(iter(means.values()))
        wait = self._waited / counted
        sentences = estimate_sentences(
            StepTimes(
                means.get("generator", either) + wait, means.get("discriminator", either) + wait
            ),
            image_size=self._settings.data.image_size,
            total_steps=self._settings.run.total_steps,
            device=self._device_kind,
            start_step=step,
            ndf=self._settings.network.ndf,
            precision=self._settings.network.precision,
            generator_share=generator_share(self._settings.optimization),
        )
        if self.waiting_share > WAITING_WORTH_SAYING:
            sentences.append(
                f"{self.waiting_share:.0%} of the time is spent waiting for pictures; a copy of "
                "them scaled to 1800 px and on a faster disk would help."
            )
        return sentences


def generator_share(optimization: OptimizationSettings) -> float:
    """The share of the steps that train the generator; a guess where the accuracies decide."""
    if optimization.schedule == "alternate":
        return 1 / (1 + optimization.discriminator_steps)
    return 0.5


def share_of(waited: float, computed: float) -> float:
    whole = waited + computed
    return waited / whole if whole else 0.0
