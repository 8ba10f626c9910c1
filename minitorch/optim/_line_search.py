"""A line search that ends where the strong Wolfe conditions hold.

Reference: Nocedal and Wright, *Numerical Optimization*, 2nd edition, algorithms 3.5 and 3.6. The
choices that they leave open are those of minFunc, which are torch's, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

DECREASE = 1e-4  # of the slope at the start, that the loss must fall by
CURVATURE = 0.9  # of the slope at the start, that may be left


class Point(NamedTuple):
    """A place on the line.

    Attributes:
        step: how far from the start.
        loss: the loss there.
        gradient: its gradient.
        slope: the derivative of the loss along the line, a NumPy scalar of the gradient's type: all
            comparisons are made in that type, or the last digits of a loss would decide.
    """

    step: float
    loss: float
    gradient: Any
    slope: float


class Search:
    """A search for a point from which to go on.

    Args:
        evaluate: returns the point at a step.
        start: the point at step 0; its slope is negative.
        most: evaluations after the first at which the search gives up.
        scale: the largest change of a parameter that a step of 1 makes.
        tolerance: a bracket is not searched further when no parameter differs by as much in it.
    """

    def __init__(
        self,
        evaluate: Callable[[float], Point],
        start: Point,
        most: int,
        scale: float,
        tolerance: float,
    ) -> None:
        self._evaluate, self.start, self.most = evaluate, start, most
        self.scale, self.tolerance = scale, tolerance
        self.evaluations = 0

    def run(self, step: float) -> Point:
        """Return a point that meets both conditions, or the best of the last bracket.

        Args:
            step: where to look first.
        """
        before, here = self.start, self._at(step)
        while self.evaluations <= self.most:
            if self._is_high(here) or (self.evaluations > 2 and here.loss >= before.loss):
                return self._zoom([before, here])
            if self._is_flat(here):
                return here
            if here.slope >= 0:
                return self._zoom([before, here])
            bounds = here.step + 0.01 * (here.step - before.step), here.step * 10
            before, here = here, self._at(minimum(before, here, bounds))
        return self.start if self.start.loss <= here.loss else here

    def _zoom(self, bracket: list[Point]) -> Point:
        """Return the lowest point found between the two of a bracket, which come in any order."""
        stuck = False
        low = _lower(bracket)
        while self.evaluations <= self.most:
            near, far = sorted(point.step for point in bracket)
            if (far - near) * self.scale < self.tolerance:
                break
            step = minimum(bracket[0], bracket[1], (near, far))
            margin = 0.1 * (far - near)
            edge = min(far - step, step - near) < margin
            if edge and (stuck or not near < step < far):
                step = far - margin if far - step < step - near else near + margin
                edge = False
            stuck = edge
            here = self._at(step)
            if self._is_high(here) or here.loss >= bracket[low].loss:
                bracket[1 - low] = here
                low = _lower(bracket)
                continue
            flat = self._is_flat(here)
            if not flat and here.slope * (bracket[1 - low].step - bracket[low].step) >= 0:
                bracket[1 - low] = bracket[low]
            bracket[low] = here
            if flat:
                break
        return bracket[low]

    def _at(self, step: float) -> Point:
        self.evaluations += 1
        return self._evaluate(step)

    @np.errstate(all="ignore")
    def _is_high(self, point: Point) -> bool:
        """Return whether the loss has not fallen enough (Armijo)."""
        return bool(point.loss > self.start.loss + DECREASE * point.step * self.start.slope)

    def _is_flat(self, point: Point) -> bool:
        """Return whether the slope is small enough."""
        return bool(abs(point.slope) <= -CURVATURE * self.start.slope)


def _lower(bracket: list[Point]) -> int:
    return 0 if bracket[0].loss <= bracket[1].loss else 1


@np.errstate(all="ignore")
def minimum(a: Point, b: Point, bounds: tuple[float, float]) -> float:
    """Return where the cubic through two points, and with their slopes, is lowest.

    Args:
        a: a point.
        b: another, at a different step.
        bounds: the least and the greatest answer, the latter for a straight line; between them lies
            the answer where the cubic has no minimum.
    """
    if a.step > b.step:
        a, b = b, a
    secant = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.step - b.step)
    square = secant**2 - a.slope * b.slope
    if not square >= 0:
        return sum(bounds) / 2
    root = np.sqrt(square)
    share = (b.slope + root - secant) / (b.slope - a.slope + 2 * root)
    return min(max(b.step - (b.step - a.step) * share, bounds[0]), bounds[1])
