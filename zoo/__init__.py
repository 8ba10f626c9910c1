"""Reference models built on minitorch, one package per architecture.

Each architecture brings a model, a data pipeline and a recipe; the loop, the log, the checkpoints
and the console are :mod:`zoo.training`, and the pipelines that several of them share are
:mod:`zoo.data`.

Trained models are used in one line: ``zoo.load(name)``, ``zoo.predict(name, images)``; what there
is says ``zoo.list_models()``, and what each one is ``zoo.model_card(name)``.
"""

from zoo.pretrained import list_models, load, model_card, predict

__all__ = ["list_models", "load", "model_card", "predict"]
