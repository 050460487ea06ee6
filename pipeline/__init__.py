"""Anti-GM1 antibody and nerve conduction exports in; a checked warehouse and an honest positive rate out."""

__version__ = "0.1.0"
