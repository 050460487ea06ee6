"""Tests whose answers come from the specification and not from the code."""
