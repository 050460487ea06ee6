"""`python -m pipeline.cli` is `gm1`."""

from pipeline.cli import main

main()
