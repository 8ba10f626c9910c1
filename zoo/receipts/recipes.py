"""Whether a run followed its recipe: its settings beside those of the experiment file of today."""

from __future__ import annotations

from functools import cache
from typing import Any

from hydra import compose, initialize_config_dir
from omegaconf import DictConfig, OmegaConf

from zoo.pretrained.models import CONFIGURATION
from zoo.training import resolvers, schema
from zoo.training.workplace import flatten

# What a run may choose freely: where things lie, what is shown, and with what.
FREE = {
    "data.root",
    "trainer.checkpoint_every_steps",
    "trainer.figures_every_epochs",
    "trainer.histograms_every_epochs",
    "trainer.keep_memory",
    "trainer.log_every_steps",
    "trainer.num_threads",
    "trainer.progress",
    "trainer.tensorboard",
}


def departures(receipt: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the settings in which a run departs from its recipe: its own value, and the recipe's.

    Settings that were not there yet when it ran, and those that are gone, are passed over.

    Args:
        receipt: of a run with one tag, the name of its experiment file.

    Raises:
        ValueError: there is no such file.
    """
    (recipe,) = receipt["tags"]
    if not (CONFIGURATION / "experiment" / f"{recipe}.yaml").is_file():
        raise ValueError(f"there is no recipe conf/experiment/{recipe}.yaml")
    cfg = _composed(receipt["zoo"], recipe).copy()
    cfg.seed = receipt["seed"]
    today = flatten(OmegaConf.to_container(cfg, resolve=True))
    return {
        key: (value, today[key])
        for key, value in flatten(receipt["config"]).items()
        if key in today and key not in FREE and value != today[key]
    }


@cache
def _composed(command: str, recipe: str) -> DictConfig:
    """Return what a recipe composes to."""
    schema.register()
    resolvers.register()
    with initialize_config_dir(str(CONFIGURATION), version_base="1.3"):
        return compose(command, overrides=[f"experiment={recipe}"])
