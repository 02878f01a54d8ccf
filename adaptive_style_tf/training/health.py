"""Is the run still alive? Numbers of a few results, and a guard that stops a collapsed run.

Black or constant pictures after days of training were the most reported failure of the 2018
release. At every save the run stylizes the same few photographs, measures them here, and lets the
guard judge.
"""

import dataclasses
import enum
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from adaptive_style_tf.errors import CollapseError, NonFiniteError

Pictures = npt.NDArray[np.float32]

CLIPPED = 0.995  # |value| above this is black or white for an eye and has no gradient in a sigmoid
FLAT = 0.02  # spread below which photographs show nothing that results could follow
BLOCK = 8  # pixels averaged before gradients are taken: a style may redraw what is finer

_LUMINANCE = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601


@dataclasses.dataclass(frozen=True)
class Health:
    """What a set of results looks like beside its photographs.

    Attributes:
        deviation: Spread of the results over the picture, in values of [-1, 1]; 0 is one flat color
            each.
        photographs_deviation: The same of the photographs; 0.3 to 0.6 is usual.
        gradient_correlation: How far edges lie where they lie in the photograph, -1 to 1; NaN if
            no photograph has edges.
        chance_correlation: The same against the *other* photographs of the set: what agrees by
            chance (skies are smooth and above); 0 for a single photograph.
        clipped_share: Share of the results' values that are clipped, 0 to 1.
        photographs_clipped_share: The same of the photographs.
    """

    deviation: float
    photographs_deviation: float
    gradient_correlation: float
    chance_correlation: float
    clipped_share: float
    photographs_clipped_share: float

    @property
    def deviation_ratio(self) -> float:
        """Spread of the results in units of the photographs'; 0 where those are flat."""
        if self.photographs_deviation < FLAT:
            return 0.0
        return self.deviation / self.photographs_deviation

    @property
    def following(self) -> float:
        """How far results follow their own photograph rather than any."""
        return self.gradient_correlation - self.chance_correlation

    @property
    def clipped_excess(self) -> float:
        """Clipped share beyond the photographs' own."""
        return self.clipped_share - self.photographs_clipped_share


def measure_health(photographs: Pictures, stylized: Pictures) -> Health:
    """Measures results against the photographs that they were made from.

    Args:
        photographs: float32 [N, H, W, 3] in [-1, 1], sides at least 24.
        stylized: Of the same shape and range.

    Raises:
        NonFiniteError: A result holds NaN or infinite values.
    """
    if photographs.shape != stylized.shape or photographs.ndim != 4:
        raise ValueError(f"shapes differ or are not NHWC: {photographs.shape}, {stylized.shape}")
    if not np.isfinite(stylized).all():
        raise NonFiniteError(
            "The results hold NaN or infinite values, so a weight has become one; go on from the "
            "last checkpoint with --clip-norm 20 or a smaller --learning-rate."
        )
    own, chance = _gradient_correlations(photographs, stylized)
    return Health(
        deviation=_deviation(stylized),
        photographs_deviation=_deviation(photographs),
        gradient_correlation=own,
        chance_correlation=chance,
        clipped_share=_clipped(stylized),
        photographs_clipped_share=_clipped(photographs),
    )


class Verdict(enum.StrEnum):
    """What the guard makes of one measurement."""

    HEALTHY = "healthy"
    DOUBTFUL = (
        "doubtful"  # neither clearly well nor collapsed: a strong style, or the way down or up
    )
    COLLAPSED = "collapsed"
    EARLY = "early"  # would be a collapse, but the generator has not learned to paint yet
    UNJUDGED = "unjudged"  # the photographs are flat: nothing can be said


class CollapseGuard:
    """Counts collapsed saves in a row and remembers the last good one.

    Thresholds, with `Health.deviation_ratio`, `.following` and `.clipped_excess`:

    * A photograph beside itself has 1, about 1 and 0. Blurred by 16 px it has 0.8, 0.5, 0; under
      strokes twice as strong as what is left of it 1, 0.1, 0.05; at 30 % contrast 0.3, 1, 0.
    * A black, white or constant result has 0 to 0.01, 0 and 0 or 1; noise, and one picture for
      every photograph, have a following of 0 +- 0.03.

    So a collapse is a ratio below 0.1, a following below 0.05, or 80 % more clipped values than the
    photographs have, and health is well away from that. A generator with random weights answers
    nearly constant gray, and noise-like pictures soon after, which no measurement can tell from a
    collapse. So collapse is judged only once the run has been healthy, or, since a run may also
    never come to life, from `grace_steps` on.
    """

    def __init__(self, patience: int = 3, grace_steps: int = 10_000) -> None:
        """Starts with an empty memory; `restore` fills it.

        Args:
            patience: Collapsed saves in a row that stop the run, at least 1.
            grace_steps: Steps in which a run that was never healthy is left alone.
        """
        if patience < 1 or grace_steps < 0:
            raise ValueError(
                f"patience={patience} (at least 1), grace_steps={grace_steps} (not < 0)"
            )
        self.patience = patience
        self.grace_steps = grace_steps
        self.bad_saves = 0
        self._last_healthy_step = -1
        self._last_doubtful_step = -1

    @property
    def last_good_step(self) -> int | None:
        """The newest step that was healthy, else the newest that was not collapsed, else None."""
        step = self._last_healthy_step
        if step < 0:
            step = self._last_doubtful_step
        return step if step >= 0 else None

    @property
    def must_stop(self) -> bool:
        """Whether the collapse has lasted as long as patience reaches."""
        return self.bad_saves >= self.patience

    def observe(self, step: int, health: Health) -> Verdict:
        """Judges the results of `step` and remembers the verdict."""
        verdict = self._judge(step, health)
        if verdict is Verdict.COLLAPSED:
            self.bad_saves += 1
        elif verdict is not Verdict.UNJUDGED:
            self.bad_saves = 0
        if verdict is Verdict.HEALTHY:
            self._last_healthy_step = step
        elif verdict is Verdict.DOUBTFUL:
            self._last_doubtful_step = step
        return verdict

    def error(
        self, step: int, health: Health, saved_steps: Sequence[int], command: str
    ) -> CollapseError:
        """The error to raise when `must_stop`.

        Args:
            step: Where the run stops.
            health: The newest measurement.
            saved_steps: Steps of which a checkpoint lies on disk.
            command: The command line that started the run, without --resume-from.
        """
        good = self.last_good_step
        usable = [saved for saved in saved_steps if good is not None and saved <= good]
        if usable:
            advice = "Go on from the last good checkpoint with:"
            way_on = f"{command} --resume-from {max(usable)}"
        else:
            advice = "There is no good checkpoint to go on from; begin anew with:"
            way_on = f"{command} --restart"
        return CollapseError(
            f"Collapse at step {step}, for {self.bad_saves} saves in a row: the results no longer "
            f"follow the photographs (their spread is {health.deviation_ratio:.2f} of the "
            f"photographs', their edges agree by {health.following:.2f} of 1, "
            f"{health.clipped_share:.0%} of their values are black or white). "
            f"{advice}\n  {way_on}\n"
            "and add one of these, or the same may happen again: --adversarial-weight at half its "
            "value, a --discriminator-success-rate lower by 0.1, or --clip-norm 20."
        )

    def scalars(self) -> dict[str, int]:
        """The memory as numbers for a checkpoint."""
        return {
            "collapse_guard/bad_saves": self.bad_saves,
            "collapse_guard/last_healthy_step": self._last_healthy_step,
            "collapse_guard/last_doubtful_step": self._last_doubtful_step,
        }

    def restore(self, scalars: Mapping[str, int | float | str]) -> None:
        """Takes the memory back from a checkpoint's scalars, so that a resumed run judges the same.

        Raises:
            KeyError: The scalars hold no memory of a guard.
        """
        self.bad_saves = int(scalars["collapse_guard/bad_saves"])
        self._last_healthy_step = int(scalars["collapse_guard/last_healthy_step"])
        self._last_doubtful_step = int(scalars["collapse_guard/last_doubtful_step"])

    def _judge(self, step: int, health: Health) -> Verdict:
        if health.photographs_deviation < FLAT:
            return Verdict.UNJUDGED
        if health.deviation_ratio < 0.1 or health.following < 0.05 or health.clipped_excess > 0.8:
            is_early = self._last_healthy_step < 0 and step < self.grace_steps
            return Verdict.EARLY if is_early else Verdict.COLLAPSED
        # Written so that a NaN following (photographs without edges) is doubtful.
        if (
            health.deviation_ratio >= 0.25
            and health.following >= 0.2
            and health.clipped_excess < 0.6
        ):
            return Verdict.HEALTHY
        return Verdict.DOUBTFUL


def first_non_finite(named: Mapping[str, npt.NDArray[np.generic]]) -> str | None:
    """The name of the first array that holds a NaN or an infinity, or None.

    Args:
        named: Arrays or numbers of any shape and dtype; integers are finite.
    """
    for name, array in named.items():
        values = np.asarray(array)
        if np.issubdtype(values.dtype, np.inexact) and not np.isfinite(values).all():
            return name
    return None


def _deviation(pictures: Pictures) -> float:
    # Over positions only: a flat orange picture has channels that differ, and is flat all the same.
    variances = pictures.astype(np.float64).var(axis=(1, 2)).mean(axis=-1)  # (N,)
    return float(np.sqrt(variances).mean())


def _clipped(pictures: Pictures) -> float:
    return float((np.abs(pictures) > CLIPPED).mean())


def _gradient_correlations(photographs: Pictures, stylized: Pictures) -> tuple[float, float]:
    """Mean Pearson correlation of gradient sizes with the own photograph and with all others."""
    wanted, wanted_has_edges = _normalized(_gradient_sizes(photographs))  # (N, P), (N,)
    found, _ = _normalized(_gradient_sizes(stylized))
    table = (found @ wanted.T)[:, wanted_has_edges]  # (results, photographs with edges)
    if not wanted_has_edges.any():
        return float("nan"), 0.0
    own = np.eye(len(wanted), dtype=bool)[:, wanted_has_edges]
    others = table[~own]
    return float(table[own].mean()), float(others.mean()) if others.size else 0.0


def _gradient_sizes(pictures: Pictures) -> npt.NDArray[np.float64]:
    luminance = pictures.astype(np.float64) @ _LUMINANCE  # (N, H, W)
    count, height, width = luminance.shape
    block = min(
        BLOCK, height // 16 + 1, width // 16 + 1
    )  # small pictures keep some cells to compare
    rows, columns = height // block, width // block
    cells = luminance[:, : rows * block, : columns * block]
    cells = cells.reshape(count, rows, block, columns, block).mean(axis=(2, 4))
    across = cells[:, 1:-1, 2:] - cells[:, 1:-1, :-2]
    down = cells[:, 2:, 1:-1] - cells[:, :-2, 1:-1]
    sizes: npt.NDArray[np.float64] = np.hypot(across, down)
    return sizes.reshape(count, -1)


def _normalized(
    rows: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Rows with mean 0 and length 1 (flat ones all zero), and which of them are not flat."""
    centered = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(centered, axis=1, keepdims=True)
    varied = lengths > 1e-6 * np.sqrt(rows.shape[1])
    return np.where(varied, centered / np.where(varied, lengths, 1.0), 0.0), varied[:, 0]
