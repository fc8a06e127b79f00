"""What was looked at for whoever runs this, and how it stands."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: whether it is sound, and a sentence."""

    part: str
    good: bool
    words: str
