"""Reference models built on minitorch, one package per architecture.

Each architecture brings a model, a data pipeline and a recipe; the loop, the log, the checkpoints
and the console are :mod:`zoo.training`, and the pipelines that several of them share are
:mod:`zoo.data`.
"""
