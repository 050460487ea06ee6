"""Which laboratories have something to take in, told without taking anything in."""

from pathlib import Path

from pipeline.home import Home
from pipeline.ingest.arrivals import instant, receipts
from pipeline.ingest.generations import held_whole, landed, released, waiting
from pipeline.ingest.inbox import labs_in_inbox, to_receive
from pipeline.ingest.receiving import Received, file_sha256
from pipeline.labs import labs_sha256
from pipeline.settings import Settings


def waiting_labs(settings: Settings) -> list[str]:
    """The laboratories with something to take in: a file in the inbox without a receipt, or an arrival that waits.

    Files are told apart by name, size and time here; one is read only where these leave it in doubt.
    """
    home = Home.open(settings)
    arrivals, known = receipts(home), landed(home)
    held = waiting(list(arrivals.values()), known, labs_sha256(settings.labs_dirs), released(home))
    labs = {one.lab for one in held}
    received = Received(arrivals.values(), known, held_whole(known))
    for lab in labs_in_inbox(home):
        if lab not in labs and any(_is_new(lab, path, received) for _, path in to_receive(home, [lab])[0]):
            labs.add(lab)
    return sorted(labs)


def _is_new(lab: str, path: Path, received: Received) -> bool:
    """Whether a file of the inbox was not received; one that cannot be read is left for the intake to name."""
    try:
        details = path.stat(follow_symlinks=False)
        same = received.of_size(lab, details.st_size)
        if not same:
            return True
        # a file that was put in another's place may be older than that one, but came here later
        changed = instant(max(details.st_mtime, details.st_ctime))
        if any(one.file_name == path.name and changed < one.received_at for one in same):
            return False
        return received.new_id(lab, file_sha256(path), path.name) is not None
    except OSError:
        return True
