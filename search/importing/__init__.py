"""Queries of other systems, as ours: Google Alerts, FreshRSS, Miniflux.

What means the same is carried over. What is nearly the same is carried over with a note that says the difference. What
has no counterpart is refused with its column (BadQuery). Nothing is changed or left out in silence.
"""

from search.importing.common import Imported
from search.importing.freshrss import from_freshrss
from search.importing.google import from_google
from search.importing.miniflux import from_miniflux
from search.importing.origins import Origin, understood

__all__ = ["Imported", "Origin", "from_freshrss", "from_google", "from_miniflux", "understood"]
