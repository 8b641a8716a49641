"""The tests of a dam site in their order, as a reader of ``why`` sees them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np

from geo.errors import Say
from siting.pumped.dams.model import DamAudit


class Check(IntEnum):
    """Tests of a gully cell; the first that fails is its reason."""

    KEPT = 0
    OPEN = 1
    LARGE = 2
    NOT_ALLOWED = 3
    BARRED = 4
    VOLUME = 5
    CAPPED = 6
    NOT_CLOSED = 7
    RATIO = 8
    SUPPRESSED = 9


@dataclass(frozen=True, slots=True)
class Reason:
    """A test that a gully cell fails.

    Parameters
    ----------
    text
        What is wrong; ``{value}`` and ``{limit}`` stand for the numbers of
        :class:`siting.pumped.dams.model.DamAudit`.
    unit
        Unit of both numbers.
    """

    text: Say
    unit: Say

    def say(self, value: float, limit: float) -> Say:
        """Return the sentence with its numbers."""
        numbers = {"value": f"{value:.4g}", "limit": f"{limit:.4g}"}
        return Say(self.text.zh.format(**numbers), self.text.en.format(**numbers))


_NONE = Say("", "")
_MM3 = Say("百万 m³", "million m³")
_KM2 = Say("km²", "km²")

#: By :class:`Check`.
REASONS: Final = (
    Reason(Say("保留为坝址", "kept as a dam site"), _NONE),
    Reason(
        Say(
            "集水区伸出数据边界，面积 {value} km² 只是下限",
            "its catchment leaves the data: {value} km² is a lower bound",
        ),
        _KM2,
    ),
    Reason(
        Say(
            "集水面积 {value} km²，大于上限 {limit} km²",
            "its catchment of {value} km² exceeds {limit} km²",
        ),
        _KM2,
    ),
    Reason(Say("坝脚不在搜索范围内", "its foot is outside the area searched"), _NONE),
    Reason(
        Say(
            "坝脚落在禁建用地内（第 {value} 组）",
            "its foot is in prohibited ground (group {value})",
        ),
        _NONE,
    ),
    Reason(
        Say(
            "最高坝只能蓄 {value} 百万 m³，不足 {limit} 百万 m³",
            "the highest dam holds {value} million m³, less than {limit}",
        ),
        _MM3,
    ),
    Reason(
        Say(
            "水面不触及禁建用地时只能蓄 {value} 百万 m³，不足 {limit} 百万 m³",
            "clear of prohibited ground it holds {value} million m³, less than {limit}",
        ),
        _MM3,
    ),
    Reason(
        Say(
            "能封闭山谷的坝最多蓄 {value} 百万 m³，不足 {limit} 百万 m³",
            "a dam that closes the valley holds {value} million m³ at most, less than {limit}",
        ),
        _MM3,
    ),
    Reason(
        Say(
            "库容达标的各高度中水石比最大 {value}，小于 {limit}",
            "its best ratio of water to dam is {value} where the volume suffices, below {limit}",
        ),
        Say("m³/m³", "m³/m³"),
    ),
    Reason(
        Say(
            "同一条沟 {limit} m 内另有更好的坝址（沿沟距离 {value} m）",
            "a better site of the same gully stands within {limit} m ({value} m along the bed)",
        ),
        Say("m", "m"),
    ),
)


def why_none(audit: DamAudit) -> Say:
    """Return why a search found no site: the test that stopped most candidates."""
    if audit.row.size == 0:
        return Say(
            "没有坝址候选：地形平坦，或没有集水面积足够的沟道",
            "no candidate: the ground is flat, or no gully drains enough of it",
        )
    counts = np.bincount(audit.reason, minlength=len(REASONS))
    counts[Check.KEPT] = 0
    test = int(np.argmax(counts))
    at = int(np.flatnonzero(audit.reason == test)[0])
    one = REASONS[test].say(float(audit.value[at]), float(audit.limit[at]))
    return Say(
        f"{audit.row.size} 个候选均不成立，其中 {counts[test]} 个因同一条（例：{one.zh}）",
        f"none of {audit.row.size} candidates holds; {counts[test]} fail one test: {one.en}",
    )
