"""Whose turn it is, and the numbers that come back, while the device is kept busy."""

import math
from collections import deque
from dataclasses import dataclass
from typing import Any

from jax_steps import JaxSteps, StepTerms

from adaptive_style_tf.training.differentiable_augmentation import numbers_of_step
from adaptive_style_tf.training.failures import non_finite_loss
from adaptive_style_tf.training.palette import Palette
from adaptive_style_tf.training.schedule import (
    Phase,
    faded,
    is_generators_turn,
    learning_rate_at,
    rate_of,
    updated_success,
)
from adaptive_style_tf.training.settings import TrainingSettings
from adaptive_style_tf.training.state import TrainingState

RUN_AHEAD = 8  # steps given to the device before their terms are fetched, where none is needed


@dataclass(frozen=True)
class Outcome:
    """What step number `step` (counted from 0) trained, and the terms before its update."""

    step: int
    phase: Phase
    terms: dict[str, float]

    @property
    def total(self) -> float:
        return self.terms[f"{self.phase}/total"]


class JaxTraining:
    """The TensorFlow loop's sequence of steps, with terms fetched as late as they may be.

    Where the schedule is `success`, whose turn it is depends on the accuracies of all steps before,
    so the host has to wait for each. With `success_lag` n it leaves the newest n out: the device
    always has something to do, and the schedule differs a little from the release's. The other
    schedule and the warm start depend on no result.

    Args:
        state: from where the training goes on; it is whole after `rest`, not between steps.
        palette: of the paintings; the warm start and a stroke weight need it.
        success_lag: 0 or more.

    Attributes:
        step: steps given to the device.
        checked: steps whose terms were fetched and whose total is finite.
        success: the success average after the steps whose terms were fetched.
    """

    def __init__(
        self,
        state: TrainingState,
        settings: TrainingSettings,
        palette: Palette | None = None,
        success_lag: int = 0,
    ) -> None:
        self.state = state
        self.settings = settings
        self.success_lag = success_lag
        optimization = settings.optimization
        self.steps = JaxSteps(
            state,
            settings.objective,
            optimization.clip_norm,
            optimization.generator_ema,
            palette,
        )
        self._pending: deque[tuple[int, Phase, StepTerms]] = deque()
        self.step = self.checked = state.step
        self.success = state.success

    def take_step(self, paintings: Any, photographs: Any) -> list[Outcome]:
        """Starts one step; gives the outcomes of earlier ones that were fetched for it.

        Args:
            paintings, photographs: `(N, S, S, 3)` in [-1, 1].

        Raises:
            NonFiniteError: a loss of an earlier step is NaN or infinite; names it.
        """
        optimization = self.settings.optimization
        if self.step < optimization.warm_start_steps:
            fetched = self._fetched(leave=RUN_AHEAD)
            terms = self._warm_start_step(photographs)
            self._started("warm_start", terms)
            return fetched
        needs_success = optimization.schedule == "success"
        fetched = self._fetched(leave=self.success_lag if needs_success else RUN_AHEAD)
        turn = is_generators_turn(self.step, self.success, optimization)
        rate = learning_rate_at(
            self.step,
            self.settings.run.total_steps,
            rate_of("generator" if turn else "discriminator", optimization),
            optimization.lr_schedule,
        )
        numbers = numbers_of_step(self.settings, self.step)
        if turn:
            terms = self.steps.generator_step(photographs, rate, numbers)
            self._started("generator", terms)
        else:
            terms = self.steps.discriminator_step(paintings, photographs, rate, numbers)
            self._started("discriminator", terms)
        return fetched

    def rest(self) -> list[Outcome]:
        """Waits for all steps and makes `state` whole; gives the outcomes not yet given.

        Raises:
            NonFiniteError: a loss is NaN or infinite; `state` is not whole then.
        """
        fetched = self._fetched(leave=0)
        self.steps.give_to(self.state)
        self.state.step, self.state.success = self.step, self.success
        return fetched

    def _warm_start_step(self, photographs: Any) -> StepTerms:
        optimization = self.settings.optimization
        last = optimization.warm_start_steps
        terms = self.steps.warm_start_step(
            photographs,
            faded(self.step, last, optimization.warm_start_rate),
        )
        if self.step + 1 == last:
            self.steps.forget_generator_updates()
        return terms

    def _started(self, phase: Phase, terms: StepTerms) -> None:
        self._pending.append((self.step, phase, terms))
        self.step += 1

    def _fetched(self, leave: int) -> list[Outcome]:
        outcomes = []
        while len(self._pending) > leave:
            step, phase, terms = self._pending.popleft()
            outcome = Outcome(step, phase, terms.fetched())
            if not math.isfinite(outcome.total):
                raise non_finite_loss(step, outcome.terms)
            self.checked = step + 1
            if phase != "warm_start":
                accuracy = outcome.terms[f"{phase}/accuracy"]
                self.success = updated_success(self.success, phase == "generator", accuracy)
            outcomes.append(outcome)
        return outcomes
