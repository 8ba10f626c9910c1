"""Around training: `minitorch.utils.data` feeds it, `minitorch.utils.checkpoint` saves memory."""

from minitorch.utils import checkpoint, data, model_zoo

__all__ = ["checkpoint", "data", "model_zoo"]
