"""Write text with a trained language model: ``python -m zoo.transformer.generate --help``."""

from __future__ import annotations

import argparse
import codecs
import io
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn, cast

from zoo import pretrained
from zoo.data.errors import DataError
from zoo.pretrained import PretrainedError
from zoo.pretrained.runs import TrainedRun
from zoo.text import Tokenizer
from zoo.training.errors import ConfigError
from zoo.transformer.gpt import GPT
from zoo.transformer.sampling import Sampler, generate

RUNS = Path("runs/gpt")
DESCRIPTION = "Write text with a language model that zoo.transformer.train_gpt has trained."
EXAMPLES = """examples:
  python -m zoo.transformer.generate --prompt "ROMEO:" --tokens 500
  python -m zoo.transformer.generate gpt_shakespeare_char --prompt "ROMEO:"
  python -m zoo.transformer.generate runs/gpt/DATE/TIME --temperature 0.8 --top-k 20 --seed 1
  echo "the film was" | python -m zoo.transformer.generate --prompt -
"""


def load_decoder(run: Path | str) -> tuple[GPT, Tokenizer]:
    """The model and the vocabulary of a run folder, or of a trained model of the zoo.

    Raises:
        ConfigError: when there is no such thing, or it cannot write text.
        PretrainedError: when the folder is not that of a run that has saved weights, names foreign
            constructors, or its files do not fit.
        DataError: when the vocabulary cannot be read.
    """
    place = Path(run)
    if not place.exists():
        return _trained(str(run))
    found = TrainedRun(place)
    if found.kind != "language":
        raise ConfigError(f"{run} holds {_an(found.zoo)}, which cannot write text")
    tokenizer = found.tokenizer
    try:
        tokenizer.pieces  # noqa: B018  read here, and not after the first words are written
    except KeyError as error:
        raise ConfigError(f"{run}: the vocabulary has no token of number {error}") from error
    return cast(GPT, found.load()), tokenizer


def _an(word: str) -> str:
    """A word after its article; ``mlp`` is spelt out when it is read.

    Example:
        >>> _an("mlp"), _an("resnet")
        ('an mlp', 'a resnet')
    """
    return f"{'an' if word[:1] in 'aeiou' or word == 'mlp' else 'a'} {word}"


def _trained(name: str) -> tuple[GPT, Tokenizer]:
    if name not in pretrained.list_models():
        near = " or ".join(pretrained.models_like(name))
        hint = f"did you mean {near}?" if near else "python -m zoo list knows the models"
        raise ConfigError(f"there is no run folder or model {name}; {hint}")
    model = pretrained.load(name)
    if not isinstance(model, GPT):
        raise ConfigError(f"{name} cannot write text: it is of class {type(model).__name__}")
    return model, pretrained.load_tokenizer(name)


def newest_run(runs: Path | str = RUNS) -> Path:
    """The folder of the newest run below ``runs`` that has saved its weights.

    Raises:
        ConfigError: when there is none.
    """
    found = sorted(Path(runs).glob("*/*/checkpoints/best.safetensors"))
    if not found:
        raise ConfigError(
            f"there is no trained language model below {runs}: train one with make train-gpt, or "
            "name its run folder"
        )
    return found[-1].parent.parent


def stream(
    model: GPT,
    tokenizer: Tokenizer,
    prompt: str,
    tokens: int = 300,
    sampler: Sampler | None = None,
    cached: bool = True,
) -> Iterator[str]:
    """Return what follows ``prompt``, piece by piece, each as soon as its characters are whole.

    Args:
        model: in evaluation mode.
        tokenizer: its vocabulary.
        prompt: what to go on from; an empty one is a line break, or the first token.
        tokens: how many to add.
        sampler: chooses each token; None draws from the model's probabilities.
        cached: whether to keep keys and values of earlier tokens; the text is the same without.

    Raises:
        DataError: at once, for a character of ``prompt`` that the vocabulary does not have.
    """
    ids = tokenizer.encode(prompt) or _beginning(tokenizer)
    return _decoded(generate(model, ids, tokens, sampler or Sampler(), cached), tokenizer)


def _decoded(tokens: Iterator[int], tokenizer: Tokenizer) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    for token in tokens:
        yield decoder.decode(tokenizer.pieces[token])
    yield decoder.decode(b"", final=True)


def _beginning(tokenizer: Tokenizer) -> list[int]:
    return [tokenizer.tokens.index("\n") if "\n" in tokenizer.tokens else 0]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command; ends with SystemExit 2 when something is impossible."""
    given = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # an ASCII terminal shows ? for é
    try:
        sampler = Sampler(given.temperature, given.top_k, given.top_p, given.seed)
        model, tokenizer = load_decoder(given.run or newest_run())
        prompt = sys.stdin.read() if given.prompt == "-" else given.prompt
        began = time.perf_counter()
        pieces = stream(model, tokenizer, prompt, given.tokens, sampler, given.cache)
        sys.stdout.write(prompt)
        for piece in pieces:
            sys.stdout.write(piece)
            sys.stdout.flush()
        sys.stdout.write("\n")
    except (ConfigError, DataError, PretrainedError, ValueError) as error:
        _leave(str(error), 2)
    except BrokenPipeError:  # the reader has seen enough
        sys.stderr.close()
    except KeyboardInterrupt:
        _leave("", 130)
    else:
        seconds = time.perf_counter() - began
        sys.stderr.write(f"{given.tokens} tokens, {given.tokens / seconds:,.0f} a second\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m zoo.transformer.generate",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "run",
        nargs="?",
        help="a run folder, or a model of the zoo (default: the newest run in runs/gpt)",
    )
    parser.add_argument(
        "--prompt", default="", help="the text to go on from; - reads it from standard input"
    )
    parser.add_argument(
        "--tokens", type=_count, default=500, help="how many tokens to write (default: 500)"
    )
    parser.add_argument(
        "--temperature",
        type=float,
        default=0.8,
        help="below 1 more careful, above 1 bolder, 0 always the likeliest token (default: 0.8)",
    )
    parser.add_argument(
        "--top-k", type=int, help="draw from the K likeliest tokens only (default: all)"
    )
    parser.add_argument(
        "--top-p",
        type=float,
        help="draw from the likeliest tokens that together have probability P (default: all)",
    )
    parser.add_argument(
        "--seed", type=int, help="a number that makes the text repeatable (default: none)"
    )
    parser.add_argument(
        "--no-cache",
        dest="cache",
        action="store_false",
        help="compute every token anew; slower, and the same text",
    )
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be at least 1, got {text}")
    return int(text)


def _leave(sentence: str, code: int) -> NoReturn:
    sys.stderr.write(f"{sentence}\n" if sentence else "\n")
    raise SystemExit(code)


if __name__ == "__main__":
    main()
