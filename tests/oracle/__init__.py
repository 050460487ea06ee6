"""An oracle: the same answers as the pipeline's, reached from the written requirements in plain Python.

It imports nothing of `pipeline` and uses the standard library alone, so that one misreading cannot hide in both.
"""
