"""Runs the stages: the embedded runner, its process pool, and the one place that decides what is tried again."""
