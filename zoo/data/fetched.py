"""What the sets of ``torchvision.datasets`` share: where they lie, and what can be wrong there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from zoo.data.arrays import ImageArrays, ImageSet
from zoo.data.errors import DataError
from zoo.reasons import first_line

_FAILURES = (OSError, RuntimeError, ValueError, EOFError, AssertionError, LookupError)


class FetchedImages:
    """Two parts that torchvision reads, and downloads first if they are not at hand.

    Args:
        root: the folder that holds ``folder``; what is missing there is downloaded to it.
    """

    name: str
    folder: ClassVar[str]
    files: ClassVar[tuple[str, ...]]  # all of them in ``folder`` need no network
    files_in_words: ClassVar[str]
    torchvision_class: ClassVar[str]
    architecture: ClassVar[str]  # whose make target installs torchvision

    def __init__(self, root: str = "data") -> None:
        self.root = root

    def load(self) -> ImageSet:
        """Read both parts, downloading them first when ``root`` does not hold them.

        Raises:
            DataError: when the files are missing or damaged, or torchvision is.
        """
        return ImageSet(self._part(train=True), self._part(train=False))

    def _part(self, train: bool) -> ImageArrays:
        constructor = _torchvision_dataset(self.torchvision_class, self.name, self.architecture)
        folder = Path(self.root) / self.folder
        complete = all((folder / name).is_file() for name in self.files)
        try:
            with _without_traces(folder):
                dataset = constructor(self.root, train=train, download=not complete)
        except _FAILURES as error:
            if complete:
                raise DataError(
                    f"data={self.name}: a file in {folder} is damaged{self._damage(error)}; delete "
                    "that folder to download it again, or point data.root at a good copy"
                ) from error
            raise DataError(
                f"data={self.name}: the files are not in {folder} and could not be downloaded "
                f"({first_line(error)}); put {self.files_in_words} there, or point data.root at a "
                f"folder that holds {self.folder}"
            ) from error
        return self._arrays(dataset, folder)

    def _damage(self, error: Exception) -> str:
        """What is known of damaged files."""
        return f" ({first_line(error)})"

    def _arrays(self, dataset: Any, folder: Path) -> ImageArrays:
        """The images (N, C, H, W) and the labels of what torchvision has read."""
        raise NotImplementedError


def _torchvision_dataset(class_name: str, data_name: str, architecture: str) -> Any:
    """``torchvision.datasets.<class_name>``; importing it takes seconds, so only on demand."""
    try:
        import torchvision.datasets
    except ImportError as error:
        raise DataError(
            f"data={data_name} comes through torchvision, which is not installed here: "
            f'make train-{architecture} ARGS="data={data_name}" installs it, or pip install with '
            "the [vision] extra"
        ) from error
    return getattr(torchvision.datasets, class_name)


@contextlib.contextmanager
def _without_traces(folder: Path) -> Iterator[None]:
    """Remove the empty folders that a failed download made on the way to ``folder``."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        yield
    except BaseException:
        for path in missing:  # the innermost first; what holds something stays
            with contextlib.suppress(OSError):
                path.rmdir()
        raise
