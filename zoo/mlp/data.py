"""The data that the perceptron is trained on, and how they size the network.

The perceptron flattens its input, so every image set of :mod:`zoo.data` fits it as it is.
"""

from __future__ import annotations

import math
from typing import Any

from zoo.data import ImageData, digits, fashion_mnist, mnist

__all__ = ["digits", "fashion_mnist", "mnist", "network_sizes"]


def network_sizes(data: ImageData) -> dict[str, Any]:
    """The arguments of :class:`zoo.mlp.MLP` that follow from the data.

    Example::

        >>> network_sizes(digits())
        {'in_features': 64, 'out_features': 10}
    """
    return {"in_features": math.prod(data.shape), "out_features": len(data.classes)}
