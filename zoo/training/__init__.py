"""The one training loop of the zoo, and everything around it."""

from zoo.training.averaging import EMA, Averaging, Lookahead
from zoo.training.callbacks import Callback
from zoo.training.checkpoint import Checkpoints, load_state, load_weights, save_state
from zoo.training.errors import (
    CheckpointError,
    ConfigError,
    DivergedError,
    Interrupted,
    TrainingError,
)
from zoo.training.evaluate import evaluate
from zoo.training.groups import ParameterGroup
from zoo.training.language import LanguageModeling
from zoo.training.learner import Learner
from zoo.training.loop import Fit
from zoo.training.metrics import ConfusionMatrix, Metric, RunningLoss, StepResult, TopK
from zoo.training.schedules import InverseSquareRoot, Triangle, sequential, triangular
from zoo.training.seeds import seed_everything
from zoo.training.task import Classification, Evaluation, Prediction, Task
from zoo.training.trainer import Trainer

__all__ = [
    "Averaging",
    "Callback",
    "CheckpointError",
    "Checkpoints",
    "Classification",
    "ConfigError",
    "ConfusionMatrix",
    "DivergedError",
    "EMA",
    "Evaluation",
    "Fit",
    "InverseSquareRoot",
    "Interrupted",
    "LanguageModeling",
    "Learner",
    "Lookahead",
    "Metric",
    "ParameterGroup",
    "Prediction",
    "RunningLoss",
    "StepResult",
    "Task",
    "TopK",
    "Trainer",
    "Triangle",
    "TrainingError",
    "evaluate",
    "load_state",
    "load_weights",
    "save_state",
    "seed_everything",
    "sequential",
    "triangular",
]
