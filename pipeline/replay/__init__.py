"""Archived exports taken in again: some of them under today's declarations, or all of them after a loss."""

from pipeline.replay.again import Replay, replay
from pipeline.replay.rebuild import Rebuild, check_same, rebuild

__all__ = ["Rebuild", "Replay", "check_same", "rebuild", "replay"]
