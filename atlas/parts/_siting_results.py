"""What the siting chapter computed, in files and report: supply, connection, ranks, yield."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from atlas.charts import chart_svg
from atlas.part import Context, Section, SheetTable
from atlas.parts._siting_answer import basis_text, clears_text
from atlas.parts._siting_found import (
    column,
    criteria_of,
    known,
    number,
    ranked,
    records,
    resource_missing,
    supply_of,
    text,
)
from atlas.parts._siting_money import (
    cheapest_text,
    cost_headline,
    missing_text,
    span,
    supply_chart,
    target_texts,
)
from atlas.parts._siting_money_card import km_text
from atlas.parts._siting_rank import (
    drawn_text,
    firm_text,
    hangs_on,
    interval,
    intervals_block,
    intervals_sheet,
    views_text,
    weights_sheet,
)
from atlas.parts._siting_words import TECH_NAME, latin, site_name, unit_in
from atlas.parts._siting_yield import cascade_svg, field_text
from atlas.report.intervals import intervals_svg
from geo.errors import Say
from layers.facts import Target
from siting.law.terms import TECHNOLOGY_ZH, Technology
from siting.study import Study, TechnologyStudy

#: Columns of the site frame beyond the shared ones: heading with unit, in the sheet's order.
HEADS: Final[Mapping[str, str]] = {
    "forced": "指定场址",
    "kwh_per_kwp": "单位电量（kWh/kWp，直流，首年）",
    "hours_ac": "等效小时（h，交流）",
    "terrain_loss": "地形损失（0-1，比平坦开阔地，负为增益）",
    **{f"month_{m:02d}": f"{m}月单位电量（kWh/kWp，模型推算）" for m in range(1, 13)},
    "turbines": "机位（台）",
    "net_hours": "净满发小时（h）",
    "gross_hours": "毛满发小时（h）",
    "noise_db": "居民点噪声（dB(A)）",
    "noise_margin_db": "距噪声限值（dB，负为超标）",
    "nearest_home_m": "最近居民点（m）",
    "land_mu_per_mw": "单位用地（亩/MW，交流）",
    "land_permanent_mu": "永久用地（亩）",
    "land_temporary_mu": "临时用地（亩）",
    "capex_yuan_per_kw": "造价（元/kW，光伏按直流 kWp）",
    "counted_yuan_per_kw": "计入造价（元/kW，含接网等一次性费用）",
    "lcoe_low": "度电成本低值（元/kWh）",
    "lcoe_high": "度电成本高值（元/kWh）",
    "breakeven_price_yuan_per_kwh": "保本电价（元/kWh）",
    "breakeven_capex_yuan_per_kw": "保本造价（元/kW，光伏按直流 kWp）",
    "breakeven_hours": "保本小时数（h/a，光伏按直流 kWp）",
    "clears": "电价覆盖成本的比例（0-1）",
    "substation": "接入变电站",
    "substation_kv": "变电站电压（kV）",
    "line_kv": "送出线路电压（kV）",
    "circuits": "回路数",
    "line_km": "送出线路（km）",
    "line_yuan": "线路造价（元）",
    "station_yuan": "升压站造价（元）",
    "connection_yuan": "接网造价（元）",
    "connection_yuan_per_kw": "接网造价（元/kW，交流）",
    "connection_note": "接网说明",
    "road_km": "进场道路（km）",
    "road_yuan": "道路造价（元）",
    "avoided_tco2_a": "避免排放（tCO2/年，电网平均）",
    "avoided_tco2_a_fossil": "避免排放（tCO2/年，化石电力因子）",
    "avoided_tco2_life": "寿期避免排放（tCO2，因子不变）",
    "avoided_tco2_life_slow": "寿期避免排放（tCO2，因子缓降）",
    "avoided_tco2_life_fast": "寿期避免排放（tCO2，因子快降）",
    "embodied_tco2": "隐含排放（tCO2）",
    "compactness": "紧凑度（0-1）",
    "widest_m": "最宽处（m）",
    "longest_m": "最长处（m）",
    "approval_share": "须审批占比（0-1）",
    "rank_low": "名次 5%",
    "rank_median": "名次中位",
    "rank_high": "名次 95%",
    "rank_equal": "名次（等权）",
    "rank_ahp": "名次（AHP）",
    "rank_entropy": "名次（熵权）",
    "rank_topsis": "名次（TOPSIS）",
    "rank_cost": "名次（只按成本）",
    "top_share": "进入前列的抽样占比（0-1）",
    "hangs_on": "名次取决于",
}


def heads_of(one: TechnologyStudy) -> dict[str, str]:
    """Return the headings of a technology's own columns, those of its score parts included."""
    heads = dict(HEADS)
    for item in criteria_of(one):
        heads.setdefault(f"score_{item.key}", f"{item.title.zh}得分")
    return heads


# ---- sheets
def result_sheets(study: Study, demo: str) -> list[SheetTable]:
    """Return the sheets of supply, rank intervals, weights and connection; absent ones left out."""
    sheets = [
        SheetTable(
            f"供给曲线_{TECHNOLOGY_ZH[one.technology]}",
            supply_sheet(one),
            f"{demo}按成本从低到高累计；容量为交流侧。{_said(missing_text(one))}",
            study.passport,
            f"supply_{one.technology.value}.csv",
        )
        for one in study.technologies.values()
        if supply_of(one) is not None
    ]
    note = next((drawn_text(o).zh for o in study.technologies.values() if o.ranking), "")
    made = (
        ("排名区间", intervals_sheet(study), f"{demo}{note}", "ranks.csv"),
        ("权重", weights_sheet(study), f"{demo}权重是看法，不是事实；每种看法一列。", ""),
        ("并网", connection_sheet(study), f"{demo}最小费用路径；空格为未计。", "connection.csv"),
    )
    sheets += [
        SheetTable(name, frame, said, study.passport, csv)
        for name, frame, said, csv in made
        if len(frame)
    ]
    return sheets


def _said(say: Say | None) -> str:
    return f"{say.zh}。" if say is not None else ""


def supply_sheet(one: TechnologyStudy) -> pd.DataFrame:
    """Return the supply curve: a site a row, cheapest first."""
    supply = supply_of(one)
    if supply is None:
        return pd.DataFrame()
    frame = supply.frame
    ids = [one.result.found.places.ids[int(row)] for row in frame["row"]]
    site = one.sites.set_index("id").loc[ids]
    out: dict[str, Any] = {
        "次序": np.arange(1, len(frame) + 1),
        "编号": ids,
        "名称": site["name"].to_numpy(),
        "县市区": site["county"].to_numpy(),
        supply.label.zh: frame["cost"].to_numpy(),
        "容量（MW，交流）": frame["mw_ac"].to_numpy(),
        "年上网电量（GWh）": frame["energy_gwh"].to_numpy(),
        "累计容量（万千瓦，交流）": frame["cum_mw_ac"].to_numpy() / 10.0,
        "累计容量（万千瓦，直流）": frame["cum_mw_dc"].to_numpy() / 10.0,
        "累计电量（亿千瓦时/年）": frame["cum_gwh"].to_numpy() / 100.0,
    }
    table = pd.DataFrame(out)
    return table.loc[:, [c for c in table if not table[c].isna().all()]]


def connection_sheet(study: Study) -> pd.DataFrame:
    """Return the connection of every site."""
    return pd.DataFrame(
        _connection_row(one, row)
        for one in study.technologies.values()
        if known(one, "line_km")
        for row in records(one)
    )


def _connection_row(one: TechnologyStudy, row: Mapping[str, Any]) -> dict[str, Any]:
    figures = (
        "substation_kv", "line_kv", "circuits", "line_km", "line_yuan", "station_yuan",
        "connection_yuan", "connection_yuan_per_kw", "road_km", "road_yuan",
    )  # fmt: skip
    return {
        "技术": TECHNOLOGY_ZH[one.technology],
        "编号": row["id"],
        "名称": row["name"],
        "容量（MW，交流）": row["capacity_mw"],
        HEADS["substation"]: text(row, "substation"),
        **{HEADS[key]: number(row, key) for key in figures if key in row},
        HEADS["connection_note"]: text(row, "connection_note"),
    }


# ---- report
def result_sections(one: TechnologyStudy, target: Target | None, context: Context) -> list[Section]:
    """Return the report's pages on yield, cost and connection, and ranking."""
    found = [
        _yield_section(one, context),
        _cost_section(one, target, context),
        _tornado_section(one, context),
        _rank_section(one, context),
    ]
    return [section for section in found if section is not None]


def _yield_section(one: TechnologyStudy, context: Context) -> Section | None:
    name, key = TECH_NAME[one.technology], one.technology.value
    heading = Say(f"{name.zh}：发电量", f"{name.en}: yield")
    if resource_missing(one):
        said = [basis_text(one), cheapest_text(one)]
        return Section(f"yield-{key}", heading, tuple(s for s in said if s is not None))
    said = [field_text(one), _spread_text(one)]
    if one.field is None:
        return None
    return Section(
        f"yield-{key}",
        heading,
        tuple(s for s in said if s is not None),
        svg=cascade_svg(one, context.lang),
        table=_months_table(one, context),
    )


def _spread_text(one: TechnologyStudy) -> Say | None:
    each = column(one, "kwh_per_kwp" if one.technology is Technology.PV else "net_hours")
    if not np.isfinite(each).any():
        return None
    low, middle, high = np.nanpercentile(each, (5, 50, 95))
    unit = "kWh/kWp（直流）" if one.technology is Technology.PV else "h/a（净）"
    unit_en = "kWh/kWp DC" if one.technology is Technology.PV else "h/a net"
    return Say(
        f"候选场址 {middle:,.0f} {unit}（5%-95%：{low:,.0f}-{high:,.0f}）",
        f"candidate sites {middle:,.0f} {unit_en} (P5-P95 {low:,.0f}-{high:,.0f})",
    )


def _months_table(one: TechnologyStudy, context: Context, most: int = 10) -> pd.DataFrame | None:
    """Return the months of the best sites."""
    if not known(one, "month_01"):
        return None
    lang = context.lang
    rows = []
    for row in ranked(one, most):
        months = [number(row, f"month_{m:02d}") for m in range(1, 13)]
        whole = number(row, "kwh_per_kwp")
        rows.append([site_name(row, context), *(round(v, 0) for v in months), round(whole, 0)])
    heads = [
        Say("场址（kWh/kWp，直流，模型推算）", "site (kWh/kWp DC, modelled)").of(lang),
        *(f"{m}{Say('月', '').of(lang)}" for m in range(1, 13)),
        Say("全年", "year").of(lang),
    ]
    return pd.DataFrame(rows, columns=heads)


def _cost_section(one: TechnologyStudy, target: Target | None, context: Context) -> Section | None:
    money, found = one.economics, one.connections
    if money is None:
        return None
    name, key = TECH_NAME[one.technology], one.technology.value
    chart = supply_chart(one, target, context.lang)
    connected = found.text if found is not None else None
    said = [
        cheapest_text(one), clears_text(one), *target_texts(one, target), connected,
        missing_text(one), _joined(money.notes, money.price.text),
    ]  # fmt: skip
    return Section(
        f"cost-{key}",
        Say(f"{name.zh}：成本与接网", f"{name.en}: cost and connection"),
        tuple(s for s in said if s is not None),
        svg=chart_svg(chart, 860, 380, context.lang) if chart is not None else "",
        table=_cost_table(one, context),
    )


def _joined(notes: Sequence[Say], besides: Say) -> Say | None:
    """Return the notes of the method as one paragraph, without what stands elsewhere."""
    kept = [latin(note) for note in notes if note != besides]
    if not kept:
        return None
    return Say("；".join(n.zh for n in kept), "; ".join(n.en for n in kept))


def _tornado_section(one: TechnologyStudy, context: Context) -> Section | None:
    """Return what the cost hangs on: one assumption at a time, over all sites."""
    money = one.economics
    if money is None or not len(money.tornado):
        return None
    lang = context.lang
    frame = money.tornado.head(10)
    form = ".3f" if money.tornado_unit == "元/kWh" else ",.0f"
    unit = unit_in(money.tornado_unit, lang)
    rows = [
        {
            "label": row[f"title_{lang}"].partition("（" if lang == "zh" else " (")[0],
            "low": min(row["result_cheap"], row["result_dear"]),
            "mid": row["base"],
            "high": max(row["result_cheap"], row["result_dear"]),
            "text": f"{row['result_cheap']:{form}}-{row['result_dear']:{form}}",
            "tone": "pv" if one.technology is Technology.PV else "wind",
        }
        for row in frame.to_dict("records")
    ]
    name, key = TECH_NAME[one.technology], one.technology.value
    title = Say(f"{name.zh}：成本取决于什么", f"{name.en}: what the cost hangs on")
    about = Say(
        f"每次只改一项假设，从便宜端到贵端（全部场址合计，{unit}；黑线为现用值）",
        f"one assumption at a time, cheap to dear end (all sites together, {unit};"
        " black = as assumed)",
    )
    block = {
        "title": title.of(lang),
        "subtitle": about.of(lang),
        "x": [min(row["low"] for row in rows), max(row["high"] for row in rows)],
        "rows": rows,
    }
    return Section(f"tornado-{key}", title, (about,), svg=intervals_svg(block, 860))


def _cost_table(one: TechnologyStudy, context: Context, most: int = 20) -> pd.DataFrame:
    direct = one.technology is Technology.PV
    hours = Say("直流", "DC") if direct else Say("交流", "AC")
    heads = (
        Say("场址", "site"), Say("容量 MW（交流）", "MW AC"), Say("度电成本", "LCOE"),
        Say("低-高（元/kWh）", "low-high, CNY/kWh"),
        Say(f"保本小时（h/a，{hours.zh}）", f"break-even h/a, {hours.en}"),
        Say("接入变电站", "substation"), Say("线路 kV", "line kV"), Say("线路 km", "line km"),
        Say("接网（元/kW，交流）", "connection CNY/kW AC"), Say("进场道路 km", "access road km"),
    )  # fmt: skip
    rows = [_cost_row(row, context) for row in ranked(one, most)]
    table = pd.DataFrame(rows, columns=[head.of(context.lang) for head in heads])
    return without_empty(table)


def _cost_row(row: Mapping[str, Any], context: Context) -> list[Any]:
    return [
        f"{int(row['rank'])}  {site_name(row, context)}",
        round(row["capacity_mw"], 1),
        cost_headline(row, context.lang),
        span(number(row, "lcoe_low"), number(row, "lcoe_high")) or "—",
        _whole(number(row, "breakeven_hours")),
        text(row, "substation") or "—",
        _whole(number(row, "line_kv")),
        km_text(number(row, "line_km")),
        _whole(number(row, "connection_yuan_per_kw")),
        km_text(number(row, "road_km")),
    ]


def _whole(value: float) -> float:
    return round(value) if np.isfinite(value) else float("nan")


def _rank_section(one: TechnologyStudy, context: Context) -> Section | None:
    block = intervals_block(one, context)
    if block is None:
        return None
    lang, name, key = context.lang, TECH_NAME[one.technology], one.technology.value
    said = [firm_text(one), drawn_text(one), views_text(one)]
    rows = [
        [
            int(row["rank"]), site_name(row, context), interval(row),
            *(_whole(number(row, f"rank_{view}")) for view in ("ahp", "entropy", "topsis")),
            hangs_on(one, row).of(lang),
        ]
        for row in ranked(one, 20)
    ]  # fmt: skip
    own = one.ranking is not None and one.ranking.main == "user"
    first = Say("用户权重", "own weights") if own else Say("等权", "equal")
    heads = (
        first, Say("场址", "site"), Say("5%-95%", "P5-P95"), Say("AHP", "AHP"),
        Say("熵权", "entropy"), Say("TOPSIS", "TOPSIS"), Say("名次取决于", "hangs on"),
    )  # fmt: skip
    return Section(
        f"rank-{key}",
        Say(f"{name.zh}：名次与把握", f"{name.en}: ranks and how firm they are"),
        tuple(s for s in said if s is not None and s.zh),
        svg=intervals_svg(block, 860),
        table=without_empty(pd.DataFrame(rows, columns=[head.of(lang) for head in heads])),
    )


def without_empty(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without the columns that say nothing; one of no rows as it is."""
    if not len(table):
        return table
    gone = [c for c in table if table[c].isna().all() or (table[c] == "—").all()]
    return table.drop(columns=gone)
