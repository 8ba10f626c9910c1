"""What every test may rely on: seeds, the data sets' folder, and who runs where."""

from __future__ import annotations

import gc
import importlib.util
import os
import random
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

ROOT = Path(__file__).parents[1]
os.environ.setdefault("MPLBACKEND", "Agg")

# Shared machines are slow at times: a deadline would test the machine.
settings.register_profile("local", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")


def data_folder() -> Path | None:
    """The real data sets, if they are here: MINITORCH_DATA, or a folder beside the clone."""
    chosen = Path(os.environ.get("MINITORCH_DATA", ROOT.parent / "shared" / "data"))
    return chosen.resolve() if (chosen / "MNIST" / "raw").is_dir() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long tests; skip, with the reason, what needs data or a package not here."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    reason = None
    if data_folder() is None:
        reason = "no data sets: set MINITORCH_DATA to the folder that holds MNIST/raw"
    elif importlib.util.find_spec("torchvision") is None:
        reason = "torchvision is not installed here: `make test-data` runs this"
    if reason is not None:
        for item in items:
            if item.get_closest_marker("data"):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish() -> None:
    """Let the collector pass over what is there before the first test: thousands of tests."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _seeded(request: pytest.FixtureRequest) -> None:
    """Every test starts from the same random states, whatever ran before it.

    A module's own generator, `RNG`, starts from the test's name: each case has other numbers, and
    has them again however the tests are ordered or shared between processes.
    """
    from minitorch.random import manual_seed

    manual_seed(0)
    np.random.seed(0)
    random.seed(0)
    own = getattr(request.module, "RNG", None)
    if own is not None:
        name = zlib.crc32(request.node.nodeid.encode())
        own.bit_generator.state = np.random.default_rng(name).bit_generator.state


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder of the real data sets; only tests marked `data` may ask for it."""
    folder = data_folder()
    assert folder is not None, "a test that reads data sets must be marked `data`"
    return folder
