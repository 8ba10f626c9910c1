"""Weighted sums of a few elements along one dimension: interpolation, and its adjoint."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from minitorch.kernels.windows import memory_order


@dataclass(frozen=True, eq=False)
class Table:
    """Which elements each element of the output is a sum of.

    Attributes:
        index: the places in the input, ``(T, out)``.
        weight: what each of them is multiplied by, ``(T, out)``; None for 1 and a single row.
        size: of the input along the dimension.
    """

    index: np.ndarray
    weight: np.ndarray | None
    size: int

    @cached_property
    def adjoint(self) -> Table:
        """The table that hands each element of the output back to its elements of the input."""
        taps, out = self.index.shape
        target = self.index.reshape(-1)
        source = np.tile(np.arange(out), taps)
        weight = np.ones(taps * out) if self.weight is None else self.weight.reshape(-1)
        order = np.argsort(target, kind="stable")
        target, source, weight = target[order], source[order], weight[order]
        counts = np.bincount(target, minlength=self.size)
        starts = np.cumsum(counts) - counts
        rank = np.arange(len(target)) - starts[target]
        rows = max(1, int(counts.max(initial=0)))
        first = source[np.minimum(starts, len(source) - 1)]  # where there is nothing to add
        index = np.tile(first, (rows, 1))
        weights = np.zeros((rows, self.size))
        index[rank, target] = source
        weights[rank, target] = weight
        return Table(index, weights, out)


def resample(x: np.ndarray, axis: int, table: Table) -> np.ndarray:
    """Return ``sum_t weight[t, i] x[index[t, i]]`` for each i along `axis`."""
    order = memory_order(x)
    source = np.ascontiguousarray(x.transpose(order))
    place = order.index(axis)
    out = source.take(table.index[0], place)
    if table.weight is not None:
        shape = [-1 if d == place else 1 for d in range(x.ndim)]
        weights = [row.astype(x.dtype).reshape(shape) for row in table.weight]
        out *= weights[0]
        for index, weight in zip(table.index[1:], weights[1:], strict=True):
            part = source.take(index, place)
            part *= weight
            out += part
    return out.transpose(np.argsort(order))
