"""Histograms in TensorBoard's format, in NumPy, with nothing larger than a block in memory."""

from __future__ import annotations

import numpy as np

BUCKETS = 30
_SHARES = np.linspace(0.0, 1.0, BUCKETS + 1)
_BLOCK = 1 << 15
_NOWHERE = BUCKETS + 1


def bucket_counts(values: np.ndarray) -> np.ndarray:
    """Rows of left edge, right edge and count, `BUCKETS` of equal width between the extremes.

    A bucket holds its left edge, the last one both. Equal values all fall into the last bucket.
    Values that are not finite are in no bucket.
    """
    flat = np.asarray(values).reshape(-1)
    if flat.dtype.kind != "f" or flat.dtype.itemsize not in (4, 8):
        flat = flat.astype("float32" if flat.dtype.itemsize < 4 else "float64")
    if not flat.size:
        return np.zeros((BUCKETS, 3))
    low, high = float(flat.min()), float(flat.max())
    if not np.isfinite([low, high]).all():
        return bucket_counts(flat[np.isfinite(flat)])
    rows = np.empty((BUCKETS, 3))
    rows[:, 0] = low * (1 - _SHARES[:-1]) + high * _SHARES[:-1]
    rows[:-1, 1], rows[-1, 1] = rows[1:, 0], high
    if high - low > float(np.finfo("float32").tiny):
        rows[:, 2] = _counts(flat if high - low < 1e38 else flat.astype("float64"), low, high)
    else:
        rows[:-1, 2], rows[-1, 2] = 0, flat.size
    return rows


def _counts(flat: np.ndarray, low: float, high: float) -> np.ndarray:
    """The count of each bucket. Places are bytes, counted as pairs of neighbours: half as many numbers."""
    scale = BUCKETS / (high - low)
    pairs = np.zeros(_NOWHERE + 1 << 8, "int64")
    for start in range(0, flat.size, _BLOCK):
        block = flat[start : start + _BLOCK]
        places = ((block - low) * scale).astype("uint8")
        if places.size % 2:
            places = np.append(places, np.uint8(_NOWHERE))
        pairs += np.bincount(places.view("uint16"), minlength=pairs.size)
    table = pairs.reshape(-1, 1 << 8)
    total = table.sum(axis=0)[: _NOWHERE + 1] + table.sum(axis=1)
    total[BUCKETS - 1] += total[BUCKETS]
    return total[:BUCKETS]
