"""``python -m zoo``: list, describe, verify, use and export the trained models."""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table

import minitorch
from zoo.data.errors import DataError
from zoo.pretrained import (
    PretrainedError,
    list_models,
    load,
    model_card,
    models_like,
    predict,
)
from zoo.pretrained.prediction import kind_of

DESCRIPTION = "Trained models: what there is, what each one is, and what it says of your files."
EXAMPLES = """\
examples:
  python -m zoo list                                  what there is
  python -m zoo card mlp_digits                       what one is: data, accuracy, recipe, licence
  python -m zoo predict mlp_digits seven.png          what it takes an image for
  python -m zoo predict runs/mlp/DATE/TIME seven.png  the same of a model of yours
  echo "a fine film" | python -m zoo predict NAME -   for a model of texts, one text a line
  python -m zoo verify                                test every model again, on its real test set
  python -m zoo export mlp_digits --output mlp.pth    weights that torch.load reads
"""
HELP_OF_JSON = "print JSON, for programs"
EXTENSIONS = {"torch": ".pth", "safetensors": ".safetensors"}
TORCH_SUFFIXES = (".pth", ".pt", ".bin")

console = Console(soft_wrap=True, highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that the first argument names.

    Returns:
        0 when all went well, 1 when something does not hold or cannot be done.
    """
    options = _parser().parse_args(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # an ASCII terminal shows ? for ±
    try:
        return int(options.run(options))
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (PretrainedError, DataError, OSError) as error:
        sentence = _sentence(error) if isinstance(error, OSError) else str(error)
        print(f"zoo: {sentence}", file=sys.stderr)  # noqa: T201  no colours, whatever the text
        return 1


def _sentence(error: OSError) -> str:
    """What the system says, without its numbers."""
    reason = (error.strerror or str(error) or type(error).__name__).lower()
    return reason if error.filename is None else f"{error.filename}: {reason}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m zoo",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, run: Any, help: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=help, description=help[:1].upper() + help[1:] + ".")
        added.set_defaults(run=run)
        return added

    added = command("list", _list, "list the trained models")
    added.add_argument("pattern", nargs="?", default="*", help="only names like this: '*mnist*'")
    added.add_argument("--json", action="store_true", help=HELP_OF_JSON)
    added = command("card", _card, "print what a model is")
    added.add_argument("name", metavar="NAME", help="one of `python -m zoo list`")
    added.add_argument("--json", action="store_true", help=HELP_OF_JSON)
    added = command("verify", _verify, "test models again, and compare with their cards")
    added.add_argument("names", metavar="NAME", nargs="*", help="all of them, if none is named")
    added.add_argument(
        "--data-root", metavar="FOLDER", help="where the real data sets are (or MINITORCH_DATA)"
    )
    added.add_argument(
        "--skip-missing", action="store_true", help="leave out models whose data are not at hand"
    )
    added.add_argument("--json", action="store_true", help=HELP_OF_JSON)
    added = command("predict", _predict, "print the most probable class of images or texts")
    added.add_argument("name", metavar="NAME", help="one of `python -m zoo list`, or a run folder")
    added.add_argument(
        "inputs",
        metavar="FILE",
        nargs="+",
        help="image files; or, for a model of texts, files with one text a line; - is the input",
    )
    added.add_argument("--top", type=_positive, default=3, help="how many classes to show (3)")
    added.add_argument("--invert", action="store_true", help="turn light images into dark ones")
    added.add_argument("--json", action="store_true", help=HELP_OF_JSON)
    added = command("export", _export, "write the weights of a model to a file, as float32")
    added.add_argument("name", metavar="NAME", help="one of `python -m zoo list`")
    added.add_argument(
        "--format",
        choices=EXTENSIONS,
        help="default: what the suffix of FILE says, otherwise safetensors",
    )
    added.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="FILE.safetensors, or FILE.pth, .pt or .bin for torch (NAME.safetensors)",
    )
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return int(text)


def _print_json(content: Any) -> None:
    ascii_only = not (sys.stdout.encoding or "").lower().startswith("utf")
    print(json.dumps(content, indent=2, ensure_ascii=ascii_only))  # noqa: T201  JSON, nothing else


def _list(options: argparse.Namespace) -> int:
    cards = [model_card(name) for name in list_models(options.pattern)]
    if options.json:
        _print_json([card.as_dict() for card in cards])
        return 0
    if not cards:
        names = ", ".join(models_like(options.pattern) or list_models())
        raise PretrainedError(f"no model has a name like {options.pattern!r}; there is {names}")
    titles = ("model", "test", "parameters")
    rows = [(card.name, card.reached(), f"{card.parameters:,}") for card in cards]
    first, second, last = (max(map(len, column)) for column in zip(titles, *rows, strict=True))
    notes = ["", *(card.description for card in cards)]
    for (name, reached, parameters), note in zip([titles, *rows], notes, strict=True):
        console.print(f"{name:{first}}  {reached:{second}}  {parameters:>{last}}", markup=False)
        if note:
            console.print(Padding.indent(note, 4), soft_wrap=False, markup=False)
    return 0


def _card(options: argparse.Namespace) -> int:
    card = model_card(options.name)
    if options.json:
        _print_json(card.as_dict())
    else:
        console.print(card.text(), markup=False)
    return 0


def _verify(options: argparse.Namespace) -> int:
    from zoo.receipts.verify import verify

    results: dict[str, Any] = {}
    held = True
    for name in options.names or list_models():
        try:
            checks = verify(name, options.data_root)
        except DataError as error:
            if not options.skip_missing:
                raise DataError(_with_option(error)) from error
            results[name] = {"skipped": _with_option(error)}
            continue
        held = held and all(check.holds for check in checks)
        results[name] = [
            {"figure": c.name, "card": c.stated, "measured": c.measured, "holds": c.holds}
            for c in checks
        ]
    if options.json:
        _print_json(results)
        return 0 if held else 1
    for name, outcome in results.items():
        _show_checks(name, outcome)
    console.print(_verified(results))
    return 0 if held else 1


def _with_option(error: DataError) -> str:
    """The data are named by an option here, not by a key, and no others will do."""
    known, _, _ = str(error).partition(", or read another text")
    return known.replace("data.root", "--data-root")


def _verified(results: Mapping[str, Any]) -> str:
    """How many models are what their cards say, how many are not, and how many were left out."""
    checked = [outcome for outcome in results.values() if not isinstance(outcome, dict)]
    held = sum(all(row["holds"] for row in rows) for rows in checked)
    text = f"{held} of {len(results)} verified"
    if held < len(checked):
        text += f", {len(checked) - held} not what the card says"
    if len(checked) < len(results):
        text += f", {len(results) - len(checked)} left out"
    return text


def _show_checks(name: str, outcome: Any) -> None:
    if isinstance(outcome, dict):
        console.print(f"{name}: left out, {outcome['skipped']}", markup=False)
        return
    table = Table("figure", "card", "measured", "", title=name, box=None, pad_edge=False)
    for row in outcome:
        mark = "holds" if row["holds"] else "[bold red]does not hold[/]"
        table.add_row(row["figure"], f"{row['card']:.5f}", f"{row['measured']:.5f}", mark)
    console.print(table)


def _predict(options: argparse.Namespace) -> int:
    inputs: list[str] = options.inputs
    if kind_of(options.name) == "text":
        inputs = [line for name in options.inputs for line in _lines(name)]
    predictions = predict(options.name, inputs, invert=options.invert)
    if options.json:
        _print_json(
            [
                {"input": given, "label": p.label, "probabilities": p.probabilities}
                for given, p in zip(inputs, predictions, strict=True)
            ]
        )
        return 0
    for given, prediction in zip(inputs, predictions, strict=True):
        shown = list(prediction.probabilities.items())[: options.top]
        shares = ", ".join(f"{label} {100 * share:.1f} %" for label, share in shown)
        console.print(f"{given}: {shares}", markup=False)
    return 0


def _lines(name: str) -> list[str]:
    """The texts in a file, one a line; empty lines are none."""
    from zoo.text.files import read_text

    text = sys.stdin.read() if name == "-" else read_text(name)
    return [line.strip() for line in text.splitlines() if line.strip()]


def _export(options: argparse.Namespace) -> int:
    card, weights = model_card(options.name), load(options.name).state_dict()
    format = options.format or _format_of(options.output)
    path = options.output or Path(options.name + EXTENSIONS[format])
    if not path.absolute().parent.is_dir():
        raise PretrainedError(f"there is no folder {path.parent} to write {path.name} to")
    if path.is_dir():
        raise PretrainedError(f"{path} is a folder: name a file in it")
    if format == "torch":
        minitorch.save(weights, path, format="torch")
    else:
        minitorch.save(weights, path, metadata={"card": json.dumps(card.as_dict())})
    if path.is_file():  # a pipe has what was written to it, and nothing else
        console.print(f"{path}: {path.stat().st_size:,} bytes, {format}", markup=False)
    return 0


def _format_of(path: Path | None) -> str:
    """The format that the name of a file says; no suffix says nothing."""
    suffix = "" if path is None else path.suffix
    if suffix in TORCH_SUFFIXES:
        return "torch"
    if suffix not in ("", ".safetensors") and not _is_special(path):
        raise PretrainedError(
            f"{path}: {suffix} is no format: end the name with {', '.join(TORCH_SUFFIXES)} (torch) "
            "or .safetensors, or give --format"
        )
    return "safetensors"


def _is_special(path: Path | None) -> bool:
    """Whether a path is a pipe, say, whose name means nothing."""
    return path is not None and path.exists() and not path.is_file()


if __name__ == "__main__":
    sys.exit(main())
