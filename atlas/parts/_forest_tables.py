"""Tables of the forest chapter: yearly stock, carbon, parameters, definitions, answers."""

from __future__ import annotations

import math
from datetime import date
from typing import Any, Final

import pandas as pd

from atlas.part import SheetTable
from atlas.text import NOT_PUBLISHED, band
from geo.errors import Say
from geo.units import CO2_PER_C
from sinks.forest import registry
from sinks.forest.definitions import BY_ID, DEFINITIONS
from sinks.forest.study import BRIDGE, MODEL, ForestStudy
from sinks.forest.target import MISSING, REACHED, Answer

NO_DATA: Final = "缺数据"
_MISSING: Final = Say(NO_DATA, "no data")
_KINDS: Final = {BRIDGE: "桥接", MODEL: "模型", "none": NO_DATA}
_STATUS: Final = {
    "verified": "已核",
    "published": "公布",
    "derived": "推算",
    "prior": "先验",
    "memory": "凭记忆",
}
_QUANTILES: Final = ("P5", "P50", "P95")
_FLUX_HEADS: Final = (
    ("gross_growth_m3", "毛生长"),
    ("mortality_m3", "背景枯损"),
    ("harvest_m3", "采伐"),
    ("disturbance_m3", "灾害"),
    ("ingrowth_m3", "进界"),
)
#: Last day of the plan's target (S0).
DEADLINE: Final = date(2025, 12, 31)
_HEADS: Final = ("参数", "取值", "单位", "下限", "上限", "来源", "等级", "状态", "说明")


def milestones(done: ForestStudy) -> tuple[int, ...]:
    """Return the years that summary and answers show."""
    wanted = {done.reference, 2025, done.as_of.year, 2030, 2035, 2060}
    years = done.data["year"].to_numpy()
    return tuple(sorted(y for y in wanted if years[0] <= y <= years[-1]))


def asked(done: ForestStudy) -> int:
    """Return the last year without a probability: the as-of or the reference year."""
    return max(done.as_of.year, done.reference)


def present(done: ForestStudy) -> Say:
    """Return what the figures of the as-of year are: bridge, inference or nothing."""
    if done.as_of.year < done.reference:
        return Say("桥接", "bridge")
    return Say("推断", "inferred")


def late(done: ForestStudy, year: int) -> Say:
    """Return a mark for a figure of a year after the as-of year, empty otherwise."""
    if year <= done.as_of.year:
        return Say("", "")
    return Say("，晚于截至日", ", later than the as-of day")


def deadline(done: ForestStudy) -> Say:
    """Return how the plan's deadline stands on the as-of day (truth.md 18)."""
    day = DEADLINE.isoformat()
    if done.as_of > DEADLINE:
        return Say(
            f"规划期限 {day} 已到期，官方结果未见",
            f"the plan's deadline {day} has passed, no official result seen",
        )
    return Say(f"规划期限 {day} 未到期", f"the plan's deadline {day} has not passed")


def value(done: ForestStudy, definition: str, year: int, quantile: float) -> float | None:
    """Return the density [m³/亩], None where there is none."""
    if year not in done.data["year"]:
        return None
    found = float(done.data["density"].sel(definition=definition, year=year, quantile=quantile))
    return found if math.isfinite(found) else None


def status(done: ForestStudy, one: Answer) -> Say:
    """Return whether the target is met under one definition."""
    target = f"{done.options.target:g}"
    if one.status == MISSING:
        return (
            Say(
                f"{NO_DATA}（{done.reference} 年分子未公布）",
                f"no data (no numerator published for {done.reference})",
            )
            if (one.point is not None)
            else Say(NO_DATA, "no data")
        )
    made = "（演示）" if one.point is None and done.passport.synthetic else ""
    demo = " (demo)" if made else ""
    if one.status == REACHED:
        return Say(f"已达 {target}{made}", f"{target} met{demo}")
    return Say(f"未达 {target}{made}", f"{target} not met{demo}")


def answers_frame(done: ForestStudy, lang: str) -> pd.DataFrame:
    """Return one row a definition, all four, with text cells."""
    now = done.as_of.year
    years = [y for y in (2030, 2035, 2060) if y > asked(done)]
    rows = []
    for one in done.answers:
        point = one.point
        cells: dict[str, str] = {
            Say("口径", "Definition").of(lang): one.definition.title.of(lang),
            Say("公布值对目标", "Target").of(lang): status(done, one).of(lang),
            Say("公布值", "Published").of(lang): Say(NOT_PUBLISHED, "not published").of(lang)
            if point is None
            else f"{point.density:.2f} ({point.year})",
            Say(f"{now} {present(done).zh}", f"{now}, {present(done).en}").of(lang): _band(
                done, one, now, lang
            ),
        }
        for year in years:
            chance = one.probability(year)
            cells[f"P {year}"] = _MISSING.of(lang) if chance is None else percent(chance)
        head = Say("P≥50 %", "P ≥ 50 %").of(lang)
        cells[head] = _year(done, one).of(lang)
        rows.append(cells)
    return pd.DataFrame(rows)


def percent(chance: float) -> str:
    """Return a probability [-] in percent; never 0 or 100, which no sample can show."""
    if chance > 0.995:
        return ">99 %"
    return "<1 %" if chance < 0.005 else f"{100 * chance:.0f} %"


def _band(done: ForestStudy, one: Answer, year: int, lang: str) -> str:
    numbers = [value(done, one.definition.id, year, q) for q in (0.5, 0.05, 0.95)]
    known = [number for number in numbers if number is not None]
    return band(known[0], known[1], known[2]) if len(known) == 3 else _MISSING.of(lang)


def _year(done: ForestStudy, one: Answer) -> Say:
    """Return the first year of P >= 50 %; the first year that may be asked reads ``<=``."""
    if not one.modelled:
        return _MISSING
    if one.status == REACHED:
        return Say("已达", "met")
    if one.median_year is None:
        text = f">{int(one.years[-1])}"
    else:
        text = f"{'≤' if one.median_year == asked(done) + 1 else ''}{one.median_year}"
    return Say(text, text)


def summary(done: ForestStudy) -> dict[str, Any]:
    """Return the keys of ``--json``: m³/亩, P(target) and carbon, None = no data."""
    density: dict[str, Any] = {}
    chance: dict[str, Any] = {}
    for one in done.answers:
        name = one.definition.id
        density[name] = {
            str(year): _quantiles(done, name, year)
            for year in (2023, 2025, 2030, 2060)
            if year in done.data["year"]
        }
        chance[name] = {
            "status": one.status,
            "published": None
            if one.point is None
            else {"year": one.point.year, "m3_per_mu": round(one.point.density, 3),
                  "source": one.point.source, "grade": one.point.grade},
            "by": {
                str(year): _rounded(one.probability(year))
                for year in (2025, asked(done) + 1, 2030, 2035, 2060)
            },
            "median_year": None if one.status == REACHED else one.median_year,
            "year_p90": None if one.status == REACHED else one.year_90,
        }  # fmt: skip
    held = done.data["carbon"].sel(year=done.reference)
    return {
        "target_m3_per_mu": done.options.target,
        "reference_year": done.reference,
        "m3_per_mu": density,
        "p_reach_4_5": chance,
        "carbon": {
            "year": done.reference,
            "scope": "live",
            "set": done.model.conversion.name,
            "wan_tc": {f"p{q * 100:.0f}": round(float(held.sel(quantile=q)), 1)
                       for q in (0.05, 0.5, 0.95)},
            "status": "参数未核验",
        },
        "draws": done.options.draws,
        "synthetic": done.passport.synthetic,
    }  # fmt: skip


def _rounded(number: float | None) -> float | None:
    return None if number is None else round(number, 4)


def _quantiles(done: ForestStudy, name: str, year: int) -> dict[str, float] | None:
    numbers = [value(done, name, year, q) for q in (0.05, 0.5, 0.95)]
    if any(number is None for number in numbers):
        return None
    keys = ("p5", "p50", "p95")
    return {k: round(v, 3) for k, v in zip(keys, numbers, strict=True) if v is not None}


def sheets(done: ForestStudy) -> tuple[SheetTable, ...]:
    """Return the sheets of ``tables.xlsx``."""
    mark = "演示：林分结构为合成；" if done.passport.synthetic else ""
    return (
        SheetTable(
            "森林年表",
            _yearly(done),
            f"{mark}各口径互不换算；桥接为倒推，非实测；P 只给 {asked(done)} 年以后；"
            "桥接只给蓄积带，不给面积",
            done.passport,
        ),
        SheetTable(
            "碳储量",
            _carbon(done),
            f"{mark}范围 live（乔木活生物量，含根）；换算 {done.model.conversion.name}；"
            "净排放＝−ΔC×44/12，负为净吸收；参数未核验",
            done.passport,
        ),
        SheetTable(
            "换算与V0",
            sweep_frame(done),
            "V0 无来源，为用户参数；换算套不混用；范围 live；参数未核验",
            done.passport,
        ),
        SheetTable(
            "森林参数", _parameters(done), "状态为先验或凭记忆的参数均未核验", done.passport
        ),
        SheetTable(
            "定义", _definitions(done), "封闭清单：D1–D4 可答目标，H1、H2 只作点", done.passport
        ),
    )


def sweep_frame(done: ForestStudy) -> pd.DataFrame:
    """Return carbon of the reference year by conversion set and V0, with B/V (truth.md 27)."""
    frame = done.sweep.copy()
    frame.columns = pd.Index(
        ["换算", "V0 m³/ha", "覆盖乔木面积 %", "碳储量 万tC", "B/V t/m³", "V0 处最高 B/V t/m³"]
    )
    return frame


def _yearly(done: ForestStudy) -> pd.DataFrame:
    """Return one row a year: every definition, the stock and the central fluxes."""
    years = done.data["year"].to_numpy()
    columns: dict[str, Any] = {"年": years}
    for one in DEFINITIONS:
        own = done.data.sel(definition=one.id)
        columns[f"{one.id} 类型"] = [_KINDS[str(kind)] for kind in own["kind"].to_numpy()]
        for i, head in enumerate(_QUANTILES):
            columns[f"{one.id} {head} m³/亩"] = own["density"].to_numpy()[:, i]
        spots = {p.year: p.density for p in done.of(one.id)}
        columns[f"{one.id} 公布 m³/亩"] = [spots.get(int(y), float("nan")) for y in years]
        columns[f"{one.id} 面积 万亩"] = own["area"].to_numpy()
        columns[f"{one.id} P(≥{done.options.target:g})"] = own["p_by"].to_numpy()
    for i, head in enumerate(_QUANTILES):
        columns[f"森林蓄积 {head} 万m³"] = done.data["stock"].to_numpy()[:, i]
    fluxes = done.central.fluxes.reindex(years) / 1e4
    for name, head in _FLUX_HEADS:
        columns[f"{head} 万m³/a（中间值）"] = fluxes[name].to_numpy()
    return _blank(pd.DataFrame(columns))


def _blank(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with None for NaN: an unknown cell stays empty."""
    return frame.astype(object).where(frame.notna(), None)


def _carbon(done: ForestStudy) -> pd.DataFrame:
    """Return live carbon and net emission by year from the reference year on."""
    data = done.data.sel(year=slice(done.reference, None))
    held, moved = data["carbon"].to_numpy(), data["net_emission"].to_numpy()
    columns: dict[str, Any] = {"年": data["year"].to_numpy(), "范围": "live"}
    for i, head in enumerate(_QUANTILES):
        columns[f"碳储量 {head} 万tC"] = held[:, i]
        columns[f"碳储量 {head} 万tCO2"] = held[:, i] * CO2_PER_C
        columns[f"净排放 {head} 万tCO2/a"] = moved[:, i]
    columns["换算"] = done.model.conversion.name
    return _blank(pd.DataFrame(columns))


def _parameters(done: ForestStudy) -> pd.DataFrame:
    """Return every parameter of the run with unit, band, source and status."""
    rows = [*_prior_rows(done), *_curve_rows(done), *_conversion_rows(done), *_felling_rows(done)]
    return pd.DataFrame(rows, columns=list(_HEADS))


def _prior_rows(done: ForestStudy) -> list[tuple[Any, ...]]:
    titles = registry.table("priors").fillna({"note": ""}).set_index("name")
    rows: list[tuple[Any, ...]] = []
    for name, one in done.model.parameters.items():
        cite = registry.citation(one.source)
        about = (cite, one.grade, _STATUS[one.status], str(titles.at[name, "note"]))
        rows.append((str(titles.at[name, "title"]), one.value, one.unit, one.low, one.high, *about))
    return rows


def _curve_rows(done: ForestStudy) -> list[tuple[Any, ...]]:
    borrowed = registry.table("curves").fillna({"note": ""}).set_index("species_group")["note"]
    rows: list[tuple[Any, ...]] = []
    for one in {c.species_group: c for c in done.model.curve_of}.values():
        first, last = one.domain
        text = f"净曲线，y=m³/ha，年龄 {first}–{last}，n={one.n}，R²={one.r2:g}"
        text += "；天然林拟合，人工林同用"
        text += f"；{borrowed[one.species_group]}" if borrowed[one.species_group] else ""
        about = (registry.citation(one.source), one.grade, _STATUS[one.status], text)
        group = one.species_group
        low, high = one.k - one.k_se, one.k + one.k_se
        rows.append((f"Richards k（{group}）", one.k, "1/a", low, high, *about))
        rows.append((f"Richards p（{group}）", one.power, "-", None, None, *about))
    return rows


def _conversion_rows(done: ForestStudy) -> list[tuple[Any, ...]]:
    used = registry.table("biomass").fillna({"note": ""})
    used = used[used["species_group"].isin(done.model.state.species)]
    rows: list[tuple[Any, ...]] = []
    for row in used.to_dict("records"):
        about = (registry.citation(row["source"]), "B", _STATUS[row["status"]], str(row["note"]))
        name = f"{row['set']}（{row['species_group']}）"
        rows.append((f"a {name}", row["a_t_m3"], "t/m³", None, None, *about))
        rows.append((f"b {name}", row["b_t_ha"], "t/ha", None, None, *about))
    return rows


def _felling_rows(done: ForestStudy) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    for i, name in enumerate(done.model.state.names):
        source, status = done.model.felling[i]
        about = (registry.citation(source), "-", _STATUS[status], f"分区 {done.options.zone}")
        rows.append((f"主伐年龄（{name}）", int(done.model.mature[i]), "a", None, None, *about))
        dead = 100.0 * float(done.model.mortality[i] + done.model.disturbance[i])
        about = (registry.citation("F-DEADWOOD"), "B", "先验", "外地测值，背景与灾害合计")
        rows.append((f"枯损率（{name}）", dead, "%/a", None, None, *about))
    return rows


def _definitions(done: ForestStudy) -> pd.DataFrame:
    rows = []
    for one in BY_ID.values():
        own = done.of(one.id)
        spots = "；".join(
            f"{p.year} 年 {p.density:.2f}（{p.stock_wan_m3:g} 万m³ / {p.area_wan_mu:g} 万亩，"
            f"{p.source}，{p.grade} 级{'，口径为假定' if p.assumed else ''}）"
            for p in own
        )
        rows.append(
            {
                "口径": one.id,
                "分子": one.numerator.zh,
                "分母": one.denominator.zh,
                "分母地类（分层表）": "+".join(one.classes) or NO_DATA,
                "可答目标": "是" if one.target else "否（只作点）",
                "公布点": spots or NOT_PUBLISHED,
            }
        )
    return pd.DataFrame(rows)
