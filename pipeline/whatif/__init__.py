"""What another rulebook would change: a build beside the published one, held against it and thrown away."""

from pipeline.whatif.compare import WhatIf, what_if

__all__ = ["WhatIf", "what_if"]
