"""What published figures of a project say of each other and of a proposal, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from geo.errors import Say
from geo.sourced import Sourced
from siting.pumped.lakes.model import ExistingLake
from siting.pumped.named import Assessment

#: Figures of a row, in order: key of the assessment or of its figures, title.
_FIGURES: Final = (
    ("capacity_mw", Say("装机", "capacity")),
    ("upper_npl_m", Say("上库正常蓄水位", "upper normal level")),
    ("upper_dead_m", Say("上库死水位", "upper dead level")),
    ("lower_npl_m", Say("下库正常蓄水位", "lower normal level")),
    ("lower_dead_m", Say("下库死水位", "lower dead level")),
    ("rated_head_m", Say("额定水头", "rated head")),
    ("active_volume_mm3", Say("调节库容", "active volume")),
    ("lh_ratio", Say("距高比", "L/H")),
    ("generation_gwh", Say("年发电量", "generation of a year")),
)
#: Titles of further quantities that may conflict.
_TITLES: Final = dict(_FIGURES) | {
    "lower_active_volume_mm3": Say("下库调节库容", "lower active volume"),
    "lower_dead_volume_mm3": Say("下库死库容", "lower dead volume"),
    "total_cost_yi": Say("投资", "investment"),
    "static_cost_yi": Say("静态投资", "static investment"),
}
DEMO: Final = Say(
    "演示地形上的提案，与真实工程无关",
    "a proposal on demo terrain: it says nothing of the real project",
)
UNPUBLISHED: Final = Say("未公布", "not published")
#: Rated head below the gross head between normal levels or mid-levels, as a share: two
#: published cases read 2.0 % (房县 B) and 2.3 % (黄龙滩). [-]
BELOW_GROSS: Final = (0.015, 0.03)
#: Gross over rated head beyond which levels and rated head are said to disagree. [-]
_AGREES: Final = (1.0, 1.06)
_NEAR: Final = 0.05


def published(one: Assessment) -> tuple[tuple[Say, Say], ...]:
    """Return title and text of each figure of a design, unpublished ones said."""
    rows = [(title, figure_text(one.figure(key))) for key, title in _FIGURES]
    stored = Say("蓄能量（推算）", "stored energy (derived)")
    return (*rows, (stored, _band(one.storage_gwh)))


def title_of(quantity: str) -> Say:
    """Return the name of a quantity as a reader sees it; the key where it has none."""
    return _TITLES.get(quantity, Say(quantity, quantity))


def figure_text(figure: Sourced) -> Say:
    """Return value, unit and source of a figure."""
    if figure.value is None:
        return UNPUBLISHED
    text = f"{figure.value:g} {figure.unit}".replace(" -", "")
    return Say(f"{text}（{figure.source}）", f"{text} ({figure.source})")


def _band(figure: Sourced) -> Say:
    if figure.value is None:
        return Say("不能给出（缺库容或水头）", "none: volume or head is missing")
    text = f"{figure.low:.2f}-{figure.high:.2f} {figure.unit}"
    return Say(f"{text}（效率 0.88-0.92，未核验）", f"{text} (efficiency 0.88-0.92, unverified)")


def head_checks(
    one: Assessment, twins: Sequence[Assessment], lower: ExistingLake | None
) -> tuple[Say, ...]:
    """Return whether the published rated head fits the published levels of a design.

    Parameters
    ----------
    twins
        Other designs of the same project: their upper level is tried, and said to be theirs.
    lower
        Lake that the design is published to use as its lower water.
    """
    rated = one.figure("rated_head_m").value
    if rated is None:
        return ()
    gross = one.gross_head_m.value
    if gross is not None:
        return (_fits(rated, gross, one.figure("upper_npl_m"), one.figure("lower_npl_m")),)
    level = None if lower is None else lower.normal_m.value
    if lower is None or level is None:
        return ()
    notes = []
    for twin in twins:
        upper = twin.figure("upper_npl_m").value
        if upper is not None and not _agrees(rated, upper - level):
            notes.append(Say(
                f"若上库取方案 {twin.design} 的 {upper:g} m，对{lower.name} {level:g} m 毛水头 "
                f"{upper - level:.0f} m，与额定水头 {rated:g} m 不符",
                f"with the upper level {upper:g} m of design {twin.design} the gross head on "
                f"{lower.name}, {level:g} m, is {upper - level:.0f} m: no fit to {rated:g} m",
            ))  # fmt: skip
    low, high = implied_upper_m(rated, level)
    notes.append(Say(
        f"额定水头 {rated:g} m 若以{lower.name} {level:g} m 为下库，上库正常蓄水位应约 "
        f"{low:.0f}-{high:.0f} m（推算，未公布）",
        f"a rated head of {rated:g} m on {lower.name}, {level:g} m, implies an upper normal level "
        f"of about {low:.0f}-{high:.0f} m (derived, not published)",
    ))  # fmt: skip
    return tuple(notes)


def implied_upper_m(rated_head_m: float, lower_npl_m: float) -> tuple[float, float]:
    """Return the upper level that a rated head implies, z = z_lower + H / (1 - x). [m].

    Parameters
    ----------
    rated_head_m
        Rated head. [m]
    lower_npl_m
        Normal level of the lower lake. [m]

    Returns
    -------
    tuple of float
        For x of :data:`BELOW_GROSS`. [m]

    Examples
    --------
    >>> [round(level) for level in implied_upper_m(550.0, 246.971)]
    [805, 814]
    """
    low, high = (rated_head_m / (1.0 - share) + lower_npl_m for share in BELOW_GROSS)
    return low, high


def _agrees(rated: float, gross: float) -> bool:
    return _AGREES[0] <= gross / rated <= _AGREES[1]


def _fits(rated: float, gross: float, upper: Sourced, lower: Sourced) -> Say:
    verdict = Say("相符", "consistent") if _agrees(rated, gross) else Say("不符", "inconsistent")
    levels = f"{upper.value:g} - {lower.value:g} = {gross:g} m"
    return Say(
        f"{levels}，额定水头 {rated:g} m，{verdict.zh}",
        f"{levels}, rated head {rated:g} m: {verdict.en}",
    )


def differences(one: Assessment, row: Mapping[Any, Any]) -> tuple[Say, ...]:
    """Return what differs between published figures and a proposal, and why where it shows.

    Parameters
    ----------
    row
        Row of the site frame.
    """
    made_up = [DEMO] if row.get("synthetic") else []
    notes = [*made_up, *_levels(one, row)]
    rated = one.figure("rated_head_m", "m")
    mean = one.mean_gross_head_m
    head = rated if mean.missing else mean
    title = Say("额定水头", "rated head") if mean.missing else Say("平均毛水头", "mean gross head")
    compared = (
        (title, head, "head_m", "平均毛水头", "mean gross head"),
        (Say("调节库容", "active volume"), one.figure("active_volume_mm3", "Mm3"), "volume_mm3",
         "一次循环水量", "water of a cycle"),
        (Say("距高比", "L/H"), one.figure("lh_ratio", "-"), "lh_ratio", "距高比", "L/H"),
        (Say("蓄能量", "stored energy"), one.storage_gwh, "storage_gwh", "蓄能量", "stored energy"),
        (Say("装机", "capacity"), one.site.capacity_mw, "capacity_mw", "装机", "capacity"),
    )  # fmt: skip
    for name, figure, column, zh, en in compared:
        said = _compared(name, figure, float(row[column]), Say(zh, en))
        if said is not None:
            notes.append(said)
    return tuple(notes)


def _compared(title: Say, figure: Sourced, found: float, other: Say) -> Say | None:
    if figure.value is None:
        return None
    change = found / figure.value - 1.0
    unit = "" if figure.unit == "-" else f" {figure.unit}"
    same = Say("相近", "close") if abs(change) <= _NEAR else Say(f"{change:+.0%}", f"{change:+.0%}")
    return Say(
        f"公布{title.zh} {figure.value:.4g}{unit}，提案{other.zh} {found:.4g}{unit}：{same.zh}",
        f"published {title.en} {figure.value:.4g}{unit}, proposal's {other.en} {found:.4g}{unit}: "
        f"{same.en}",
    )


def _levels(one: Assessment, row: Mapping[Any, Any]) -> list[Say]:
    """Say both pairs of levels, and which lake stands at another level."""
    upper, lower = one.figure("upper_npl_m").value, one.figure("lower_npl_m").value
    here = f"{float(row['upper_normal_m']):.0f}/{float(row['lower_normal_m']):.0f} m"
    if upper is None and lower is None:
        return [Say(f"公布水位缺；提案 {here}（{row['upper_name']}/{row['lower_name']}）",
                    f"no level published; proposal {here} "
                    f"({row['upper_name']}/{row['lower_name']})")]  # fmt: skip
    there = "/".join("-" if level is None else f"{level:g}" for level in (upper, lower)) + " m"
    zh, en = [], []
    for level, column, word in (
        (upper, "upper_normal_m", Say("上库", "upper")),
        (lower, "lower_normal_m", Say("下库", "lower")),
    ):
        gap = 0.0 if level is None else float(row[column]) - level
        if abs(gap) >= 1.0:
            zh.append(f"{word.zh}水位差 {gap:+.0f} m")
            en.append(f"{word.en} level {gap:+.0f} m")
    return [Say(
        f"公布 {there}，提案 {here}（{row['upper_name']}/{row['lower_name']}）："
        + ("，".join(zh) or "水位相同"),
        f"published {there}, proposal {here} ({row['upper_name']}/{row['lower_name']}): "
        + (", ".join(en) or "same levels"),
    )]  # fmt: skip
