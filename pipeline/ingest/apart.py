"""One export that fails stops no other: what fails for a batch is tried again for less and less of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.errors import Gm1Error, PublicationStopped
from pipeline.ingest.arrivals import Arrival


@dataclass(frozen=True, slots=True)
class Failure:
    """An export of which nothing was landed: its rows do not add up (`error` is None), or the program met a fault."""

    said: str
    error: Exception | None = None


def in_parts(land: Callable[[Sequence[Arrival]], list[Failure]], arrivals: Sequence[Arrival]) -> list[Failure]:
    """Land a batch; one that fails is halved until the export it fails for stands alone.

    Raises an error of the home or of its settings at once: every export would meet it.
    """
    try:
        return land(arrivals)
    except PublicationStopped as stopped:
        failure = Failure(str(stopped))
    except Gm1Error:
        raise
    except Exception as error:
        failure = Failure(f"{arrivals[0].name}: could not be taken in", error)
    if len(arrivals) == 1:
        return [failure]
    half = len(arrivals) // 2
    return in_parts(land, arrivals[:half]) + in_parts(land, arrivals[half:])


def raise_first(failures: Sequence[Failure]) -> None:
    """What failed, once everything else has landed: a fault of this program first, then rows that do not add up."""
    if not failures:
        return
    said = "; ".join(one.said for one in failures) + "; nothing of it was landed, every other export was"
    for one in failures:
        if one.error is not None:
            one.error.add_note(said)
            raise one.error
    raise PublicationStopped(said)
