"""Dropout as a layer."""

from __future__ import annotations

from minitorch.nn import functional as F
from minitorch.nn.functional.dropout import check_probability
from minitorch.nn.module import Module
from minitorch.tensor import Tensor


class Dropout(Module):
    r"""In training, set elements to 0 with probability p and multiply the rest by :math:`1/(1-p)`.

    Args:
        p: the probability, independent for each element.
        inplace: whether the result is written over the input.

    Shape:
        - Input: :math:`(*)`. Output: the same.

    Raises:
        ValueError: if p is not between 0 and 1.

    Reference: Hinton et al., "Improving neural networks by preventing co-adaptation of feature
    detectors", 2012.

    Example:
        >>> import minitorch
        >>> layer = minitorch.nn.Dropout(p=0.2).eval()
        >>> layer(minitorch.ones(3))
        tensor([1., 1., 1.])
    """

    p: float
    inplace: bool

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        check_probability(p)
        self.p = p
        self.inplace = inplace

    def forward(self, input: Tensor) -> Tensor:
        """Return the input with elements dropped, or in evaluation the input itself."""
        return F.dropout(input, self.p, self.training, self.inplace)

    def extra_repr(self) -> str:
        """Return the arguments that `repr` shows."""
        return f"p={self.p}, inplace={self.inplace}"


class Dropout1d(Dropout):
    r"""In training, set whole channels of signals to 0 with probability p, the rest times 1/(1-p).

    Args:
        p: the probability, independent for each channel of each sample.
        inplace: whether the result is written over the input.

    Shape:
        - Input: :math:`(N, C, L)` or :math:`(C, L)`. Output: the same.

    Reference: Tompson et al., "Efficient object localization using convolutional networks", 2015.

    Example:
        >>> import minitorch
        >>> minitorch.nn.Dropout1d(p=1.0)(minitorch.ones(2, 3)).sum()
        tensor(0.)
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the input with channels dropped, or in evaluation the input itself."""
        return F.dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(Dropout):
    r"""In training, set whole channels of images to 0 with probability p, the rest times 1/(1-p).

    Neighbouring pixels are alike, so that dropping them one by one would teach little.

    Args:
        p: the probability, independent for each channel of each sample.
        inplace: whether the result is written over the input.

    Shape:
        - Input: :math:`(N, C, H, W)`. Output: the same.

    Reference: Tompson et al., "Efficient object localization using convolutional networks", 2015.

    Example:
        >>> import minitorch
        >>> minitorch.nn.Dropout2d(p=1.0)(minitorch.ones(1, 2, 3, 3)).sum()
        tensor(0.)
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the input with channels dropped, or in evaluation the input itself."""
        return F.dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(Dropout):
    r"""In training, set whole channels of volumes to 0 with probability p, the rest times 1/(1-p).

    Neighbouring places are alike, so that dropping them one by one would teach little.

    Args:
        p: the probability, independent for each channel of each sample.
        inplace: whether the result is written over the input.

    Shape:
        - Input: :math:`(N, C, D, H, W)` or :math:`(C, D, H, W)`. Output: the same.

    Reference: Tompson et al., "Efficient object localization using convolutional networks", 2015.

    Example:
        >>> import minitorch
        >>> minitorch.nn.Dropout3d(p=1.0)(minitorch.ones(1, 2, 3, 3, 3)).sum()
        tensor(0.)
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the input with channels dropped, or in evaluation the input itself."""
        return F.dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(Dropout):
    """In training, set elements to where SELU tends with probability p; keep mean and variance.

    Args:
        p: the probability, independent for each element.
        inplace: whether the result is written over the input.

    Shape:
        - Input: :math:`(*)`. Output: the same.

    Reference: Klambauer et al., "Self-normalizing neural networks", 2017.

    Example:
        >>> import minitorch
        >>> minitorch.nn.AlphaDropout().eval()(minitorch.ones(3))
        tensor([1., 1., 1.])
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the input with elements dropped, or in evaluation the input itself."""
        return F.alpha_dropout(input, self.p, self.training, self.inplace)


class FeatureAlphaDropout(Dropout):
    """In training, do to whole channels what `AlphaDropout` does to elements.

    Args:
        p: the probability, independent for each channel of each sample.
        inplace: whether the result is written over the input.

    Shape:
        - Input: :math:`(N, C, *)`. Output: the same.

    Reference: Klambauer et al., "Self-normalizing neural networks", 2017.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Return the input with channels dropped, or in evaluation the input itself."""
        return F.feature_alpha_dropout(input, self.p, self.training, self.inplace)
