"""Tools around training; `minitorch.utils.data` feeds it."""

from minitorch.utils import data, model_zoo

__all__ = ["data", "model_zoo"]
