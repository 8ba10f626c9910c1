"""From a card to a model that is ready to use, and what a file may name to be built."""

from __future__ import annotations

import functools
import hashlib
import importlib
import io
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import minitorch
from minitorch import Tensor, nn
from minitorch.serialization.words import label, shown
from zoo.pretrained.cards import FOLDER, Card, model_card
from zoo.pretrained.errors import PretrainedError

if TYPE_CHECKING:
    from zoo.text import Tokenizer

# Beside the package, in a checkout and where it is installed; a module `conf` may be another's.
CONFIGURATION = Path(__file__).parents[2] / "conf"


def load(name: str, folder: Path = FOLDER) -> Any:
    """Return a trained model, in evaluation mode.

    Args:
        name: one of `zoo.list_models`.
        folder: where the cards and weights are.

    Raises:
        PretrainedError: for a name that is not there, a card that names a constructor which the
            files under ``conf`` do not, or weights that are not those of the card.

    Example:
        >>> import minitorch
        >>> import zoo
        >>> model = zoo.load("mlp_digits")
        >>> model(minitorch.zeros(2, 1, 8, 8)).shape
        minitorch.Size([2, 10])
    """
    card = model_card(name, folder)
    model = build(card, folder)
    model.load_state_dict(_checked_weights(card, folder))
    return model.eval()


def load_weights(name: str, folder: Path = FOLDER) -> dict[str, Tensor]:
    """Return the weights of a trained model as they are stored, by parameter name.

    Raises:
        PretrainedError: for a name that is not there, or weights that are not those of the card.
    """
    return _checked_weights(model_card(name, folder), folder)


def load_tokenizer(name: str, folder: Path = FOLDER) -> Tokenizer:
    """Return the vocabulary of a trained model of texts.

    Raises:
        PretrainedError: for a name that is not there, or a model that reads no texts.
        DataError: for a vocabulary that cannot be read.
    """
    from zoo.text import Tokenizer

    card = model_card(name, folder)
    if "tokenizer" not in card.preprocessing:
        raise PretrainedError(f"{name} reads no texts: it has no vocabulary")
    return Tokenizer.load(folder / "weights" / str(card.preprocessing["tokenizer"]))


def build(card: Card, folder: Path = FOLDER) -> nn.Module:
    """Return the model of a card with new weights."""
    path = folder / "cards" / f"{card.name}.yaml"
    refuse_foreign(card.model, "model", path)
    model = construct(card.model)
    if not isinstance(model, nn.Module):
        raise PretrainedError(f"{path}: {card.model.get('_target_')} makes no model")
    return model


def construct(node: Mapping[str, Any], /, **more: Any) -> Any:
    """Call the constructor that ``node["_target_"]`` names, which a file under ``conf`` must name.

    Args:
        node: the constructor and its arguments, nested ones too.
        more: arguments that replace or extend those of ``node``.

    Raises:
        PretrainedError: for any other constructor, or one that is not there.

    Example:
        >>> construct({"_target_": "zoo.mlp.MLP", "in_features": 4, "out_features": 2}).output
        Linear(in_features=64, out_features=2, bias=True)
    """
    refuse_foreign(node)
    return _constructed({**node, **more})


def _constructed(node: Any) -> Any:
    if isinstance(node, (list, tuple)):
        return [_constructed(each) for each in node]
    if not isinstance(node, Mapping):
        return node
    arguments = {key: _constructed(value) for key, value in node.items() if key != "_target_"}
    if "_target_" not in node:
        return arguments
    module, _, attribute = str(node["_target_"]).rpartition(".")
    try:
        constructor = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise PretrainedError(f"{module}.{attribute} is not there: {error}") from error
    partial = arguments.pop("_partial_", False)
    return functools.partial(constructor, **arguments) if partial else constructor(**arguments)


@functools.cache
def constructors() -> frozenset[str]:
    """Return what the files under ``conf`` name to be built."""
    texts = [path.read_text(encoding="utf-8") for path in CONFIGURATION.rglob("*.yaml")]
    return frozenset(re.findall(r"^[^#\n]*\b_target_: *([\w.]+)", "\n".join(texts), re.MULTILINE))


def builders(settings: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the dotted keys and the values that say how nested settings become objects.

    These are ``_target_``, ``_args_`` and the like, but not ``_partial_``, which only puts a call
    off.

    Example:
        >>> list(builders({"lr": 0.1, "model": [{"_target_": "zoo.mlp.MLP"}]}))
        [('model.0._target_', 'zoo.mlp.MLP')]
    """
    name = key.rpartition(".")[2]
    if name != "_partial_" and re.fullmatch(r"_\w+_", name):
        yield key, settings
    elif isinstance(settings, Mapping):
        for name, value in settings.items():
            yield from builders(value, f"{key}.{name}" if key else str(name))
    elif isinstance(settings, (list, tuple)):
        for number, value in enumerate(settings):
            yield from builders(value, f"{key}.{number}" if key else str(number))


def refuse_foreign(
    settings: Any,
    key: str = "",
    file: Path | None = None,
    trusted: Collection[tuple[str, Any]] = (),
) -> None:
    """Refuse settings that name another constructor than the files under ``conf`` do.

    A file that comes from elsewhere could else call anything, `os.system` say.

    Args:
        settings: nested dicts and lists, as a file holds them.
        key: where they stand.
        file: where they come from, for the error.
        trusted: keys and values of `builders` that may stand there all the same.

    Raises:
        PretrainedError: it names the file, the key and the constructor.
    """
    for name, value in builders(settings, key):
        known = name.endswith("_target_") and isinstance(value, str) and value in constructors()
        if not known and (name, value) not in trusted:
            place = "these settings set" if file is None else f"{file} sets"
            said = label(value) if isinstance(value, str) else shown(value)
            raise PretrainedError(
                f"{place} {label(name)}={said}, which no file under conf/ does: it is not run"
            )


def _checked_weights(card: Card, folder: Path) -> dict[str, Tensor]:
    """Read the weights of a card, if they are the ones it was written for."""
    file = str(card.weights["file"])
    if Path(file).name != file:
        raise PretrainedError(f"{card.name}: its weights must lie beside its card, got {file}")
    path = folder / "weights" / file
    try:
        content = path.read_bytes()
    except OSError as error:
        raise PretrainedError(f"{card.name}: {path} cannot be read: {error.strerror}") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != card.weights["sha256"]:
        raise PretrainedError(
            f"{card.name}: the SHA-256 of {path} is {digest}, but its card says "
            f"{card.weights['sha256']}: get the file again"
        )
    weights: dict[str, Tensor] = minitorch.load(io.BytesIO(content))
    return weights
