"""Telling that memory ran out, whichever backend says so."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a backend says that memory ran out, each in its own class of error."""
    return isinstance(error, MemoryError) or any(
        sign in str(error) or sign in type(error).__name__
        for sign in ("RESOURCE_EXHAUSTED", "ResourceExhausted", "out of memory", "OOM when")
    )
