"""The one error of pretrained models."""


class PretrainedError(RuntimeError):
    """A model is unknown or damaged, or does not fit; the message says what to do."""
