"""Labels and probabilities for images and texts, with the preprocessing of the model's card."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import minitorch
from minitorch import Tensor, nn
from minitorch.nn import functional as F
from zoo.data.pictures import PictureError, open_picture
from zoo.pretrained.cards import FOLDER, Card, model_card
from zoo.pretrained.errors import PretrainedError
from zoo.pretrained.models import load, load_tokenizer

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
    name: str,
    inputs: Images | Sequence[str],
    *,
    invert: bool = False,
    model: nn.Module | None = None,
    folder: Path = FOLDER,
) -> list[Prediction]:
    """Return labels and probabilities of images or texts.

    Args:
        name: one of `zoo.list_models`.
        inputs: for a model of images paths of image files, arrays (H, W) or (H, W, C) of 0 to 255,
            or one array (N, H, W) or (N, H, W, C) of them; they are brought to the model's size.
            For a model of texts, texts. One path, one array (H, W) or one text will do, too.
        invert: turns light into dark; the handwritten digits are light on a dark ground.
        model: the model itself, if it is loaded already.
        folder: where the cards and weights are.

    Raises:
        PretrainedError: for an unknown model, one that has no classes, or a file that is no image.

    Example:
        >>> import zoo
        >>> from zoo.data import digits
        >>> images = digits().source.load().test.images[:2, 0]  # (2, 8, 8)
        >>> [prediction.label for prediction in zoo.predict("mlp_digits", images)]
        ['2', '2']
    """
    card = model_card(name, folder)
    kind = card.preprocessing["kind"]
    if kind == "language":
        raise PretrainedError(
            f"{name} writes text and has no classes: python -m zoo.transformer.generate {name}"
        )
    if invert and kind != "image":
        raise PretrainedError(f"{name} reads {kind}s, which cannot be inverted")
    chosen = load(name, folder) if model is None else model
    one = isinstance(inputs, (str, Path)) or (isinstance(inputs, np.ndarray) and inputs.ndim == 2)
    given: list[Any] = [inputs] if one else list(inputs)
    predictions: list[Prediction] = []
    for start in range(0, len(given), BATCH):
        part = given[start : start + BATCH]
        batch = _images(card, part, invert) if kind == "image" else _texts(card, part, folder)
        with minitorch.inference_mode():
            scores = F.softmax(chosen(batch), dim=1).numpy()  # (N, classes)
        predictions += [_prediction(card, row) for row in scores]
    return predictions


def _prediction(card: Card, shares: NDArray[Any]) -> Prediction:
    order = np.argsort(-shares, kind="stable")
    probabilities = {card.classes[i]: float(shares[i]) for i in order}
    label = next(iter(probabilities))
    return Prediction(label, probabilities[label], probabilities)


# Images.


def _images(card: Card, inputs: Iterable[Any], invert: bool) -> Tensor:
    """A batch (N, C, H, W) of images as the model sees them."""
    how = card.preprocessing
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


def _texts(card: Card, texts: Sequence[Any], folder: Path) -> Tensor:
    """Token ids (N, S), as the data pipeline makes them."""
    from zoo.text.buckets import pad

    for text in texts:
        if not isinstance(text, str):
            raise PretrainedError(f"{card.name} reads texts, got {type(text).__name__}")
    how = card.preprocessing
    ids = load_tokenizer(card.name, folder).encode_all(list(texts))
    return pad([each[: how["max_length"]] or [how["unknown"]] for each in ids], how["padding"])
