"""``nn.modules``: the layers by the paths that torch's files give them.

Example:
    >>> from minitorch import nn
    >>> from minitorch.nn.modules.batchnorm import _BatchNorm
    >>> issubclass(nn.BatchNorm2d, _BatchNorm)
    True
"""

from minitorch.nn.modules import utils
from minitorch.nn.modules._files import make

globals().update(make(__name__))

__all__ = ["utils"]
