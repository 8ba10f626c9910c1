"""The one error that data pipelines raise."""


class DataError(RuntimeError):
    """Data are missing or damaged; the message says what to do, in one sentence."""
