"""Tools around training; `minitorch.utils.data` feeds it."""

from minitorch.utils import data

__all__ = ["data"]
