"""Devices, with and without an index, against PyTorch: what they print, equal, and refuse."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch

import minitorch

MADE = """
m.device("cpu")
m.device("cpu:0")
m.device("cpu:17")
m.device("cpu", 0)
m.device("cpu", 1)
m.device("cpu", None)
m.device("cpu", index=1)
m.device(type="cpu", index=2)
m.device(m.device("cpu:1"))
m.device("cpu", np.int64(1))
m.ones(2, device="cpu:1").device
m.ones(2, device=m.device("cpu", 1)).device
m.ones(2).to("cpu:1").device
m.tensor([1.0], device="cpu:0").device
m.zeros_like(m.ones(2), device="cpu:0").device
m.nn.Linear(2, 2, device="cpu:1").weight.device
m.nn.Linear(2, 2).to("cpu:1").weight.device
m.Generator("cpu:1").device
"""

REFUSED = """
    m.device("cpu", "1")
        : device(): argument 'index' (position 2) must be int, not str
    m.device("cpu", "junk")
        : device(): argument 'index' (position 2) must be int, not str
    m.device("cpu", True)
        : device(): argument 'index' (position 2) must be int, not bool
    m.device("cpu", 1.0)
        : device(): argument 'index' (position 2) must be int, not float
    m.device("cpu", -1)
        : Device index must not be negative
    m.device("cpu:")
        : Invalid device string: 'cpu:'
    m.device("cpu:x")
        : Invalid device string: 'cpu:x'
    m.device("cpu:-1")
        : Invalid device string: 'cpu:-1'
    m.device("cpu:01")
        : Invalid device string: 'cpu:01'
    m.device("cpu:1 ")
        : Invalid device string: 'cpu:1 '
    m.device("cpu:0", 0)
        : type (string) must not include an index because index was passed explicitly: cpu:0
    m.device(m.device("cpu"), 1)
        : device(): argument 'type' (position 1) must be str, not
    m.device("")
        : Device string must not be empty
    m.device()
        :
    m.device(None)
        :
    m.device(1.5)
        :
    m.ones(2, device="cpu:1x")
        : Invalid device string: 'cpu:1x'
    m.ones(2).to("cpu:x")
        : Invalid device string: 'cpu:x'
"""
LINES = [line.strip() for line in REFUSED.strip().splitlines()]
WORDS = [
    (text, words.removeprefix(":").strip())
    for text, words in zip(LINES[::2], LINES[1::2], strict=True)
]


def evaluated(library: Any, text: str) -> Any:
    import numpy as np

    return eval(text, {"m": library, "np": np})


@pytest.mark.parametrize("text", MADE.strip().splitlines())
def test_a_device_is_and_prints_as_in_torch(text: str) -> None:
    ours, theirs = evaluated(minitorch, text), evaluated(torch, text)
    assert (repr(ours), str(ours)) == (repr(theirs), str(theirs))
    assert (ours.type, ours.index) == (theirs.type, theirs.index)
    for twin in (copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert twin == ours


def test_devices_are_equal_as_in_torch() -> None:
    texts = ["cpu", "cpu:0", "cpu:1"]
    ours, theirs = map(minitorch.device, texts), map(torch.device, texts)
    ours, theirs = [*ours, *texts], [*theirs, *texts]
    assert [x == y for x in ours for y in ours] == [x == y for x in theirs for y in theirs]
    assert len(set(map(minitorch.device, [*texts, "cpu:1"]))) == 3


@pytest.mark.parametrize(("text", "words"), WORDS, ids=[text for text, _ in WORDS])
def test_refused_alike(text: str, words: str) -> None:
    with pytest.raises(Exception) as theirs:
        evaluated(torch, text)
    assert words in str(theirs.value), "torch says otherwise"
    with pytest.raises(theirs.type) as ours:
        evaluated(minitorch, text)
    assert words in str(ours.value)
