"""What the transformers add to a run: the vocabulary, and pictures and texts for TensorBoard."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import minitorch
from minitorch import nn
from zoo.text import Corpus, TextData, Tokenizer
from zoo.training.build import Parts
from zoo.training.callbacks import Callback
from zoo.training.figures import figure_to_array
from zoo.training.loop import Fit
from zoo.training.modes import evaluation_mode
from zoo.training.projector import write_projector
from zoo.training.task import Evaluation
from zoo.training.tensorboard import TensorBoard
from zoo.transformer.classifier import TransformerClassifier
from zoo.transformer.cnn import TextCNN
from zoo.transformer.figures import attention_figure
from zoo.transformer.gpt import GPT
from zoo.transformer.sampling import Sampler, generate

SENTENCES = 3  # of which attention is drawn
LONGEST = 24  # tokens of a sentence whose attention can be seen
WORDS = 5000  # points in the PROJECTOR tab
SAMPLE = 300  # tokens of the text that is written after each epoch


def watch_classifier(parts: Parts, folder: Path, board: TensorBoard | None) -> list[Callback]:
    """The callbacks of a run of the classifier."""
    data = cast(TextData, parts.data)
    model = cast(TransformerClassifier | TextCNN, parts.learner.model)
    callbacks: list[Callback] = [Vocabulary(data.tokenizer, folder)]
    if board is not None:
        if isinstance(model, TransformerClassifier):
            callbacks.append(Attention(board, model, data.tokenizer, _short_texts(data)))
        callbacks += [
            Mistakes(board, data),
            Embeddings(folder, model.embedding, data.tokenizer),
        ]
    return callbacks


def watch_decoder(parts: Parts, folder: Path, board: TensorBoard | None) -> list[Callback]:
    """The callbacks of a run of the language model."""
    data = cast(Corpus, parts.data)
    model = cast(GPT, parts.learner.model)
    callbacks: list[Callback] = [Vocabulary(data.tokenizer, folder)]
    if board is not None:
        ids = data.ids("val")
        size = min(LONGEST, data.context)
        texts = [ids[start : start + size].tolist() for start in range(0, SENTENCES * size, size)]
        callbacks += [
            Attention(board, model, data.tokenizer, texts),
            Samples(board, model, data.tokenizer, prompt=ids[:1].tolist()),
            Embeddings(folder, model.transformer["wte"], data.tokenizer),
        ]
    return callbacks


def _short_texts(data: TextData) -> list[list[int]]:
    """The first validation texts that are neither long nor trivial."""
    found = [ids.tolist() for ids in data.ids("val") if 5 <= len(ids) <= LONGEST]
    return found[:SENTENCES]


class Vocabulary(Callback):
    """Puts ``tokenizer.json`` beside the weights."""

    def __init__(self, tokenizer: Tokenizer, folder: Path) -> None:
        self.tokenizer = tokenizer
        self.path = folder / "checkpoints" / "tokenizer.json"

    def on_start(self, fit: Fit) -> None:
        """Write it before the first weights."""
        self.tokenizer.save(self.path)


class Attention(Callback):
    """Draws what each head attends to, at the end and when other figures are drawn."""

    def __init__(
        self,
        board: TensorBoard,
        model: TransformerClassifier | GPT,
        tokenizer: Tokenizer,
        texts: Sequence[list[int]],
    ) -> None:
        self.board = board
        self.model = model
        self.tokenizer = tokenizer
        self.texts = texts

    def on_epoch_end(
        self, fit: Fit, values: dict[str, float], evaluation: Evaluation | None
    ) -> None:
        """Draw, every so many epochs."""
        if fit.progress.is_due(fit.trainer.figures_every_epochs):
            self._draw(fit.progress.step)

    def on_end(self, fit: Fit) -> None:
        """Draw the model as training left it."""
        self._draw(fit.progress.step)

    def _draw(self, step: int) -> None:
        for number, ids in enumerate(self.texts):
            with evaluation_mode(self.model), minitorch.no_grad():
                maps = self.model.attention(minitorch.tensor([ids]))
            tokens = [self.tokenizer.shown[i] for i in ids]
            if maps:
                first = ["[CLASS]"] * (maps[0].shape[-1] - len(ids))
                figure = attention_figure([m[0].numpy() for m in maps], [*first, *tokens])
                self.board.file.image(f"attention/{number}", figure_to_array(figure), step)


class Mistakes(Callback):
    """Lists validation texts that the classifier got wrong, after each epoch."""

    def __init__(self, board: TensorBoard, data: TextData) -> None:
        self.board = board
        self.data = data

    def on_epoch_end(
        self, fit: Fit, values: dict[str, float], evaluation: Evaluation | None
    ) -> None:
        """Write a table."""
        if evaluation is None or not evaluation.mistakes:
            return
        rows = ["| text | class | taken for |", "| --- | --- | --- |"]
        for one in evaluation.mistakes:
            ids = [int(i) for i in one.inputs if i != 0]
            text = self.data.tokenizer.decode(ids).strip().replace("|", "\\|")
            rows.append(
                f"| {text} | {self.data.classes[one.target]} "
                f"| {self.data.classes[one.prediction]} |"
            )
        self.board.file.text("val/mistakes", "\n".join(rows), fit.progress.step)


class Samples(Callback):
    """Writes a text after each epoch, always with the same random numbers."""

    def __init__(
        self, board: TensorBoard, model: GPT, tokenizer: Tokenizer, prompt: list[int]
    ) -> None:
        self.board = board
        self.model = model
        self.tokenizer = tokenizer
        self.prompt = prompt

    def on_epoch_end(
        self, fit: Fit, values: dict[str, float], evaluation: Evaluation | None
    ) -> None:
        """Write."""
        sampler = Sampler(temperature=0.8, seed=0)
        with evaluation_mode(self.model):
            ids = [*self.prompt, *generate(self.model, self.prompt, SAMPLE, sampler)]
        lines = self.tokenizer.decode(ids).split("\n")
        quoted = "\n".join(f"    {line}" for line in lines)
        self.board.file.text("sample", quoted, fit.progress.step)


class Embeddings(Callback):
    """Hands the embeddings of the first, that is most frequent, tokens to the PROJECTOR tab."""

    def __init__(self, folder: Path, embedding: nn.Module, tokenizer: Tokenizer) -> None:
        self.folder = folder
        self.embedding = embedding
        self.tokenizer = tokenizer

    def on_end(self, fit: Fit) -> None:
        """Write them as training left them."""
        vectors = self.embedding.weight.detach().numpy()[:WORDS]
        words = [token.strip(" ") or token for token in self.tokenizer.shown[:WORDS]]
        write_projector(self.folder, "embeddings", vectors, words)
