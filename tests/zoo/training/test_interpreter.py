"""Commands are told as a person can type them, in an active environment or not."""

import sys
from pathlib import Path

import pytest

from zoo.training.interpreter import interpreter, script


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """An environment with an interpreter and a script, and another interpreter elsewhere."""
    for folder in ("env/bin", "other"):
        (tmp_path / folder).mkdir(parents=True)
        for name in ("python", "tensorboard"):
            (tmp_path / folder / name).touch(mode=0o755)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "env" / "bin" / "python"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_active_environment_needs_no_path(programs: Path, monkeypatch):
    monkeypatch.setenv("PATH", str(programs / "env" / "bin"))
    assert (interpreter(), script("tensorboard")) == ("python", "tensorboard")


def test_another_environment_is_named_by_its_path(programs: Path, monkeypatch):
    monkeypatch.setenv("PATH", str(programs / "other"))
    assert (interpreter(), script("tensorboard")) == ("env/bin/python", "env/bin/tensorboard")
    (programs / "below").mkdir()
    monkeypatch.chdir(programs / "below")
    assert interpreter() == str(programs / "env" / "bin" / "python")


def test_a_script_that_is_not_there_is_named_alone(programs: Path):
    assert script("nothing") == "nothing"
