"""Every error that a user can cause, in one tree.

Each message is one sentence that says what is wrong, where, and what to do. The doors print it
without a traceback and leave with `exit_code`.
"""


class AdaptiveStyleError(Exception):
    """Base of all errors of this package; `exit_code` is what a command leaves with."""

    exit_code = 1


class UsageError(AdaptiveStyleError):
    """Arguments that cannot be meant: unknown names, values out of range, contradicting options."""

    exit_code = 2


class MissingExtraError(AdaptiveStyleError):
    """An optional library is not installed.

    Args:
        what: was asked for, such as "Video".
        extra: of this package, which brings the library along.
        error: of the import.
    """

    def __init__(self, what: str, extra: str, error: ImportError) -> None:
        super().__init__(
            f"{what} needs the extra `{extra}` ({error}); "
            f"run: pip install 'adaptive-style-tf[{extra}]'"
        )


class DataError(AdaptiveStyleError):
    """Pictures or videos that are missing, or unusable as a collection."""


class PictureError(DataError):
    """One picture file that cannot be read or written."""


class VideoError(DataError):
    """One video that cannot be read or written."""


class StyleError(AdaptiveStyleError):
    """A style folder that is missing, damaged or does not fit."""


class ReleaseCheckpointError(AdaptiveStyleError):
    """A checkpoint of the 2018 release that is missing, damaged or does not fit."""


class CheckpointError(AdaptiveStyleError):
    """A training checkpoint that cannot be written, or is damaged."""


class RunFolderError(AdaptiveStyleError):
    """A run folder that is in use or belongs to other settings."""


class TrainingError(AdaptiveStyleError):
    """A training that cannot go on."""


class NonFiniteError(TrainingError):
    """A loss or weight became NaN or infinite; the message names it."""


class CollapseError(TrainingError):
    """The results no longer depend on the photographs; the message says how to go on."""


class DeviceMemoryError(AdaptiveStyleError):
    """The device ran out of memory, in training or stylizing; the message says what to change."""


class ExportError(AdaptiveStyleError):
    """A model that cannot be exported, or an exported one that is missing or damaged."""


class ServerError(AdaptiveStyleError):
    """A model server that cannot be reached or refuses a request."""
