"""Pictures of a reservoir as chart blocks: section of the valley at the dam, level and volume.

The map draws a block in its card, :func:`atlas.charts.chart_svg` writes it into the report:
one picture, two places.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo.errors import Say
from siting.pumped.works.model import Profile

Block = dict[str, Any]
Float64 = npt.NDArray[np.float64]

GROUND: Final = Say("地面", "ground")
CREST: Final = Say("坝顶", "crest")
NORMAL: Final = Say("正常", "normal")
DEAD: Final = Say("死水位", "dead")
#: Points of a curve that a card carries.
_POINTS: Final = 40
_MARGIN: Final = 0.06


def section_chart(profile: Profile, title: Say, lang: str) -> Block:
    """Return the section of a valley along the dam axis, looking downstream.

    Parameters
    ----------
    profile
        Chainage from the left end of the crest and ground below it. [m]
    title
        Which dam.

    Returns
    -------
    dict
        A chart block: ground line, dam body between ground and crest, water levels where the
        valley lies below them.
    """
    x, ground = _thinned(profile.chainage_m, profile.ground_m)
    x, ground = _crossed(x, ground, (profile.crest_m, profile.normal_m, profile.dead_m))
    low, top = float(np.nanmin(ground)), max(float(np.nanmax(ground)), profile.crest_m)
    span = max(top - low, 1.0)
    floor = low - _MARGIN * span
    height = profile.crest_m - low
    said = Say(
        f"沿坝轴线、面向下游，左岸在左；横轴为里程（m），纵轴为高程（m）；坝高 {height:.0f} m"
        "（坝顶至沿线最低地面）",
        f"along the axis, looking downstream, left bank left; chainage (m), elevation (m); dam "
        f"{height:.0f} m high (crest over the lowest ground on it)",
    )
    series: list[Block] = [
        _band("neutral", x, ground, _below(ground, profile.crest_m)),
        _band("hydro", x, ground, _below(ground, profile.normal_m)),
        _band("unbuildable", x, np.full(x.size, floor), ground),
        _line("line", GROUND.of(lang), "unbuildable", x, ground),
        _level(CREST, profile.crest_m, "neutral", "line", x, ground, lang),
        _level(NORMAL, profile.normal_m, "hydro", "line", x, ground, lang),
    ]
    if np.isfinite(profile.dead_m) and profile.dead_m > low:
        series.append(_level(DEAD, profile.dead_m, "storage", "dashed", x, ground, lang))
    return {
        "type": "chart",
        "title": title.of(lang),
        "subtitle": said.of(lang),
        "unit": "m",
        "x": [float(x[0]), float(x[-1])],
        "y": [floor, top + _MARGIN * span],
        "series": series,
    }


def curve_chart(
    curve: Float64, normal_m: float, dead_m: float, title: Say, lang: str
) -> Block | None:
    """Return level against volume of a lake with its operating levels, None without a curve.

    Parameters
    ----------
    curve
        Levels [m], volume [m³] and area [m²] of a lake, (3, k).
    normal_m, dead_m
        Operating levels; NaN = not known. [m]
    """
    rows = _rows(curve)
    if rows is None:
        return None
    level, volume = _thinned(rows[:, 0], rows[:, 1] / 1.0e6)
    said = Say("横轴为库容（百万 m³），纵轴为水位（m）", "volume (10⁶ m³) against level (m)")
    known = [value for value in (normal_m, dead_m) if np.isfinite(value)]
    low, top = min([*level.tolist(), *known]), max([*level.tolist(), *known])
    space = _MARGIN * max(top - low, 1.0)
    levels = _levels(normal_m, dead_m, 2.0 * space)
    return {
        "type": "chart",
        "title": title.of(lang),
        "subtitle": said.of(lang),
        "unit": "m",
        "x": [0.0, max(float(np.nanmax(volume)), 1e-6)],
        "y": [low - space, top + 2 * space],
        "series": [
            _line("line", "", "storage", volume, level),
            *(
                {"kind": "rule", "label": label.of(lang), "tone": tone,
                 "x": [], "y": [value]}
                for label, value, tone in levels
            ),
        ],
    }  # fmt: skip


def _levels(normal_m: float, dead_m: float, near_m: float) -> list[tuple[Say, float, str]]:
    """Return label, level and tone of the operating levels; two that nearly meet share a rule."""
    both = np.isfinite(normal_m) and np.isfinite(dead_m)
    if both and abs(normal_m - dead_m) < near_m:
        span = f"{dead_m:.1f}-{normal_m:.1f}"
        return [(Say(f"一次循环 {span}", f"one cycle {span}"), normal_m, "hydro")]
    found = ((NORMAL, normal_m, "hydro"), (DEAD, dead_m, "storage"))
    return [
        (Say(f"{name.zh} {value:.1f}", f"{name.en} {value:.1f}"), value, tone)
        for name, value, tone in found
        if np.isfinite(value)
    ]


def _rows(curve: Float64) -> Float64 | None:
    """Return a curve as rows of level and volume; None without two of them."""
    if curve.ndim != 2 or curve.shape[0] != 3:
        return None
    rows = np.asarray(curve[:2].T, np.float64)
    kept = rows[np.isfinite(rows).all(axis=1)]
    return kept if len(kept) > 1 else None


def _thinned(x: Float64, y: Float64) -> tuple[Float64, Float64]:
    """Return at most so many points, the first, the last and the lowest among them."""
    if x.size <= _POINTS:
        return np.asarray(x, np.float64), np.asarray(y, np.float64)
    keep = set(np.linspace(0, x.size - 1, _POINTS - 1).round().astype(int).tolist())
    keep.add(int(np.nanargmin(y)))
    which = np.array(sorted(keep))
    return np.asarray(x, np.float64)[which], np.asarray(y, np.float64)[which]


def _crossed(x: Float64, ground: Float64, levels: Sequence[float]) -> tuple[Float64, Float64]:
    """Return the section with a point wherever the ground meets a level, so that lines end."""
    more = []
    for level in levels:
        over = ground - level
        k = np.flatnonzero(over[:-1] * over[1:] < 0)
        more.append(x[k] + (x[k + 1] - x[k]) * over[k] / (over[k] - over[k + 1]))
    every = np.unique(np.concatenate([x, *more]))
    return every, np.interp(every, x, ground)


def _below(ground: Float64, level: float) -> Float64:
    """Return the level where it stands above the ground, NaN elsewhere."""
    return np.where(ground <= level + 1e-9, level, np.nan)


def _level(
    name: Say, level: float, tone: str, kind: str, x: Float64, ground: Float64, lang: str
) -> Block:
    return _line(kind, f"{name.of(lang)} {level:.1f}", tone, x, _below(ground, level))


def _line(kind: str, label: str, tone: str, x: Float64, y: Float64) -> Block:
    return {"kind": kind, "label": label, "tone": tone, "x": _plain(x), "y": _plain(y)}


def _band(tone: str, x: Float64, low: Float64, high: Float64) -> Block:
    one = np.where(np.isfinite(high), low, np.nan)
    return {"kind": "band", "label": "", "tone": tone, "x": _plain(x), "y": _plain(one),
            "y2": _plain(high)}  # fmt: skip


def _plain(values: Float64) -> Sequence[float | None]:
    """Return values to a decimetre; None where there is none."""
    return [round(float(v), 2) if np.isfinite(v) else None for v in values]
