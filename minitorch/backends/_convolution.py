"""How convolutions are computed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from minitorch.kernels.convolution import precision

if TYPE_CHECKING:
    from collections.abc import Iterator


class ConvolutionBackend:
    """How convolutions are computed."""

    @property
    def allow_reduced_precision(self) -> bool:
        """Whether a 3 x 3 convolution may be a little less exact for speed. Default: False.

        With it, convolutions of stride 1 use Winograd's tiles of 4 x 4 outputs instead of 2 x 4, in
        the backward pass too: 36 multiplications for 16 outputs instead of 24 for 8. The largest
        error grows from two to three times that of the direct sum (six, at worst seen) to three to
        six times (seven), some 3e-6 of the largest number. Layers of fewer than 128 channels are
        computed as without it. The setting is the process's.
        """
        return precision.is_reduced()

    @allow_reduced_precision.setter
    def allow_reduced_precision(self, value: bool) -> None:
        if not isinstance(value, bool):
            raise TypeError(f"allow_reduced_precision expects a bool, got {value!r}")
        precision.set_reduced(value)

    @contextmanager
    def flags(self, allow_reduced_precision: bool = False) -> Iterator[None]:
        """Set the choices for the length of a ``with`` block.

        Args:
            allow_reduced_precision: see the attribute of this name.
        """
        before = self.allow_reduced_precision
        self.allow_reduced_precision = allow_reduced_precision
        try:
            yield
        finally:
            self.allow_reduced_precision = before
