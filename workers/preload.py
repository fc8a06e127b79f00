"""Imported by the fork server before any process of the pool is born: what they all read and none of them changes.

The language model alone is 80 MB; processes forked after it was loaded share it.
"""

from __future__ import annotations

import workers.stages  # noqa: F401
from pipeline.language import guess

guess("The stages are loaded once and shared by all processes of the pool.")
