"""What the README shows must run: its Python blocks, and its commands as far as they are cheap."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def commands() -> list[str]:
    """Every command of the bash blocks, comments and continued lines undone."""
    joined = "\n".join(blocks("bash")).replace("\\\n", " ")
    return [line for line in joined.splitlines() if line and not line.startswith("#")]


def test_the_readme_shows_commands_and_code():
    assert commands()
    assert blocks("python")


def dry_run(command: str, *arguments: str) -> str:
    """What a make command would do; a make that runs the tests hands nothing on to it."""
    inherited = {
        name: value
        for name, value in os.environ.items()
        if "MAKE" not in name and name not in ("ARGS", "JOBS", "MFLAGS")
    }
    return subprocess.run(
        [*shlex.split(command), "--dry-run", *arguments],
        cwd=ROOT,
        env=inherited,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


@pytest.mark.parametrize("command", commands())
def test_a_command_is_one_that_make_knows(command: str):
    """A dry run finds the target and every prerequisite, and takes the overrides."""
    assert command.startswith("make "), "the README speaks in make targets"
    assert dry_run(command)


@pytest.mark.slow
@pytest.mark.parametrize("code", blocks("python"), ids=range(len(blocks("python"))))
def test_python_blocks_run(code: str, tmp_path: Path):
    subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )


def test_the_tour_shows_what_happens():
    flags = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
    page = ROOT / "docs" / "tour.md"
    outcome = doctest.testfile(str(page), module_relative=False, optionflags=flags)
    assert outcome.attempted
    assert not outcome.failed


@pytest.mark.parametrize(
    ("given", "forwarded"),
    [
        (["optimizer=adam"], "'optimizer=adam'"),
        (["model.hidden=[256,128]"], "'model.hidden=[256,128]'"),
        (["name=a b"], "'name=a b'"),
        (["note=it's"], r"'note=it'\''s'"),
        (["+trainer.extra={a: 1}"], "'+trainer.extra={a: 1}'"),
        (["a.b=${seed}"], "'a.b=${seed}'"),
        (["hydra/launcher=joblib", "seed=1,2"], "'hydra/launcher=joblib' 'seed=1,2'"),
        (["ARGS=--cfg job ~scheduler"], "--cfg job ~scheduler"),
        (["PYTHON=python3", "JOBS=1"], ""),
    ],
)
def test_make_forwards_overrides_to_hydra(given: list[str], forwarded: str):
    told = dry_run("make train-mlp", *given)
    _, _, arguments = told.partition("-m zoo.mlp.train")
    assert " ".join(arguments.split()) == forwarded


@pytest.mark.parametrize(
    ("given", "environment"),
    [
        ([], ".venv"),
        (["data=digits"], ".venv"),
        (["data=mnist"], ".venv-vision"),
        (["ARGS=data=fashion_mnist seed=1"], ".venv-vision"),
        (["ARGS=-m data=digits,mnist"], ".venv-vision"),
        (["run_name=mnist"], ".venv"),
    ],
)
def test_make_picks_the_environment_by_the_data(given: list[str], environment: str):
    told = dry_run("make train-mlp", *given)
    assert f"\n{environment}/bin/python -m zoo.mlp.train" in "\n" + told
