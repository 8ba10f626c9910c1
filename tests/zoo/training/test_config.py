"""Every configuration file composes and builds what it names; every schema fits its constructor."""

import fnmatch
import importlib
import importlib.util
import inspect
import re
from dataclasses import fields
from itertools import zip_longest

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.hydra_config import HydraConfig
from hydra.utils import get_method, instantiate
from omegaconf import DictConfig, OmegaConf

import minitorch
from zoo.pretrained.architectures import ARCHITECTURES, home_of
from zoo.pretrained.models import CONFIGURATION
from zoo.training import schema
from zoo.training.build import build
from zoo.training.overrides import key_of, values_of
from zoo.training.rehearsal import make_schedule

ROOT = CONFIGURATION
PRIMARY = sorted(path.stem for path in ROOT.glob("*.yaml") if path.stem != "base")
FILES = sorted(
    path.relative_to(ROOT).with_suffix("").as_posix() for path in ROOT.glob("*/**/*.yaml")
)
CHOICES = [name.rsplit("/", 1) for name in FILES if not name.startswith("hydra/")]
# The primary file that a choice is tried with: the first pattern that fits.
PRIMARY_OF = [
    ("*/resnet*", "resnet"),
    ("data/cifar*", "resnet"),
    ("data/image_folder", "resnet"),
    ("*/transformer*", "transformer"),
    ("*/*cnn*", "transformer"),
    ("data/sentiment", "transformer"),
    ("data/sst2", "transformer"),
    ("data/rt_polarity", "transformer"),
    ("data/text_files", "transformer"),
    ("*/gpt*", "gpt"),
    ("data/*text", "gpt"),
    ("data/shakespeare", "gpt"),
    ("task/language_modeling", "gpt"),
    ("*", "mlp"),
]
HELP = ("zoo", "transformer", "gpt")  # pages: the first is of all that have none of their own
SHARED = ("optimizer", "scheduler", "trainer", "trainer/average", "debug")  # groups on every page
HAS_OPTUNA = importlib.util.find_spec("optuna") is not None

schema.register()


def composed(*overrides, name="mlp"):
    with initialize_config_dir(str(ROOT), version_base="1.3"):
        return compose(name, overrides=list(overrides), return_hydra_config=True)


def primary_of(group, choice):
    return next(
        name for pattern, name in PRIMARY_OF if fnmatch.fnmatch(f"{group}/{choice}", pattern)
    )


def tried(group, choice, tmp_path):
    """The configuration of a choice, on top of the primary file that it belongs to."""
    overrides = [f"{group}={choice}", "trainer.num_threads=1"]
    if choice == "resnet9":
        overrides.append("data=cifar10")  # the digits are too small for it
    if choice == "image_folder":
        for name in ("cats", "dogs"):
            (tmp_path / name).mkdir()
        overrides.append(f"data.root={tmp_path}")
    name = primary_of(group, choice)
    if name in ("transformer", "gpt"):
        overrides += places_of_texts(composed(*overrides, name=name).data, tmp_path)
    return composed(*overrides, name=name)


def places_of_texts(data, folder):
    """Overrides that make a pipeline of texts read the few files put into ``folder`` here."""
    files = {
        "table.tsv": "good\ta b\nbad\tc d\n" * 10,
        "tinyshakespeare/input.txt": "To be, or not to be.\n" * 300,
        "rt-polarity/rt-polarity.pos": "".join(f"good {i}\n" for i in range(20)),
        "rt-polarity/rt-polarity.neg": "".join(f"bad {i}\n" for i in range(20)),
        "sst2/train.tsv": "label\ttext_a\n1\tgood\n",
        **{f"sst2/stsa.binary.{p}": f"1 good {p}\n0 bad {p}\n" for p in ("train", "dev", "test")},
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    places = {"root": "", "train": "table.tsv", "path": "tinyshakespeare/input.txt"}
    found = [f"data.{key}={folder / place}" for key, place in places.items() if key in data]
    return [*found, *(["data.sentences=500"] if "sentences" in data else [])]


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


def targets(node, path=""):
    if isinstance(node, DictConfig):
        if "_target_" in node:
            yield path, node
        for key in node:
            yield from targets(node[key], f"{path}.{key}")


# Choices that go with any model and any data of the mlp, and so with each other.
FREE = ("optimizer", "scheduler", "trainer", "trainer/average", "data/augment", "debug")


def builds(cfg):
    """Build what a configuration names, with no argument that its constructor does not take."""
    cfg = OmegaConf.masked_copy(cfg, [key for key in cfg if key != "hydra"])
    for path, node in targets(cfg):
        parameters = inspect.signature(get_method(node._target_)).parameters
        if not any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
            given = {str(key) for key in node if not str(key).startswith("_")}
            assert given <= parameters.keys(), path
    parts = build(cfg)
    parts.finish(steps_per_epoch=10)
    assert isinstance(parts.learner.optimizer, minitorch.optim.Optimizer)
    assert (parts.learner.scheduler is None) == (cfg.scheduler is None)


@pytest.mark.parametrize(
    ("group", "choice"),
    [
        pytest.param(*pair, marks=needs_optuna(pair[0]), id="/".join(pair))
        for pair in CHOICES
        if pair[0] not in FREE
    ],
)
def test_every_file_composes_and_builds(group, choice, tmp_path):
    builds(tried(group, choice, tmp_path))


def free_choices():
    """The first choice of every free group, then the second of every group that has one, ..."""
    of_groups = [[pair for pair in CHOICES if pair[0] == group] for group in FREE]
    rounds = zip_longest(*of_groups)
    return [["=".join(pair) for pair in each if pair is not None] for each in rounds]


@pytest.mark.parametrize("overrides", free_choices(), ids=",".join)
def test_files_that_go_with_all_others_compose_and_build_together(overrides):
    builds(composed(*overrides, "trainer.num_threads=1"))


OPTIMIZER_FILES = sorted(path.stem for path in (ROOT / "optimizer").glob("*.yaml"))
SCHEDULER_FILES = sorted(path.stem for path in (ROOT / "scheduler").glob("*.yaml"))


COMBINATIONS = [
    pytest.param(
        name,
        optimizer,
        scheduler,
        marks=[pytest.mark.slow] if name != "mlp" or (i + j) % len(OPTIMIZER_FILES) else [],
        id=f"{name}-{optimizer}-{scheduler}",
    )
    for name in PRIMARY
    for i, optimizer in enumerate(OPTIMIZER_FILES)
    for j, scheduler in enumerate(SCHEDULER_FILES)
    if name == "mlp" or (i + j) % len(OPTIMIZER_FILES) == 0
]


@pytest.mark.parametrize(("name", "optimizer", "scheduler"), COMBINATIONS)
def test_every_optimizer_goes_with_every_schedule_at_its_own_rate(name, optimizer, scheduler):
    cfg = composed(
        f"optimizer={optimizer}", f"scheduler={scheduler}", "trainer.max_epochs=3", name=name
    )
    if not (ROOT / "optimizer" / "tuned" / f"{name}_{optimizer}.yaml").exists():
        own = OmegaConf.load(ROOT / "optimizer" / f"{optimizer}.yaml")
        del own["defaults"]
        assert cfg.optimizer == own
    parameter = minitorch.nn.Parameter(minitorch.zeros(1))
    built = instantiate(cfg.optimizer, _convert_="all")([parameter])
    schedule = make_schedule(cfg.scheduler, built, steps_per_epoch=4)
    for _ in range(12 if cfg.trainer.scheduler_interval == "step" else 3):
        assert 0.0 <= built.param_groups[0]["lr"] <= cfg.optimizer.lr
        built.step()
        if schedule is not None:
            schedule.step(*([1.0] if scheduler == "plateau" else []))


def test_the_data_schema_is_the_signature_of_the_pipeline():
    from zoo.data import ImageData

    names = {field.name for field in fields(schema.Images)} - {"_target_"}
    assert names == inspect.signature(ImageData).parameters.keys() - {"source"}


def test_the_trainer_schema_has_every_setting():
    from zoo.training import Trainer

    assert {f.name for f in fields(schema.Trainer)} - {"_target_"} == set(Trainer.keys())


@pytest.mark.parametrize("page", HELP)
def test_every_choice_is_explained_in_the_help(page):
    text = (ROOT / "hydra" / "help" / f"{page}.yaml").read_text()
    missing = []
    for group, choice in CHOICES:
        own = primary_of(group, choice)
        own = own if own in HELP else "zoo"
        shared = group in SHARED and own == "zoo"
        if group == "optimizer/tuned" or not (own == page or shared):
            continue  # what is tuned comes by itself
        explained = re.search(rf"^    {group} .*(\n {{20}}.*)*", text, re.MULTILINE)
        if not (explained and choice in re.findall(r"\w+", explained[0])):
            missing.append(f"{group}={choice}")
    assert not missing


def examples_of(name):
    """The module and the arguments of each example on the page that a command shows."""
    cfg = composed(name=name)
    HydraConfig.instance().set_config(cfg)
    page = cfg.hydra.help.template.partition("Examples:\n")[2].partition("\n\n")[0]
    commands = [re.split(r"\s{2,}", line.strip())[0] for line in page.splitlines()]
    return [(line.split()[2], line.split()[3:]) for line in commands]


@pytest.mark.parametrize("name", PRIMARY)
def test_the_examples_in_the_help_are_possible(name):
    examples = examples_of(name)
    assert len(examples) > 3
    for module, arguments in examples:
        assert f"python -m {module}" == ARCHITECTURES[name].program
        overrides = [text for text in arguments if "=" in text]
        if "--multirun" in arguments:  # its first job
            overrides = [f"{key_of(text)}={values_of(text)[0]}" for text in overrides]
        assert composed(*overrides, name=name).zoo == name


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


@pytest.mark.parametrize("name", PRIMARY)
def test_models_of_every_command_can_be_made_from_their_run_folders(name):
    known = ARCHITECTURES[name]
    assert home_of(composed(name=name).model._target_) is known
    assert callable(get_method(known.sizes))
    assert known.reads in ("image", "text", "language")
    python, option, module = known.program.split()
    assert (python, option) == ("python", "-m")
    assert callable(importlib.import_module(module).main)


def test_debug_runs_write_to_a_folder_of_their_own():
    for choice in ("one_batch", "overfit_batch", "profile"):
        cfg = composed(f"debug={choice}")
        assert str(cfg.hydra.run.dir).startswith(f"runs/debug/mlp/{choice}/")
        assert str(cfg.hydra.sweep.dir).startswith(f"runs/debug/mlp/{choice}/")


def test_nothing_in_conf_resolves_hydra_inside_typed_fields():
    for path in ROOT.rglob("*.yaml"):
        assert "${hydra:" not in path.read_text(), path
