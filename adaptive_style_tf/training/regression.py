"""Least squares and main directions, by sums of products."""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LEAST_STRENGTH = 1e-5  # of a direction's variance, as a share of the strongest one's
FLAT = 1e-6  # the least spread by which anything is divided


class Regression:
    """Least squares over pairs that come in parts, by their sums of products.

    Args:
        centered: whether a constant is fitted too, and left out; normalizations remove it.
    """

    def __init__(self, centered: bool = True) -> None:
        self.centered = centered
        self.count = 0
        self._shift: Any = None  # the first part's mean: sums of small numbers lose less
        self._sums: Any = 0.0
        self._products: Any = 0.0
        self._inputs = 0

    def add(self, inputs: npt.NDArray[Any], outputs: npt.NDArray[Any]) -> None:
        """Adds pairs: `(n, i)` and `(n, o)`."""
        self._inputs = inputs.shape[1]
        both = np.concatenate([inputs, outputs], axis=1).astype(np.float32)
        if self._shift is None:
            self._shift = both.mean(axis=0) if self.centered else np.float32(0)
        both -= self._shift
        self._products = self._products + (both.T @ both).astype(np.float64)
        self._sums = self._sums + both.sum(axis=0, dtype=np.float64)
        self.count += len(both)

    def moments(self) -> tuple[Floats, Floats]:
        """Means of the products of inputs with inputs `(i, i)` and with outputs `(i, o)`."""
        products = self._products / self.count
        if self.centered:
            mean = self._sums / self.count
            products = products - np.outer(mean, mean)
        return products[: self._inputs, : self._inputs], products[: self._inputs, self._inputs :]

    def solved(self, ridge: float) -> Floats:
        """The matrix `(i, o)` that makes outputs of inputs.

        Args:
            ridge: added to each input's variance, as a share of their mean.
        """
        variances, shared = self.moments()
        inputs = len(variances)
        least = max(ridge * np.trace(variances) / inputs, FLAT**2)
        solution: Floats = np.linalg.solve(variances + least * np.eye(inputs), shared)
        return solution


def strongest(covariance: Floats, most: int) -> tuple[Floats, Floats]:
    """Variances `(k,)`, falling, and directions `(n, k)` of a covariance, at most so many."""
    variances, directions = np.linalg.eigh(covariance)
    variances, directions = variances[::-1][:most], directions[:, ::-1][:, :most]
    kept = variances > LEAST_STRENGTH * variances[0]
    return variances[kept], directions[:, kept]
