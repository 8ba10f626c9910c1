"""Labels and probabilities for images and texts, with the preprocessing of the model's card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

import minitorch
from minitorch import Tensor, nn
from minitorch.nn import functional as F
from zoo.data.pictures import PictureError, open_picture
from zoo.pretrained.cards import FOLDER, Card, list_models, model_card
from zoo.pretrained.errors import PretrainedError
from zoo.pretrained.models import load, load_tokenizer
from zoo.pretrained.runs import TrainedRun

if TYPE_CHECKING:
    from zoo.text import Tokenizer

Images = Sequence["str | Path | NDArray[Any]"] | NDArray[Any]
BATCH = 64


@dataclass(frozen=True)
class Prediction:
    """What a model says of one input.

    Attributes:
        label: the most probable class.
        probability: how probable the model takes it for.
        probabilities: of every class, the most probable first.
    """

    label: str
    probability: float
    probabilities: dict[str, float]


def predict(
    name: str | Path,
    inputs: Images | Sequence[str],
    *,
    invert: bool = False,
    model: nn.Module | None = None,
    folder: Path = FOLDER,
) -> list[Prediction]:
    """Return labels and probabilities of images or texts.

    Args:
        name: one of `zoo.list_models`, or the folder of a run.
        inputs: for a model of images paths of image files, arrays (H, W) or (H, W, C) of 0 to 255,
            or one array (N, H, W) or (N, H, W, C) of them; they are brought to the model's size.
            For a model of texts, texts. One path, one array (H, W) or one text will do, too.
        invert: turns light into dark; the handwritten digits are light on a dark ground.
        model: the model itself, if it is loaded already.
        folder: where the cards and weights are.

    Raises:
        PretrainedError: for an unknown model, one that has no classes, a file that is no image, or
            a run whose training images, which say how to normalise, are not at hand.

    Example:
        >>> import zoo
        >>> from zoo.data import digits
        >>> images = digits().source.load().test.images[:2, 0]  # (2, 8, 8)
        >>> [prediction.label for prediction in zoo.predict("mlp_digits", images)]
        ['2', '2']
    """
    kind = kind_of(name, folder)
    if kind == "language":
        raise PretrainedError(
            f"{name} writes text and has no classes: python -m zoo.transformer.generate {name}"
        )
    if invert and kind != "image":
        raise PretrainedError(f"{name} reads {kind}s, which cannot be inverted")
    source: Source = _CardSource(str(name), folder)
    if _is_run(name, folder):
        source = TrainedRun(name)
    chosen = source.load() if model is None else model
    one = isinstance(inputs, (str, Path)) or (isinstance(inputs, np.ndarray) and inputs.ndim == 2)
    given: list[Any] = [inputs] if one else list(inputs)
    predictions: list[Prediction] = []
    for start in range(0, len(given), BATCH):
        part = given[start : start + BATCH]
        batch = _images(source, part, invert) if kind == "image" else _texts(source, part)
        with minitorch.inference_mode():
            scores = F.softmax(chosen(batch), dim=1).numpy()  # (N, classes)
        predictions += [_prediction(source, row) for row in scores]
    return predictions


def kind_of(name: str | Path, folder: Path = FOLDER) -> str:
    """What a trained model, or that of a run folder, reads: ``image``, ``text`` or ``language``.

    Raises:
        PretrainedError: when there is no such thing.

    Example:
        >>> kind_of("mlp_digits")
        'image'
    """
    if _is_run(name, folder):
        return TrainedRun(name).kind
    if len(Path(name).parts) > 1:
        raise PretrainedError(f"there is no run folder {name}")
    return str(model_card(str(name), folder).preprocessing["kind"])


def _is_run(name: str | Path, folder: Path) -> bool:
    return str(name) not in list_models(folder=folder) and Path(name).is_dir()


class Source(Protocol):
    """Where a model comes from: a card, or a run folder."""

    name: str

    @property
    def classes(self) -> Sequence[str]:
        """The names of the classes."""

    @property
    def preprocessing(self) -> Mapping[str, Any]:
        """How an input is brought to what the model sees."""

    @property
    def tokenizer(self) -> Tokenizer:
        """The vocabulary of a model of texts."""

    def load(self) -> nn.Module:
        """The model, in evaluation mode."""


class _CardSource:
    """A trained model of the zoo."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder

    @cached_property
    def _card(self) -> Card:
        return model_card(self.name, self.folder)

    @property
    def classes(self) -> Sequence[str]:
        return self._card.classes

    @property
    def preprocessing(self) -> Mapping[str, Any]:
        return self._card.preprocessing

    @cached_property
    def tokenizer(self) -> Tokenizer:
        return load_tokenizer(self.name, self.folder)

    def load(self) -> nn.Module:
        model: nn.Module = load(self.name, self.folder)
        return model


def _prediction(source: Source, shares: NDArray[Any]) -> Prediction:
    order = np.argsort(-shares, kind="stable")
    probabilities = {source.classes[i]: float(shares[i]) for i in order}
    label = next(iter(probabilities))
    return Prediction(label, probabilities[label], probabilities)


# Images.


def _images(source: Source, inputs: Iterable[Any], invert: bool) -> Tensor:
    """A batch (N, C, H, W) of images as the model sees them."""
    how = source.preprocessing
    shape: tuple[int, int, int] = tuple(how["shape"])
    pixels = np.stack([_pixels(each, shape) for each in inputs])  # (N, C, H, W), 0 to 255
    if invert:
        pixels = 255.0 - pixels
    mean, std = (np.array(how[key], np.float32)[:, None, None] for key in ("mean", "std"))
    return minitorch.from_numpy((pixels - mean) / std)


def _pixels(image: Any, shape: tuple[int, int, int]) -> NDArray[np.float32]:
    """One image (C, H, W), of its middle if its proportions are others."""
    from PIL import Image, ImageOps

    channels, height, width = shape
    if not isinstance(image, (str, Path, np.ndarray)):
        raise PretrainedError(f"{type(image).__name__} is no image: give a path or an array")
    try:
        opened = _from_array(image) if isinstance(image, np.ndarray) else image
        converted = open_picture(opened, channels)
    except PictureError as error:
        raise PretrainedError(f"{image}: {error}") from error
    if converted.size != (width, height):
        converted = ImageOps.fit(converted, (width, height), Image.Resampling.BILINEAR)
    array = np.asarray(converted, np.float32).reshape(height, width, channels)
    return array.transpose(2, 0, 1)


def _from_array(array: NDArray[Any]) -> Any:
    from PIL import Image

    if array.dtype != np.uint8:
        raise PretrainedError(f"an image must have uint8 values of 0 to 255, got {array.dtype}")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim != 2 and not (array.ndim == 3 and array.shape[2] == 3):
        raise PretrainedError(f"an image must be (H, W) or (H, W, 3), got {array.shape}")
    return Image.fromarray(np.ascontiguousarray(array))


# Texts.


def _texts(source: Source, texts: Sequence[Any]) -> Tensor:
    """Token ids (N, S), as the data pipeline makes them."""
    from zoo.text.buckets import pad

    for text in texts:
        if not isinstance(text, str):
            raise PretrainedError(f"{source.name} reads texts, got {type(text).__name__}")
    how = source.preprocessing
    ids = source.tokenizer.encode_all(list(texts))
    return pad([each[: how["max_length"]] or [how["unknown"]] for each in ids], how["padding"])
