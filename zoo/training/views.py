"""Scores of an image as the mean over several views of it."""

from __future__ import annotations

import numpy as np

import minitorch
from minitorch import Tensor, nn

LEVELS = (0, 1, 2)


def scores_of_views(model: nn.Module, images: Tensor, level: int) -> Tensor:
    """The scores of ``images`` (N, C, H, W), averaged over views.

    Level 0 is the image as it is; 1 averages it and its mirror image; 2 gives these two half of the
    weight, and the other half to the same two moved by a pixel up and left and by one down and
    right, with the border reflected.

    Args:
        model: called with each view.
        images: a batch.
        level: 0, 1 or 2.

    Example::

        >>> images = minitorch.arange(4.0).reshape(1, 1, 2, 2)
        >>> scores_of_views(nn.Flatten(), images, level=1)
        tensor([[0.5000, 0.5000, 2.5000, 2.5000]])
    """
    if level == 0:
        scores: Tensor = model(images)
        return scores
    if images.dim() != 4:
        raise ValueError(
            f"views=1 and 2 need images (N, C, H, W), got inputs of shape {tuple(images.shape)}"
        )
    if level == 1:
        return _with_mirror(model, images)
    height, width = images.shape[-2:]
    padded = np.pad(images.numpy(), ((0, 0), (0, 0), (1, 1), (1, 1)), "reflect")
    moved = [padded[:, :, :height, :width], padded[:, :, 2:, 2:]]
    total = _with_mirror(model, images) * 2
    for view in moved:
        total = total + _with_mirror(model, minitorch.from_numpy(view))
    return total / 4


def _with_mirror(model: nn.Module, images: Tensor) -> Tensor:
    mean: Tensor = (model(images) + model(images.flip(-1))) / 2
    return mean
