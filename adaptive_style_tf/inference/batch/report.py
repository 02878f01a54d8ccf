"""How a batch went: what was done, skipped, or failed, and why."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

State = Literal["done", "skipped", "failed"]


@dataclass(frozen=True)
class Outcome:
    """What became of one result that was planned.

    Attributes:
        state: done, skipped or failed.
        source: the input.
        target: the result, whether it is there or not.
        style: its slug.
        reason: one sentence, where it is not done.
    """

    state: State
    source: Path
    target: Path
    style: str
    reason: str = ""


@dataclass
class Report:
    """All outcomes, in the order in which they came.

    Attributes:
        planned: how many results there should have been.
        interrupted: whether the user stopped it.
    """

    planned: int
    outcomes: list[Outcome] = field(default_factory=list)
    interrupted: bool = False

    def of(self, state: State) -> list[Outcome]:
        """The outcomes of one state."""
        return [outcome for outcome in self.outcomes if outcome.state == state]

    def summary(self) -> list[str]:
        """Lines for people: the counts, then every failure, and reasons of skipping with counts."""
        done, skipped, failed = (self.of(state) for state in ("done", "skipped", "failed"))
        counts = f"{len(done)} done, {len(skipped)} skipped, {len(failed)} failed"
        if left := self.planned - len(self.outcomes):
            counts += f", {left} not begun"
        lines = [counts + "."]
        for reason in dict.fromkeys(outcome.reason for outcome in skipped):
            count = sum(outcome.reason == reason for outcome in skipped)
            lines.append(f"  skipped {count}: {reason}")
        reasons = dict.fromkeys(outcome.reason for outcome in failed)
        return [*lines, *(f"  failed: {reason}" for reason in reasons)]

    def as_json(self) -> dict[str, Any]:
        """The same for programs; paths as texts."""
        return {
            "planned": self.planned,
            "interrupted": self.interrupted,
            "results": [
                {
                    name: str(value) if isinstance(value, Path) else value
                    for name, value in asdict(outcome).items()
                }
                for outcome in self.outcomes
            ],
        }
