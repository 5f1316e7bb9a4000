"""Whether two things take the same time, told in a way that a busy machine does not disturb."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def chance_of_longer(some: Sequence[float], others: Sequence[float]) -> float:
    """Return the chance that one of `some` took longer than one of `others`: one half when nothing tells them apart.

    It is the Mann-Whitney statistic as a share, the area under the ROC curve: of n and n times that were taken in turns
    its standard error is √(1 / 6n), whatever their distribution. A duration that another program stretches counts as
    little as any other one.
    """
    ordered = sorted([(time, 1) for time in some] + [(time, 0) for time in others])
    ranks = sum(rank for rank, (_, is_some) in enumerate(ordered, start=1) if is_some)
    return (ranks - len(some) * (len(some) + 1) / 2) / (len(some) * len(others))
