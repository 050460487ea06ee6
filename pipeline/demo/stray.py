"""A file that nobody recognises: it is held whole, and none of its rows is lost."""

from pipeline.demo.plan import File


def files() -> list[File]:
    """A worksheet that somebody put into the wrong folder."""
    file = File("northgate", "plate_layout_2026-02.csv", 1, "utf-8", ",")
    for cells in (("well", "content"), ("A1", "blank"), ("A2", "calibrator SYNTHETIC"), ("A3", "sample")):
        file.add(*cells, ends="held", reason="unrecognised")
    return [file]
