"""`python -m pipeline.cli` is `gm1`."""

from pipeline.cli import main

if __name__ == "__main__":
    main()
