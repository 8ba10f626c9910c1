"""Writing text token by token: which token comes next, and the window that slides along.

Reference: A. Holtzman et al., The curious case of neural text degeneration, ICLR 2020.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

import minitorch
from zoo.transformer.cached import CachedDecoder
from zoo.transformer.gpt import GPT


class Sampler:
    r"""Draws a token from scores.

    The probabilities are :math:`\mathrm{softmax}(z / temperature)`; only the ``top_k`` likeliest
    tokens stay, and of these the likeliest that together reach ``top_p``.

    Args:
        temperature: below 1 is more careful, above 1 is bolder; 0 takes the likeliest token.
        top_k: how many tokens may be drawn; None is all.
        top_p: the probability that those drawn from must reach; None is all.
        seed: decides what is drawn; None is different each time.

    Raises:
        ValueError: when a setting is impossible.

    Example::

        >>> import numpy as np
        >>> Sampler(temperature=0.0)(np.array([0.1, 2.0, 0.3]))
        1
    """

    def __init__(
        self,
        temperature: float = 1.0,
        top_k: int | None = None,
        top_p: float | None = None,
        seed: int | None = None,
    ) -> None:
        if not 0.0 <= temperature < float("inf"):
            raise ValueError(f"temperature must be 0 or a positive number, got {temperature}")
        if top_k is not None and top_k < 1:
            raise ValueError(f"top-k must be at least 1, got {top_k}")
        if top_p is not None and not 0.0 < top_p <= 1.0:
            raise ValueError(f"top-p must be above 0 and at most 1, got {top_p}")
        if seed is not None and seed < 0:
            raise ValueError(f"seed must not be negative, got {seed}")
        self.temperature = temperature
        self.top_k = top_k
        self.top_p = top_p
        self.rng = np.random.default_rng(seed)

    def __call__(self, scores: NDArray[np.floating]) -> int:
        """The token drawn from ``scores`` (vocabulary,)."""
        if self.temperature == 0:
            return int(scores.argmax())
        tokens, shares = self.candidates(scores)
        total = shares.cumsum()
        place = total.searchsorted(self.rng.random() * total[-1], side="right")
        return int(tokens[min(int(place), len(tokens) - 1)])

    def candidates(
        self, scores: NDArray[np.floating]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The tokens that may be drawn, and their probabilities, the likeliest first."""
        order = np.argsort(-scores, kind="stable")[: self.top_k]
        ranked = scores[order].astype(np.float64) / self.temperature
        shares = np.exp(ranked - ranked[0])
        shares /= shares.sum()
        if self.top_p is not None:
            kept = int(np.searchsorted(shares.cumsum(), self.top_p)) + 1
            order, shares = order[:kept], shares[:kept] / shares[:kept].sum()
        return order, shares


def generate(
    model: GPT, prompt: Sequence[int], tokens: int, sampler: Sampler, cached: bool = True
) -> Iterator[int]:
    """Yield ``tokens`` tokens that go on after ``prompt``, each as soon as it is known.

    When the context is full, the model goes on with the second half of it, so that a long text
    costs the same for each token, but for one reading of half a context in between.

    Args:
        model: in evaluation mode.
        prompt: token ids, at least one.
        tokens: how many to add.
        sampler: chooses each token.
        cached: whether to keep keys and values of earlier tokens; the text is the same without.

    Raises:
        ValueError: when the prompt is empty.
    """
    if len(prompt) == 0:
        raise ValueError("the prompt must have at least one token")
    window = list(prompt[-model.context :])
    decoder = CachedDecoder(model) if cached else None
    unread = window
    for _ in range(tokens):
        if decoder is not None:
            scores = decoder.read(unread)
        else:
            with minitorch.no_grad():
                scores = model(minitorch.tensor([window]))[0, -1].numpy()
        token = sampler(scores)
        yield token
        unread = [token]
        window.append(token)
        if len(window) > model.context:
            window = unread = window[-max(model.context // 2, 1) :]
            if decoder is not None:
                decoder.clear()
