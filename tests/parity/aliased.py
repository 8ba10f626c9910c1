"""Run torchvision's own model files with minitorch in place of torch: a process of its own.

    python -m tests.parity.aliased IN.npz OUT.npz

IN holds, for each model in `MODELS`, weights and images that PyTorch computed with. OUT gets what
minitorch makes of them: scores, and the gradient of each parameter. Of torchvision only the files
of models and of their parts are executed; its package, which loads PyTorch's libraries, is not.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

Models = Callable[[str], Any]  # a file of torchvision.models by its name

MODELS: dict[str, Callable[[Models], Any]] = {
    "alexnet": lambda file: file("alexnet").AlexNet(5, dropout=0),
    "vgg": lambda file: file("vgg").VGG(
        file("vgg").make_layers([8, "M", 16, "M", 512, "M"], batch_norm=True), 5, dropout=0
    ),
    "resnet": lambda file: file("resnet").ResNet(file("resnet").BasicBlock, [1, 1, 1, 1], 5),
    "resnext": lambda file: file("resnet").ResNet(
        file("resnet").Bottleneck, [1, 1, 1, 1], 5, groups=8, width_per_group=8,
        replace_stride_with_dilation=[False, True, True],
    ),
    "densenet": lambda file: file("densenet").DenseNet(8, (2, 2, 2, 2), 16, num_classes=5),
    "squeezenet": lambda file: file("squeezenet").SqueezeNet("1_1", 5, dropout=0),
    "googlenet": lambda file: file("googlenet").GoogLeNet(
        5, aux_logits=False, init_weights=False, dropout=0
    ),
    "mobilenetv2": lambda file: file("mobilenetv2").MobileNetV2(5, 0.25, dropout=0),
    "mobilenetv3": lambda file: file("mobilenetv3").mobilenet_v3_small(
        num_classes=5, width_mult=0.5, dropout=0
    ),
    "shufflenetv2": lambda file: file("shufflenetv2").shufflenet_v2_x0_5(num_classes=5),
    "mnasnet": lambda file: file("mnasnet").MNASNet(0.35, 5, dropout=0),
    "efficientnet": lambda file: file("efficientnet").EfficientNet(
        [
            file("efficientnet").FusedMBConvConfig(1, 3, 1, 16, 16, 1),
            file("efficientnet").MBConvConfig(4, 3, 2, 16, 32, 2),
        ],
        dropout=0, stochastic_depth_prob=0, num_classes=5, last_channel=64,
    ),
    "regnet": lambda file: file("regnet").RegNet(
        file("regnet").BlockParams.from_init_params(6, 16, 20.0, 2.0, 8, se_ratio=0.25), 5
    ),
    "convnext": lambda file: file("convnext").ConvNeXt(
        [file("convnext").CNBlockConfig(16, 32, 2), file("convnext").CNBlockConfig(32, None, 1)],
        num_classes=5,
    ),
    "vision_transformer": lambda file: file("vision_transformer").VisionTransformer(
        32, 8, 2, 4, 32, 64, num_classes=5
    ),
    "swin": lambda file: file("swin_transformer").SwinTransformer(
        [4, 4], 24, [2, 2], [3, 6], [4, 4], stochastic_depth_prob=0, num_classes=5
    ),
    "swin_v2": lambda file: file("swin_transformer").SwinTransformer(
        [4, 4], 24, [2, 2], [3, 6], [4, 4], stochastic_depth_prob=0, num_classes=5,
        block=file("swin_transformer").SwinTransformerBlockV2,
        downsample_layer=file("swin_transformer").PatchMergingV2,
    ),
    "maxvit": lambda file: file("maxvit").MaxVit(
        (64, 64), 16, 4, [16, 32], [1, 1], 8, stochastic_depth_prob=0.0, num_classes=5
    ),
}  # fmt: skip
"""How to make each, given a function that imports a file of ``torchvision.models``."""


class _Anything:
    """Descriptions of weights and images, none of which is used."""

    def __init__(self, *_args: Any, **_settings: Any) -> None: ...


def files() -> Models:
    """Return a function that imports a file of ``torchvision.models`` under the alias."""
    import minitorch

    minitorch.as_torch()
    spec = importlib.util.find_spec("torchvision")
    assert spec is not None
    assert spec.origin is not None
    root = Path(spec.origin).parent
    for name in ("", ".models", ".ops", ".transforms"):
        package = ModuleType(f"torchvision{name}")
        package.__path__ = [str(root.joinpath(*name.split(".")))]
        sys.modules[package.__name__] = package
    presets: Any = ModuleType("torchvision.transforms._presets")
    presets.ImageClassification = _Anything
    presets.InterpolationMode = SimpleNamespace(BICUBIC=None, BILINEAR=None)
    sys.modules[presets.__name__] = presets
    fetched: Any = ModuleType("torchvision._internally_replaced_utils")
    fetched.load_state_dict_from_url = minitorch.hub.load_state_dict_from_url
    sys.modules[fetched.__name__] = fetched
    utils: Any = importlib.import_module("torchvision.utils")
    utils._log_api_usage_once = lambda _: None  # tells PyTorch's authors
    ops: Any = sys.modules["torchvision.ops"]
    ops.StochasticDepth = importlib.import_module(
        "torchvision.ops.stochastic_depth"
    ).StochasticDepth
    return lambda name: importlib.import_module(f"torchvision.models.{name}")


def main() -> None:
    """Read IN, run each model, write OUT."""
    import minitorch

    given, file = np.load(sys.argv[1]), files()
    found = {}
    for name, make in MODELS.items():
        model = make(file).double()
        weights = {
            key.split("/", 2)[2]: minitorch.from_numpy(given[key])
            for key in given.files
            if key.startswith(f"{name}/weights/")
        }
        state = model.state_dict()  # with the versions of the modules, which some ask for
        state.update(weights)
        model.load_state_dict(state)
        found[f"{name}/repr"] = np.array(repr(model))
        scores = model(minitorch.from_numpy(given[f"{name}/images"]))
        minitorch.nn.functional.cross_entropy(scores, minitorch.arange(len(scores))).backward()
        found[f"{name}/scores"] = scores.detach().numpy()
        for key, parameter in model.named_parameters():
            if parameter.grad is not None:
                found[f"{name}/gradients/{key}"] = parameter.grad.numpy()
    np.savez(sys.argv[2], **found)


if __name__ == "__main__":
    main()
