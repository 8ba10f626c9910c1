"""Every configuration file composes and builds what it names; every schema fits its constructor."""

import importlib.util
import inspect
from dataclasses import fields
from pathlib import Path

import pytest
from hydra import compose, initialize_config_module
from hydra.core.hydra_config import HydraConfig
from hydra.utils import get_method, instantiate
from omegaconf import DictConfig, OmegaConf

import conf
import minitorch
from zoo.mlp.data import network_sizes
from zoo.training import schema
from zoo.training.build import build

ROOT = Path(conf.__file__).parent
PRIMARY = sorted(path.stem for path in ROOT.glob("*.yaml") if path.stem != "base")
FILES = sorted(
    path.relative_to(ROOT).with_suffix("").as_posix() for path in ROOT.glob("*/**/*.yaml")
)
CHOICES = [name.rsplit("/", 1) for name in FILES if not name.startswith("hydra/")]
HAS_OPTUNA = importlib.util.find_spec("optuna") is not None

schema.register()


def composed(*overrides, name="mlp"):
    with initialize_config_module("conf", version_base="1.3"):
        return compose(name, overrides=list(overrides), return_hydra_config=True)


def needs_optuna(group):
    return pytest.mark.skipif(
        group == "hparams_search" and not HAS_OPTUNA, reason="needs the [sweep] extra"
    )


@pytest.mark.parametrize("name", PRIMARY)
def test_primary_files_compose_and_resolve(name):
    cfg = composed(name=name)
    assert cfg.zoo == name
    HydraConfig.instance().set_config(cfg)
    with_values = OmegaConf.masked_copy(cfg, [key for key in cfg if key != "hydra"])
    OmegaConf.to_container(with_values, resolve=True, throw_on_missing=True)


@pytest.mark.parametrize(
    ("group", "choice"),
    [pytest.param(*pair, marks=needs_optuna(pair[0]), id="/".join(pair)) for pair in CHOICES],
)
def test_every_file_composes_and_builds(group, choice):
    cfg = composed(f"{group}={choice}", "trainer.num_threads=1")
    parts = build(OmegaConf.masked_copy(cfg, [key for key in cfg if key != "hydra"]), network_sizes)
    parts.finish(steps_per_epoch=10)
    assert isinstance(parts.learner.optimizer, minitorch.optim.Optimizer)
    assert (parts.learner.scheduler is None) == (cfg.scheduler is None)


def targets(node, path=""):
    if isinstance(node, DictConfig):
        if "_target_" in node:
            yield path, node
        for key in node:
            yield from targets(node[key], f"{path}.{key}")


@pytest.mark.parametrize(
    ("group", "choice"),
    [pytest.param(*pair, id="/".join(pair)) for pair in CHOICES if pair[0] != "hparams_search"],
)
def test_keys_are_arguments_of_the_constructor(group, choice):
    cfg = composed(f"{group}={choice}")
    for path, node in targets(OmegaConf.masked_copy(cfg, [key for key in cfg if key != "hydra"])):
        parameters = inspect.signature(get_method(node._target_)).parameters
        if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
            continue
        given = {str(key) for key in node if not str(key).startswith("_")}
        assert given <= parameters.keys(), path


def test_the_data_schema_is_the_signature_of_the_pipeline():
    from zoo.data import ImageData

    names = {field.name for field in fields(schema.Images)} - {"_target_"}
    assert names == inspect.signature(ImageData).parameters.keys() - {"source"}


def test_the_trainer_schema_has_every_setting():
    from zoo.training import Trainer

    assert {f.name for f in fields(schema.Trainer)} - {"_target_"} == set(Trainer.keys())


def test_every_choice_is_explained_in_the_help():
    text = (ROOT / "hydra" / "help" / "zoo.yaml").read_text()
    for group, choice in CHOICES:
        line = next(line for line in text.splitlines() if line.strip().startswith(f"{group} "))
        following = text[text.index(line) :].split("\n\n")[0]
        assert choice in following, f"{group}={choice}"


def test_seven_optimizers_and_ten_schedulers():
    groups = [group for group, _ in CHOICES]
    assert groups.count("optimizer") == 7
    assert groups.count("scheduler") == 11  # with none


def test_sequential_schedules_follow_each_other():
    cfg = composed("scheduler=sequential", "trainer.max_epochs=5")
    optimizer = minitorch.optim.SGD([minitorch.nn.Parameter(minitorch.zeros(1))], lr=1.0)
    scheduler = instantiate(cfg.scheduler, _convert_="all")(optimizer)
    rates = []
    for _ in range(5):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(1.0)
    assert rates[-1] < 1.0


def test_debug_runs_write_to_a_folder_of_their_own():
    for choice in ("one_batch", "overfit_batch", "profile"):
        cfg = composed(f"debug={choice}")
        assert str(cfg.hydra.run.dir).startswith(f"runs/debug/mlp/{choice}/")
        assert str(cfg.hydra.sweep.dir).startswith(f"runs/debug/mlp/{choice}/")


def test_nothing_in_conf_resolves_hydra_inside_typed_fields():
    for path in ROOT.rglob("*.yaml"):
        assert "${hydra:" not in path.read_text(), path
