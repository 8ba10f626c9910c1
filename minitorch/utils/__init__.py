"""Tools around training; `minitorch.utils.data` feeds it."""
