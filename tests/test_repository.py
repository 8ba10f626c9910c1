"""House rules: facts about the tree that no linter checks."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import inspect
import json
import os
import re
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.readme import MARKED, filled, pages

ROOT = Path(__file__).parents[1]

# A room that grows past about 300 lines is probably two rooms. Whoever adds a line here says why.
MOST_LINES = 350
ROOMY: dict[str, str] = {}

# A function fits on a screen: this many lines below its docstring.
MOST_LINES_OF_CODE = 60

# What a file must not name: places that only one machine knows, and package registries.
FOREIGN = re.compile(
    r"/(?:work|root|home|Users)/|pypi\.org|pythonhosted|download\.pytorch|anaconda\.org"
    r"|registry\.npmjs|/opt/wheels"
)

PUBLIC_MODULES = (
    "minitorch",
    "minitorch.amp",
    "minitorch.autograd",
    "minitorch.backends",
    "minitorch.cuda.amp",
    "minitorch.distributed",
    "minitorch.nn",
    "minitorch.nn.functional",
    "minitorch.nn.init",
    "minitorch.nn.parallel",
    "minitorch.nn.utils",
    "minitorch.nn.utils.parametrizations",
    "minitorch.nn.utils.parametrize",
    "minitorch.optim",
    "minitorch.optim.lr_scheduler",
    "minitorch.utils.checkpoint",
    "minitorch.utils.data",
)


def kept_files() -> list[Path]:
    """What git tracks, or would."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("this tree is not a git checkout")
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def library_files() -> list[Path]:
    """The Python files of the library and the zoo."""
    return [path for room in ("minitorch", "zoo") for path in sorted((ROOT / room).rglob("*.py"))]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def pyproject() -> dict[str, dict]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


# ------------------------------------------------------------------------------------------ size


def test_no_file_outgrows_its_room():
    lengths = {
        name_of(path): len(path.read_text().splitlines())
        for path in library_files()
        if path.name != "__init__.py"  # a list of names may be long
    }
    too_long = {name: n for name, n in lengths.items() if n > MOST_LINES and name not in ROOMY}
    assert not too_long, "probably two rooms each: split them, or say in ROOMY why not"
    no_longer_roomy = [name for name in ROOMY if lengths.get(name, 0) <= MOST_LINES]
    assert not no_longer_roomy, "no longer long: take them out of ROOMY"


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Every function's name and its number of lines below the docstring."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            start = first.end_lineno if ast.get_docstring(node) else first.lineno - 1
            yield f"{name_of(path)}:{node.lineno} {node.name}", node.end_lineno - start


def test_every_function_fits_on_a_screen():
    lengths = {name: length for path in library_files() for name, length in functions(path)}
    assert not {name: n for name, n in lengths.items() if n > MOST_LINES_OF_CODE}


def test_an_init_file_only_hands_names_on():
    for path in library_files():
        if path.name == "__init__.py":
            tree = ast.parse(path.read_text())
            made = [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
            assert not made, f"{name_of(path)} defines {made}"


# ------------------------------------------------------------------------------------- the import


def in_a_fresh_process(program: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_core_brings_only_numpy_and_safetensors():
    program = """
import sys, numpy
before = set(sys.modules)
import minitorch
print(*{name.split(".")[0] for name in set(sys.modules) - before})
"""
    brought = set(in_a_fresh_process(program).split()) - set(sys.stdlib_module_names)
    compiled = {name for name in brought if "cython" in name}  # the parts of NumPy that are
    assert brought - compiled <= {"minitorch", "numpy", "safetensors"}


def test_the_core_is_imported_quickly(tmp_path: Path):
    program = """
import time, numpy
start = time.process_time()  # of this process alone, however busy the machine
import minitorch
print(time.process_time() - start)
"""
    # The first process compiles, as the first import after an installation does; the others do not.
    kept = {"PYTHONPYCACHEPREFIX": str(tmp_path), "PYTHONDONTWRITEBYTECODE": ""}
    seconds = min(float(in_a_fresh_process(program, **kept)) for _ in range(5))
    assert seconds < 0.25


# --------------------------------------------------------------------------------------- the names


@pytest.mark.parametrize("module_name", PUBLIC_MODULES)
def test_public_names_exist_and_are_documented(module_name: str):
    module = importlib.import_module(module_name)
    assert inspect.getdoc(module), f"{module_name} has no docstring"
    names = getattr(module, "__all__", [name for name in vars(module) if not name.startswith("_")])
    for name in names:
        value = getattr(module, name)
        if inspect.isroutine(value) or inspect.isclass(value):
            assert inspect.getdoc(value), f"{module_name}.{name} has no docstring"


def test_the_version_is_told_once():
    import minitorch

    changelog = (ROOT / "CHANGELOG.md").read_text()
    latest = re.search(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    assert latest is not None
    assert latest[1] == minitorch.__version__
    assert pyproject()["project"]["dynamic"] == ["version"]


# ------------------------------------------------------------------------------ the tree as a whole


def test_no_file_names_a_machine_or_a_registry():
    found = []
    for path in kept_files():
        if path == Path(__file__):
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{name_of(path)}: {match[0]}" for match in FOREIGN.finditer(text)]
    assert not found


def test_versions_are_pinned_by_constraints_alone():
    assert not [path for path in kept_files() if path.name in ("uv.lock", "poetry.lock")]
    pinned = set()
    for path in ROOT.glob("constraints*.txt"):
        for line in path.read_text().splitlines():
            if line and not line.startswith(("#", "-c ")):
                name, separator, _ = line.partition("==")
                assert separator, f"{path.name}: {line!r} pins no version"
                pinned.add(normalized(name))
    project = pyproject()["project"]
    wanted = {
        normalized(re.match(r"[\w.-]+", requirement)[0])
        for group in (project["dependencies"], *project["optional-dependencies"].values())
        for requirement in group
    }
    assert wanted - pinned == {"minitorch-zoo"}


def normalized(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def test_every_make_target_has_a_line_of_help():
    text = (ROOT / "Makefile").read_text()
    targets = {
        name for line in re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE) for name in line.split()
    }
    listed = set(re.findall(r"^([a-z-]+):.*## \w", text, re.MULTILINE))
    assert targets == listed


PAGES = sorted(path for pages in ("*.md", "docs/*.md", "zoo/*/*.md") for path in ROOT.glob(pages))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_files_lead_somewhere(page: Path):
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", page.read_text()) if "://" not in link]
    assert not [link for link in links if not (page.parent / link).exists()]


def test_the_readme_shows_generated_tables():
    assert len(MARKED.findall((ROOT / "README.md").read_text())) == 3


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_generated_tables_are_current(page: Path):
    text = page.read_text()
    assert filled(text) == text, "run `make tables`"


@pytest.mark.parametrize("train", sorted(ROOT.glob("zoo/*/train.py")), ids=lambda p: p.parent.name)
def test_every_architecture_has_its_page_target_and_command(train: Path):
    name = train.parent.name
    assert (train.parent / "README.md").is_file()
    assert (ROOT / "conf" / f"{name}.yaml").is_file()
    assert re.search(rf"^train-{name}:.*## \w", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_headline_is_what_the_receipts_say():
    headline = re.search(
        r"\*\*([\d.]+) % on CIFAR-10.* in (\d+) minutes", (ROOT / "README.md").read_text()
    )
    receipts = sorted((ROOT / "zoo" / "receipts").glob("resnet9_cifar10-*.json"))
    runs = [json.loads(path.read_text()) for path in receipts]
    assert headline
    assert headline[1] == f"{100 * statistics.mean(run['test']['accuracy'] for run in runs):.1f}"
    assert headline[2] == f"{statistics.median(run['seconds'] for run in runs) / 60:.0f}"
    each = re.findall(r"([\d.]+) % in (\d+)(?: minutes)?[,)]", (ROOT / "README.md").read_text())
    assert each == [
        (f"{100 * run['test']['accuracy']:.2f}", f"{run['seconds'] / 60:.0f}") for run in runs
    ]
