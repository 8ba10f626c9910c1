"""What the comparisons share: PyTorch starts every test from the same random state too."""

from __future__ import annotations

import pytest
import torch


@pytest.fixture(autouse=True)
def _torch_seeded() -> None:
    """A distribution compared with PyTorch's is compared on the same draws each time."""
    torch.manual_seed(0)
