"""The modes of a model: training, and evaluation for a while."""

from __future__ import annotations

from minitorch import nn


class evaluation_mode:
    """Evaluation mode inside, the former mode of every module outside.

    Example::

        >>> model = nn.Sequential(nn.Dropout(), nn.Dropout().eval())
        >>> with evaluation_mode(model):
        ...     model.training
        False
        >>> [module.training for module in model]
        [True, False]
    """

    def __init__(self, model: nn.Module) -> None:
        self.modes = [(module, module.training) for module in model.modules()]
        self.model = model

    def __enter__(self) -> None:
        self.model.eval()

    def __exit__(self, *error: object) -> None:
        for module, training in self.modes:
            module.training = training
