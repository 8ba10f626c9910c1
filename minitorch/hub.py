"""Weights from the internet: `load_state_dict_from_url`, and the folder that keeps them."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlparse

from minitorch.serialization import load as _load
from minitorch.serialization.files import replacing

__all__ = ["download_url_to_file", "get_dir", "load_state_dict_from_url", "set_dir"]

HASH_REGEX = re.compile(r"-([a-f0-9]{8,64})\.")
_CHUNK = 1 << 20  # bytes that are fetched at a time
_chosen: dict[str, str] = {}


def get_dir() -> str:
    """Return the folder that keeps what was fetched.

    That of `set_dir`, otherwise ``$MINITORCH_HOME/hub``, otherwise ``minitorch/hub`` in
    ``$XDG_CACHE_HOME``, which is ``~/.cache`` by default.
    """
    if "hub" in _chosen:
        return _chosen["hub"]
    cache = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache"))
    home = Path(os.environ.get("MINITORCH_HOME", cache / "minitorch"))
    return str((home / "hub").expanduser())


def set_dir(d: str | os.PathLike[str]) -> None:
    """Keep what is fetched in the folder `d`."""
    _chosen["hub"] = str(Path(d).expanduser())


def download_url_to_file(
    url: str, dst: str | os.PathLike[str], hash_prefix: str | None = None, progress: bool = True
) -> None:
    """Fetch a file, which is there whole or not at all.

    Args:
        url: its address.
        dst: where it goes.
        hash_prefix: what its SHA-256 begins with, in hexadecimal digits.
        progress: whether to say on the error stream that something is fetched.

    Raises:
        RuntimeError: if the file has another hash.
        OSError: if it cannot be fetched or written.
    """
    from urllib.request import urlopen  # takes as long to import as the rest of the library

    target = Path(dst).expanduser()
    if progress:
        sys.stderr.write(f'Downloading: "{url}" to {target}\n')
    digest = hashlib.sha256()
    with urlopen(url) as response, replacing(target) as file:
        while chunk := response.read(_CHUNK):
            file.write(chunk)
            digest.update(chunk)
        found = digest.hexdigest()
        if hash_prefix is not None and not found.startswith(hash_prefix):
            raise RuntimeError(
                f'invalid hash value (expected "{hash_prefix}", got "{found}") of {url}'
            )


def load_state_dict_from_url(
    url: str,
    model_dir: str | os.PathLike[str] | None = None,
    map_location: Any = None,
    progress: bool = True,
    check_hash: bool = False,
    file_name: str | None = None,
    weights_only: bool = True,
) -> Any:
    """Return what `minitorch.load` reads of a file that is fetched once and then kept.

    Args:
        url: the address of a file of ``torch.save``, or a safetensors file.
        model_dir: the folder that keeps it. Default: ``checkpoints`` in `get_dir`.
        map_location: as for `minitorch.load`.
        progress: whether to say on the error stream that something is fetched.
        check_hash: whether the name holds the first eight or more digits of the file's SHA-256,
            ``name-<digits>.pth``, which have to be right.
        file_name: the name to keep it under. Default: that of the address.
        weights_only: as for `minitorch.load`.

    Raises:
        RuntimeError: if the file has another hash.
        OSError: if it cannot be fetched or written.
        ValueError: if it holds no weights.

    Reference: https://docs.pytorch.org/docs/stable/hub.html
    """
    folder = Path(model_dir or Path(get_dir(), "checkpoints")).expanduser()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (file_name or PurePosixPath(urlparse(url).path).name)
    if not path.exists():
        digits = HASH_REGEX.search(path.name) if check_hash else None
        download_url_to_file(url, path, digits[1] if digits else None, progress)
    return _load(path, map_location, weights_only=weights_only)
