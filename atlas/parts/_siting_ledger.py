"""The ledger in a run: which rule takes how much land, county by county, adding up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from atlas.charts import COLOURS
from atlas.part import Context, Section
from atlas.parts._siting_law import marked, rule_title
from atlas.parts._siting_secret import WITHHELD, secret_rules
from atlas.parts._siting_words import LAND_UNIT, TECH_NAME, Lang, county_name, land
from atlas.report.bars import Bar, bars_svg
from atlas.tables import WATERMARK
from atlas.text import figure
from geo.errors import Say
from geo.units import m2_to_wan_mu, mw_to_wan_kw
from siting.law.answer import EFFECT_TONE
from siting.law.ledger import AREAS, Ledger, ledger
from siting.law.terms import COMPONENT_ZH, EFFECT_ZH, Component, Effect, Technology
from siting.law.verdict import Judgement, effect_text
from siting.study import Study, TechnologyStudy

Block = Mapping[str, Any]
Books = Mapping[Technology, Mapping[Component, Ledger]]
#: Rules named in the panel and on the chart; the rest stands in one line.
TOP: Final = 8
WHOLE: Final = "合计"
_SUMS: Final = ("lost", "free", "eligible", "limited", "routes", "unknown", "area")
_BLOCK_ZH: Final = {"law": "法律", "technical": "技术限值（非法律）"}
_COLUMNS: Final = {
    "total_m2": "占用", "alone_m2": "单独占用", "shared_m2": "与其他规则共同占用",
    "share_m2": "分摊", "routes_m2": "须走程序", "unknown_m2": "未知",
}  # fmt: skip


def books(study: Study) -> Books:
    """Return the ledger of every component for new works, the footprint first."""
    return {
        technology: {
            component: _book(study, one, judgement)
            for component, judgement in one.new_works.items()
        }
        for technology, one in study.technologies.items()
    }


def _book(study: Study, one: TechnologyStudy, judgement: Judgement) -> Ledger:
    # the last counties may have no cell at all on a coarse grid
    counties = study.counties[: study.table.area_m2.shape[0] - 1]
    return ledger(study.table, judgement, counties, one.result.flat_mw_per_km2)


def footprint_book(found: Books, technology: Technology) -> Ledger:
    """Return the ledger of a technology's footprint."""
    return next(iter(found[technology].values()))


def ledger_sheet(study: Study, found: Books) -> pd.DataFrame:
    """Return county x rule of the footprints and the region's sum of the other components.

    Each county ends with the line that adds up: shares = lost, lost + free + unknown = area.
    """
    rows: list[dict[str, Any]] = []
    demo = [WATERMARK] if study.table.passport.synthetic else []
    mark = "；".join([*demo, *(say.zh for say in marked(study))])
    for technology, by_component in found.items():
        for number, (component, book) in enumerate(by_component.items()):
            head = {
                "标记": mark,  # a file of figures alone must not pass for law
                "技术": TECH_NAME[technology].zh,
                "组成": COMPONENT_ZH[component],
            }
            whole, total = book.whole()
            # only the footprint carries capacity
            density = book.mw_per_km2 if number == 0 else None
            if number == 0:
                for county in book.counties:
                    own = book.frame[book.frame["county"] == county]
                    sums = book.totals[book.totals["county"] == county].iloc[0]
                    rows += _county_rows(study, head, county, own, sums, density)
            rows += _county_rows(study, head, WHOLE, whole, total.iloc[0], density)
    return pd.DataFrame(rows)


def _county_rows(
    study: Study,
    head: Mapping[str, str],
    county: str,
    frame: pd.DataFrame,
    sums: pd.Series[Any],
    density: float | None,
) -> list[dict[str, Any]]:
    """Return the rules that touch a county, law first, and the line that adds up."""
    names, secret = _titles(study), {study.ruleset.rules[i].id for i in secret_rules(study)}
    said = {rule.id: effect_text(rule).zh for rule in study.ruleset.rules if rule.id not in secret}
    touched = frame[(frame[list(AREAS)] > 0).any(axis=1)]
    rows = []
    for block in ("law", "technical"):
        part = touched[touched["block"] == block].sort_values(
            ["share_m2", "rule_id"], ascending=[False, True], kind="stable"
        )
        for row in part.to_dict("records"):
            effect = Effect(row["effect"])
            areas = {title: float(row[name]) for name, title in _COLUMNS.items()}
            rows.append(
                {
                    **head,
                    "县市区": county,
                    "性质": _BLOCK_ZH[block],
                    "编号": "—" if row["rule_id"] in secret else row["rule_id"],
                    "规则": names[row["rule_id"]].zh,
                    "效力": said.get(row["rule_id"], EFFECT_ZH[effect]),
                    **_units(areas, density),
                }
            )
    lost = float(sums["lost_m2"])
    areas = {"占用": lost, "分摊": float(touched["share_m2"].sum())}
    areas |= {"须走程序": float(sums["routes_m2"]), "未知": float(sums["unknown_m2"])}
    gap = float(sums["area_m2"]) - lost - float(sums["free_m2"]) - float(sums["unknown_m2"])
    closes = gap == 0 and areas["分摊"] == lost
    figures = "＋".join(figure(m2_to_wan_mu(float(sums[f"{one}_m2"])), 5) for one in
                       ("lost", "free", "unknown"))  # fmt: skip
    area = figure(m2_to_wan_mu(float(sums["area_m2"])), 5)
    rows.append(
        {
            **head,
            "县市区": county,
            "性质": "核对",
            "规则": f"占用＋其余＋未知＝总面积（按新建计）：{figures}＝{area} 万亩",
            "效力": "分摊之和＝占用，三项之和＝总面积" if closes else f"差 {gap:.6f} m²",
            **_units(areas, density),
        }
    )
    return rows


def _units(areas: Mapping[str, float], density: float | None) -> dict[str, float]:
    """Return areas [m²] in 万亩; what is taken also in km² and as the capacity it would carry."""
    out = {f"{title}（万亩）": m2_to_wan_mu(area) for title, area in areas.items()}
    for title in ("占用", "分摊"):
        out[f"{title}（km²）"] = areas[title] / 1e6
        if density is not None:
            out[f"{title}（万千瓦，交流）"] = mw_to_wan_kw(areas[title] / 1e6 * density)
    return out


def _titles(study: Study) -> dict[str, Say]:
    """Return rule titles by id; a rule that reads a restricted layer is not named."""
    secret = secret_rules(study)
    return {
        rule.id: WITHHELD if i in secret else rule_title(rule)
        for i, rule in enumerate(study.ruleset.rules)
    }


def ledger_block(study: Study, book: Ledger, lang: Lang) -> Block:
    """Return "which rule took how much land": the top rules, the rest, and the sum."""
    whole, total = book.whole()
    sums = total.iloc[0]
    taking = _taking(whole)
    names = _titles(study)
    most = float(taking["share_m2"].max()) if len(taking) else 1.0
    rows: list[list[Any]] = [
        [
            names[row["rule_id"]].of(lang),
            {"value": row["share_m2"] / most, "tone": EFFECT_TONE[Effect(row["effect"])]},
            land(row["share_m2"], lang)[0],
            land(row["alone_m2"], lang)[0],
        ]
        for row in taking.head(TOP).to_dict("records")
    ]
    rest = taking.iloc[TOP:]
    if len(rest):
        others = Say(f"其余 {len(rest)} 条", f"{len(rest)} more").of(lang)
        share = float(rest["share_m2"].sum())
        alone = land(float(rest["alone_m2"].sum()), lang)[0]
        rows.append([others, {"value": share / most, "tone": "neutral"},
                     land(share, lang)[0], alone])  # fmt: skip
    heads = (
        (Say("规则", "rule"), "left", False),
        (Say("", ""), "left", True),
        (Say(f"分摊 {LAND_UNIT.zh}", f"share {LAND_UNIT.en}"), "right", False),
        (Say("单独", "alone"), "right", False),
    )
    title = Say("哪条规则占了多少地", "Which rule takes how much land")
    return {
        "type": "table",
        "title": title.of(lang),
        "columns": [{"label": h.of(lang), "align": a, "bar": b} for h, a, b in heads],
        "rows": rows,
        "note": _sum_line(sums, book).of(lang),
    }


def _taking(whole: pd.DataFrame) -> pd.DataFrame:
    """Return the rules that take land, largest share first, ties by id."""
    own = whole[whole["share_m2"] > 0]
    return own.sort_values(["share_m2", "rule_id"], ascending=[False, True], kind="stable")


def _sum_line(sums: pd.Series[Any], book: Ledger) -> Say:
    """Return the line that adds up, with what the two columns mean."""
    zh = {k: figure(m2_to_wan_mu(float(sums[f"{k}_m2"])), 4) for k in _SUMS}
    en = {k: figure(float(sums[f"{k}_m2"]) / 1e6, 4) for k in _SUMS}
    left = len(book.unscreened)
    more_zh = f"；另有 {left} 条规则未筛查，不在账内" if left else ""
    more_en = f"; {left} rules unscreened stand outside" if left else ""
    return Say(
        f"占用 {zh['lost']}＋其余 {zh['free']}（可用 {zh['eligible']}、须走程序 {zh['routes']}"
        f"、有限活动 {zh['limited']}）"
        f"＋未知 {zh['unknown']}＝总面积 {zh['area']} 万亩。分摊：几条规则挡同一块地时平分，"
        f"合计等于占用；单独：只有这一条挡；均按新建计{more_zh}",
        f"taken {en['lost']} + rest {en['free']} (usable {en['eligible']}, by a route"
        f" {en['routes']}, limited activities {en['limited']})"
        f" + unknown {en['unknown']} = {en['area']} km² in all. Share: land barred by several"
        f" rules is split equally and sums to the taken; alone: barred by this one"
        f" only. All for new works{more_en}",
    )


def ledger_section(study: Study, one: TechnologyStudy, book: Ledger, context: Context) -> Section:
    """Return the report's section: the chart of the top rules and a table by county."""
    lang, name = context.lang, TECH_NAME[one.technology]
    whole, total = book.whole()
    taking = _taking(whole).head(TOP + 4)
    names = _titles(study)
    unit = LAND_UNIT.of(lang)
    bars = [
        Bar(
            names[row["rule_id"]].of(lang),
            row["share_m2"],
            min(row["alone_m2"], row["share_m2"]),
            " ".join(land(row["share_m2"], lang)),
            COLOURS[EFFECT_TONE[Effect(row["effect"])]],
        )
        for row in taking.to_dict("records")
    ]
    day = study.as_of.isoformat()
    svg = bars_svg(
        Say(f"{name.zh}：各规则占地的分摊", f"{name.en}: land by rule, shared out").of(lang),
        Say(f"{unit}，{day} 有效的规则，{COMPONENT_ZH[_component(book)]}；同一块地由挡它的规则平分",
            f"{unit}, rules in force on {day}; land barred by several is split equally").of(lang),
        bars,
        (Say("只因此条", "by this rule alone").of(lang), Say("与他条平分", "split").of(lang)),
    )  # fmt: skip
    return Section(
        f"ledger-{one.technology.value}",
        Say(f"{name.zh}：哪条规则占了多少地", f"{name.en}: which rule takes how much land"),
        (_sum_line(total.iloc[0], book),),
        svg=svg,
        table=_by_county(book, context),
    )


def _component(book: Ledger) -> Component:
    return book.judgement.component


def _by_county(book: Ledger, context: Context) -> pd.DataFrame:
    """Return one row a county that adds up, in the reader's unit."""
    lang = context.lang

    def unit(area: float) -> float:
        return m2_to_wan_mu(area) if lang == "zh" else area / 1e6

    heads = {
        "lost": Say("占用", "taken"), "free": Say("其余", "rest"),
        "eligible": Say("其中可用", "of it usable"),
        "limited": Say("其中有限活动", "of it limited activities"),
        "routes": Say("其中须走程序", "of it by a route"), "unknown": Say("未知", "unknown"),
        "area": Say("总面积", "area"),
    }  # fmt: skip
    totals = pd.concat([book.totals, book.whole()[1].assign(county=WHOLE)], ignore_index=True)
    names = [county_name(context, county) for county in totals["county"]]
    columns: dict[str, list[Any]] = {Say("县市区", "County").of(lang): names}
    for key, head in heads.items():
        title = f"{head.of(lang)}（{LAND_UNIT.zh}）" if lang == "zh" else f"{head.en} (km²)"
        columns[title] = [unit(float(value)) for value in totals[f"{key}_m2"]]
    return pd.DataFrame(columns)
