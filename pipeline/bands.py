"""MinHash bands of texts: two texts that share half of their shingles have a band in common in two of three cases.

The signatures are rensa's (R-MinHash); the bands are kept in `pipeline.postings`, where they take 36 bytes a text:
rensa's own index takes 384.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import rensa

from pipeline.postings import Keys

BANDS, ROWS = 4, 2
SEED = 20260224
_MULTIPLIERS = np.array([[0x9E3779B97F4A7C15], [0xC2B2AE3D27D4EB4F]], dtype=np.uint64)
_NUMBERS = np.arange(BANDS, dtype=np.uint64) * np.uint64(0xD6E8FEB86659FD93)


def bands(shingles: Sequence[bytes]) -> list[Keys]:
    """The keys of each text's bands (`Fingerprint.shingles`); none for a headline alone. About 2 µs a text."""
    tokens = np.frombuffer(b"".join(shingles), dtype="<u8")
    ends = np.cumsum([0, *(len(one) // 8 for one in shingles)], dtype=np.uint64)
    rows = rensa.RMinHash.digest_matrix_from_flat_token_hashes(tokens, ends, BANDS * ROWS, SEED).to_rows()
    signatures = np.array(rows, dtype=np.uint64).reshape(-1, BANDS, ROWS)
    mixed = (signatures @ _MULTIPLIERS)[:, :, 0] + _NUMBERS
    keys = ((mixed ^ mixed >> np.uint64(29)) * _MULTIPLIERS[1] >> np.uint64(32)).astype(np.uint32)
    return [own if text else own[:0] for own, text in zip(keys, shingles, strict=True)]
