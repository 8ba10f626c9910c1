"""Choices about how operations are computed: the counterpart of ``torch.backends``.

Those of devices that are not here can be made too, and change nothing, as in a PyTorch without
them.

Example:
    >>> import minitorch
    >>> with minitorch.backends.conv.flags(allow_reduced_precision=True):
    ...     minitorch.backends.conv.allow_reduced_precision
    True
    >>> minitorch.backends.conv.allow_reduced_precision
    False
"""

from minitorch.backends import cuda, cudnn, mps
from minitorch.backends._convolution import ConvolutionBackend

__all__ = ["ConvolutionBackend", "conv", "cuda", "cudnn", "mps"]

conv = ConvolutionBackend()
"""How convolutions are computed."""
