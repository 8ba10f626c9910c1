"""Scores under `inference_mode`: the zoo's residual networks and classifier, one input and 64."""

from __future__ import annotations

import importlib
from functools import partial
from typing import Any

import numpy as np

from benchmarks.case import Case, Setup, Step
from benchmarks.inputs import normal
from benchmarks.twins import module_of

BATCHES = (1, 64)
VOCABULARY, TOKENS = 5000, 32


def images(library: str, network: str, batch: int, channels_last: bool = False) -> Step:
    """Scores of images of 32x32."""
    torch: Any = importlib.import_module(library)
    make = getattr(module_of(library, "zoo.resnet.model"), network)
    model = make(10) if network == "resnet20" else make(10, stem="cifar")
    x = torch.from_numpy(normal(batch, 3, 32, 32))
    if channels_last:
        model = model.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)
    return scores(torch, model, x)


def sentences(library: str, batch: int) -> Step:
    """Scores of sentences of 32 tokens."""
    torch: Any = importlib.import_module(library)
    classifier = module_of(library, "zoo.transformer.classifier").TransformerClassifier
    x = torch.from_numpy(np.random.default_rng(0).integers(2, VOCABULARY, (batch, TOKENS)))
    # PyTorch has no layer of positions, so neither has a turn here.
    model = classifier(VOCABULARY, d_model=128, dim_feedforward=256, positions="none")
    return scores(torch, model, x)


def scores(torch: Any, model: Any, x: Any) -> Step:
    """One pass forward, with nothing recorded."""
    model.eval()

    def step() -> None:
        with torch.inference_mode():
            model(x)

    return step


def image_case(network: str, title: str, batch: int) -> Case:
    """A row: PyTorch in its faster memory format."""
    formats: dict[str, Setup] = {
        label: partial(images, "torch", network, batch, channels_last)
        for label, channels_last in (("contiguous", False), ("channels last", True))
    }
    return Case(
        name=f"{network}-inference-b{batch}",
        title=f"{title} forward, 32x32, batch {batch}",
        setups={"minitorch": {"": partial(images, "minitorch", network, batch)}, "torch": formats},
    )


CASES = [
    *(
        image_case(network, title, batch)
        for network, title in (("resnet20", "ResNet-20"), ("resnet18", "ResNet-18"))
        for batch in BATCHES
    ),
    *(
        Case(
            name=f"classifier-inference-b{batch}",
            title=f"transformer classifier forward, {TOKENS} tokens, batch {batch}",
            setups={
                library: {"": partial(sentences, library, batch)}
                for library in ("minitorch", "torch")
            },
        )
        for batch in BATCHES
    ),
]
