"""Threads and memory: what the process may use."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

import minitorch


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    before = minitorch.get_num_threads()
    yield
    minitorch.set_num_threads(before)


def test_threads_can_be_set_and_read() -> None:
    minitorch.set_num_threads(1)
    assert minitorch.get_num_threads() == 1
    minitorch.set_num_threads(2)
    assert minitorch.get_num_threads() == 2


@pytest.mark.parametrize("n", [0, -1, 1.5, "2", True])
def test_impossible_numbers_of_threads(n: object) -> None:
    with pytest.raises(ValueError, match="positive integer"):
        minitorch.set_num_threads(n)  # type: ignore[arg-type]


HELD = """
import sys
import numpy as np
import minitorch
if sys.argv[1] == "keep":
    assert minitorch.keep_memory()
def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096
before = resident()
np.ones(16_000_000, np.float32)
print(resident() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc keeps memory")
def test_freed_memory_is_kept_when_asked() -> None:
    held = {}
    for mode in ("keep", "give back"):
        command = [sys.executable, "-c", HELD, mode]
        held[mode] = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert held["give back"] < 32e6
    assert held["keep"] > 60e6
