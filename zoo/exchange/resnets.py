"""Residual networks from checkpoint files: the file says which one it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import minitorch
from minitorch import Tensor
from zoo.pretrained.errors import PretrainedError
from zoo.pretrained.layouts import unwrapped
from zoo.resnet import BasicBlock, Bottleneck, CifarResNet, ResNet


def load_resnet(path: Path | str) -> ResNet | CifarResNet:
    """Return the residual network in a file of ``torch.save`` or safetensors, in evaluation mode.

    The depth, the width of the blocks, the stem, the channels and the classes are read off the
    weights. Files of torchvision's ResNets fit, and those of CIFAR ResNets, as they are or saved
    from `torch.nn.DataParallel`, alone or in a checkpoint beside other values.

    Args:
        path: the file.

    Raises:
        PretrainedError: if it holds no such network.
        RuntimeError: naming all keys that are missing, unexpected or of another shape.
        ValueError: for a file that is damaged, or names what is not allowed.
    """
    weights = unwrapped(minitorch.load(path))
    model = _cifar(weights) if "layer4.0.conv1.weight" not in weights else _large(weights)
    model.load_state_dict(weights)
    return model.eval()


def _cifar(weights: Mapping[str, Tensor]) -> CifarResNet:
    channels, classes = _channels(weights), len(_needed(weights, "linear.weight"))
    return CifarResNet(6 * _blocks(weights, 1) + 2, classes, channels)


def _large(weights: Mapping[str, Tensor]) -> ResNet:
    block = Bottleneck if "layer1.0.conv3.weight" in weights else BasicBlock
    layers = [_blocks(weights, stage) for stage in range(1, 5)]
    stem = "imagenet" if _needed(weights, "conv1.weight").shape[-1] == 7 else "cifar"
    classes = len(_needed(weights, "fc.weight"))
    return ResNet(block, layers, classes, _channels(weights), stem)


def _channels(weights: Mapping[str, Tensor]) -> int:
    return int(_needed(weights, "conv1.weight").shape[1])


def _blocks(weights: Mapping[str, Tensor], stage: int) -> int:
    """How many blocks a stage has."""
    prefix = f"layer{stage}."
    numbers = {name.split(".")[1] for name in weights if name.startswith(prefix)}
    return len(numbers)


def _needed(weights: Mapping[str, Tensor], name: str) -> Tensor:
    if name not in weights or weights[name].dim() < 2:
        shown = ", ".join(list(weights)[:4])
        raise PretrainedError(f"no residual network: {name} is not among its keys ({shown}, ...)")
    return weights[name]
