"""Pages of the report on found storage sites: the list, the best ones drawn, cost, doubts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from atlas.charts import chart_svg
from atlas.charts_dam import curve_chart, section_chart
from atlas.part import Section
from atlas.parts import _pumped_cross as cross
from atlas.parts import _pumped_plan as plan
from atlas.parts._pumped_answer import SHARED, answers, coarse, sentence
from atlas.parts._pumped_cards import profiles
from atlas.parts._pumped_money import anchors_frame, lcos_text
from atlas.parts._pumped_words import (
    LONG_RATIO,
    M2_PER_HA,
    UNSCREENED,
    cost_band,
    kind_text,
    known,
    metric,
    number,
    site_name,
    size_text,
    verdict_of,
)
from geo.errors import Say

if TYPE_CHECKING:
    from atlas.part import Context
    from siting.pumped.studied import PumpedStudy

#: Sites of the table, and those whose dams are drawn.
LISTED: Final = 40
DRAWN: Final = 3
_WIDE, _HIGH = 420, 250
_METHODS: Final = Say(
    "方法与公式：docs/methods 下 hydrology、reservoirs、pairs、works、storage_cost、dem_error；"
    "图集规则的复述：anu_rules",
    "methods and formulas in docs/methods: hydrology, reservoirs, pairs, works, storage_cost, "
    "dem_error; atlas rules as restated: anu_rules",
)
_HONEST: Final = (
    Say(
        "由地形搜索得到的初步方案：未查勘，地质、地震、泥沙、移民、接入逐项列为未核查，直到有来源；"
        "造价为静态投资的模型推算。",
        "First proposals found on the terrain: nobody has been there; geology, seismic zone, "
        "sediment, resettlement and grid stay unchecked until a source says more; cost is a model.",
    ),
    Say(
        "抽水蓄能净用电：年发电与抽水分列，不计清洁电量与减排；度电储能成本含充电电费。",
        "Storage consumes net energy: discharge and pumping stand apart, no clean energy and no "
        "avoided CO2 are claimed; LCOS holds the charging energy.",
    ),
    Say(
        "待调规的场址照列：须先调整生态保护红线或国家抽蓄规划，不是可以建。",
        "Sites that wait for the red line or the national programme are listed: that is no "
        "permission to build.",
    ),
)


def sections(study: PumpedStudy, context: Context) -> tuple[Section, ...]:
    """Return the pages, those without content left out."""
    found = [
        _sites(study, context),
        *(_drawn(study, i, row, context) for i, row in _best(study)),
        _money(study, context),
        plan.section(study, context),
        _limits(study, context.lang),
        cross.section(study, context.lang),
    ]
    return tuple(one for one in found if one is not None)


def _best(study: PumpedStudy) -> list[tuple[int, dict[str, Any]]]:
    return list(enumerate(study.sites.head(DRAWN).to_dict("records")))


def _sites(study: PumpedStudy, context: Context) -> Section:
    lang = context.lang
    rows = [_line(study, i, row, context) for i, row in enumerate(
        study.sites.head(LISTED).to_dict("records"))]  # fmt: skip
    said = [
        sentence(study, context), coarse(study), *answers(study), SHARED, *_HONEST, _METHODS
    ]  # fmt: skip
    return Section(
        "pumped",
        Say("抽蓄：找到的场址", "Storage: sites found"),
        tuple(one for one in dict.fromkeys(said) if one.zh),
        table=pd.DataFrame(rows, columns=[head.of(lang) for head in _HEADS]) if rows else None,
    )


_HEADS: Final = (
    Say("名次", "rank"), Say("场址", "site"), Say("类型", "kind"), Say("装机 × 小时", "MW x h"),
    Say("毛水头（m）", "head (m)"), Say("距高比", "L/H"), Say("造价（元/kW）", "CNY/kW"),
    Say("等级", "class"), Say("红线（公顷）", "red line (ha)"), Say("结论", "verdict"),
)  # fmt: skip


def _line(study: PumpedStudy, i: int, row: dict[str, Any], context: Context) -> list[Any]:
    verdict, _ = verdict_of(study, i, synthetic=bool(row["synthetic"]))
    ratio = number(row, "lh_ratio")
    cost = cost_band(row)
    return [
        int(row["rank"]),
        site_name(row, context),
        kind_text(study, i).of(context.lang),
        size_text(row, context.lang),
        round(number(row, "head_m")) if known(number(row, "head_m")) else None,
        f"{ratio:.1f}{' !' if ratio > LONG_RATIO else ''}" if known(ratio) else "—",
        cost,
        f"{row['cost_class']}{'*' if bool(row['class_flips']) else ''}",
        _redline(study, i, context.lang),
        verdict.of(context.lang),
    ]


def _redline(study: PumpedStudy, i: int, lang: str) -> str:
    area = float(study.law.redline_m2[i])
    return f"{area / M2_PER_HA:,.1f}" if known(area) else UNSCREENED.of(lang)


def _drawn(study: PumpedStudy, i: int, row: dict[str, Any], context: Context) -> Section | None:
    """Return a site with its dam sections and curves as drawings."""
    lang = context.lang
    charts = [
        section_chart(profile, Say(f"{name.zh}坝址剖面", f"section at the {name.en} dam"), lang)
        for name, profile in profiles(study, i)
    ]
    for which, name, curves in (
        ("upper", Say("上库", "upper lake"), study.works.upper_curve),
        ("lower", Say("下库", "lower lake"), study.works.lower_curve),
    ):
        curve_title = Say(f"{name.zh}水位-库容", f"{name.en}: level and volume")
        levels = number(row, f"{which}_normal_m"), number(row, f"{which}_dead_m")
        chart = curve_chart(curves[i], *levels, curve_title, lang)
        if chart is not None:
            charts.append(chart)
    if not charts:
        return None
    verdict, _ = verdict_of(study, i, synthetic=bool(row["synthetic"]))
    cost = cost_band(row)
    head = f"{number(row, 'head_m'):.0f}"
    said = Say(
        f"{size_text(row, 'zh')}，毛水头 {head} m，{cost} 元/kW；{verdict.zh}",
        f"{size_text(row, 'en')}, head {head} m, {cost} CNY/kW; {verdict.en}",
    )
    rank = int(row["rank"])
    site = site_name(row, context)
    return Section(
        f"pumped-{rank}",
        Say(f"抽蓄第 {rank} 名：{site}", f"Storage, rank {rank}: {site}"),
        (said,),
        svg=_side_by_side(charts, lang),
    )


def _limits(study: PumpedStudy, lang: str) -> Section | None:
    """Return what is assumed and what is not counted, a line each."""
    if not study.notes:
        return None
    head = Say("事项", "item").of(lang)
    return Section(
        "pumped-limits",
        Say("抽蓄：假定与未计", "Storage: assumed and not counted"),
        (),
        table=pd.DataFrame({head: [metric(note).of(lang) for note in study.notes]}),
    )


def _side_by_side(charts: list[dict[str, Any]], lang: str) -> str:
    """Return drawings two in a row as one element."""
    rows = -(-len(charts) // 2)
    cells = []
    for k, chart in enumerate(charts):
        svg = chart_svg(chart, _WIDE, _HIGH, lang)
        place = f'x="{(k % 2) * (_WIDE + 20)}" y="{(k // 2) * (_HIGH + 14)}" '
        cells.append(svg.replace("<svg ", f"<svg {place}", 1))
    wide, high = 2 * _WIDE + 20, rows * (_HIGH + 14)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" '
        f'height="{high}" role="group">{"".join(cells)}</svg>'
    )


def _money(study: PumpedStudy, context: Context) -> Section | None:
    """Return how the cost compares with published plants: predicted, published, residual."""
    frame = anchors_frame(study, context.lang)
    if not len(frame):
        return None
    said = [
        Say(
            "造价分项单价为预设，总量系数由已公布电站拟合；下表为各站推算与公布之差（残差）。"
            "公布值有静态与总投资之别，见备注。",
            "Prices by part are priors; the level is fitted to published plants. The table shows "
            "predicted against published cost and the residual of each plant.",
        ),
        lcos_text(study),
        *study.cost.missing,
    ]
    return Section(
        "pumped-cost",
        Say("抽蓄造价：与已公布电站对照", "Storage cost beside published plants"),
        tuple(one for one in dict.fromkeys(said) if one.zh),
        table=frame,
    )
