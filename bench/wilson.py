"""How far a share may be off when it was counted on few cases."""

from math import sqrt

Z95 = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""


def wilson(right: int, count: int, z: float = Z95) -> tuple[float, float]:
    """Score interval for `right` of `count`, as shares from 0 to 1.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927) 209–212;
    without continuity correction. It holds near 0 and 1, where these figures lie, and is never empty there.
    Raises ValueError without cases or with more right ones than cases.
    """
    if count < 1 or not 0 <= right <= count:
        raise ValueError(f"no interval for {right} of {count}")
    share, square = right / count, z * z
    middle = (share + square / (2 * count)) / (1 + square / count)
    half = z / (1 + square / count) * sqrt(share * (1 - share) / count + square / (4 * count * count))
    low = 0.0 if right == 0 else middle - half
    high = 1.0 if right == count else middle + half
    return low, high
