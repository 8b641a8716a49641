"""Siting on the map: class views of the patterns, cards, site points, the red line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from atlas.part import ClassView, Context, PatternRaster, Swatch, VectorView
from atlas.parts._siting_cards import (
    card_notes,
    class_label,
    component_name,
    merged,
    pattern_cards,
)
from atlas.parts._siting_exempt import facility_notes
from atlas.parts._siting_found import PLACE, criteria_of, records
from atlas.parts._siting_law import reason_lines
from atlas.parts._siting_lines import connection_view, turbine_view
from atlas.parts._siting_money import cost_figure
from atlas.parts._siting_money_card import money_rows
from atlas.parts._siting_rank import rank_rows
from atlas.parts._siting_secret import WITHHELD, folded, secret_rules
from atlas.parts._siting_words import TECH_NAME, county_name, land, power, site_name, unit_in
from atlas.parts._siting_yield import energy_headline, month_chart, yield_rows
from atlas.text import THIN, figure
from geo.errors import Say
from siting.law.terms import VERDICT_ZH, Technology, Verdict
from siting.law.verdict import VERDICT_EN
from siting.ranking.table import SiteCriterion
from siting.sites.candidates import verdict_text
from siting.sites.footprint import M2_PER_HA
from siting.sites.land import LandClass
from siting.study import Study, TechnologyStudy

Lang = Literal["zh", "en"]
TECH_COLOUR: Final = {Technology.PV: "#f0a500", Technology.WIND: "#159a8c"}
TECH_TONE: Final = {Technology.PV: "pv", Technology.WIND: "wind"}
#: Colour and opacity of the classes that no technology owns (visual.md).
_PAINT: Final = {
    LandClass.APPROVAL: ("#fae078", 0.85),
    LandClass.LIMITED: ("#e07b39", 0.7),
    LandClass.REPLAN: ("#8e6bbf", 0.6),
    LandClass.PROHIBITED: ("#808890", 0.37),
    LandClass.UNBUILDABLE: ("#d9d2c3", 0.55),
    LandClass.UNKNOWN: ("#9aa0a6", 0.6),
}
_SITES_WITH_OUTLINE: Final = 100
_SIZE_STEPS: Final = (1 / 3, 2 / 3)
_FIGURES: Final = 3


def pattern_raster(study: Study, context: Context) -> PatternRaster:
    """Return the pattern raster with one view a technology; classes alone beside a secret."""
    standing = facility_notes(study, context)
    views = tuple(_view(study, one, context.lang, standing) for one in study.technologies.values())
    raster = PatternRaster(study.grid, study.table.index, views, study.table.passport)
    if not secret_rules(study):
        return raster
    notes = {
        key.value: card_notes(study, one, context.lang) for key, one in study.technologies.items()
    }
    return folded(raster, notes, context.lang)


def _view(
    study: Study, one: TechnologyStudy, lang: Lang, standing: Mapping[int, Sequence[Say]]
) -> ClassView:
    synthetic = study.table.passport.synthetic
    swatches = []
    for item in LandClass:
        colour, opacity = _PAINT.get(item, (TECH_COLOUR[one.technology], 0.88))
        label = class_label(item, study.screened)
        if item is LandClass.CLEAR:
            label = _usable(study, one, label)
        elif item is LandClass.APPROVAL and study.screened:
            name = TECH_NAME[one.technology]
            label = Say(f"{name.zh}可用，须先审批", f"{name.en}: after approval")
        elif item is LandClass.LIMITED:
            label = Say("国家重大项目或有限活动", "national project, limited activity")
        hatch = item is LandClass.UNKNOWN
        swatches.append(Swatch(label, colour, opacity, hatch=hatch, synthetic=synthetic))
    return ClassView(
        one.technology.value,
        TECH_NAME[one.technology],
        tuple(swatches),
        one.classes,
        pattern_cards(study, one, lang, standing),
    )


def _usable(study: Study, one: TechnologyStudy, unscreened: Say) -> Say:
    """Return the legend entry of usable land with what was screened."""
    name, footprint = TECH_NAME[one.technology], one.footprint
    if not study.screened:
        return Say(f"{name.zh}可用（{unscreened.zh}）", f"{name.en} usable ({unscreened.en})")
    count = f"{footprint.screened}/{footprint.total}"
    return Say(f"{name.zh}可用，已筛 {count} 项", f"{name.en}: usable, {count} rules screened")


def vectors(study: Study, context: Context) -> tuple[VectorView, ...]:
    """Return site points of each technology, outlines of the best, and the red line."""
    views = []
    for one in study.technologies.values():
        name, key = TECH_NAME[one.technology], one.technology.value
        title = Say(f"{name.zh}候选场址", f"{name.en} candidate sites")
        frame = _site_points(study, one, context)
        tabs = (f"siting/{key}",)
        passport, colour = one.result.passport, TECH_COLOUR[one.technology]
        views.append(VectorView(f"sites-{key}", title, "site", frame, passport, colour, tabs))
        best = outlines(one.sites.head(_SITES_WITH_OUTLINE), study.grid.dx)
        outline = Say(f"{name.zh}场址轮廓", f"{name.en} site outlines")
        views.append(
            VectorView(f"outlines-{key}", outline, "outline", best, passport, "#0c2c84", tabs)
        )
        close_up = (connection_view(study, one), turbine_view(study, one))
        views += [view for view in close_up if view is not None]
    redline = context.stack.get("eco_redline")
    if redline is not None:
        title = Say(redline.spec.title, redline.spec.title_en)
        frame = redline.vector()[["geometry"]].copy()
        views.append(
            VectorView(
                "redline", title, "redline", frame, redline.passport, "#b3261e", ("redline",)
            )
        )
    return tuple(views)


def outlines(sites: gpd.GeoDataFrame, cell: float) -> gpd.GeoDataFrame:
    """Return outlines for the picture: a stair of one cell [m] becomes a slope, without gaps.

    The files keep the exact outlines. A named project that is a point has none.
    """
    shapes = sites.geometry.to_numpy()
    shapes = shapes[shapely.get_dimensions(shapes) == 2]
    if len(shapes):
        shapes = shapely.coverage_simplify(shapes, tolerance=0.75 * cell)
    return gpd.GeoDataFrame(geometry=shapes, crs=sites.crs)


def _site_points(study: Study, one: TechnologyStudy, context: Context) -> gpd.GeoDataFrame:
    sites, secret = one.sites, secret_rules(study)
    n = len(sites)
    mw = sites["capacity_mw"].to_numpy(np.float64)
    steps = np.nanquantile(mw, _SIZE_STEPS) if np.isfinite(mw).any() else np.zeros(2)
    criteria = criteria_of(one)
    best_first, named = np.arange(n) / max(n, 1), one.result.found.projects
    why = {} if named is None else dict(zip(named.told["id"], named.why, strict=True))
    columns = {
        "id": sites["id"].to_numpy(),
        "rank": sites["rank"].to_numpy(object),
        "size": 1 + np.searchsorted(steps, np.nan_to_num(mw), side="right"),
        "class": np.clip(6 - np.floor(best_first * 7), 0, 6).astype(np.int64),
        "label": ["" for _ in range(n)],
        "coord_quality": sites["coord_quality"].to_numpy(),
        "card": [
            site_card(study, one, row, context, secret, criteria)
            if row[PLACE] >= 0
            else told_card(row, context, why.get(str(row["id"])))
            for row in records(one)
        ],
    }
    points = gpd.points_from_xy(sites["lon"], sites["lat"], crs="EPSG:4326")
    return gpd.GeoDataFrame(pd.DataFrame(columns), geometry=points, crs="EPSG:4326")


def site_card(
    study: Study,
    one: TechnologyStudy,
    row: Mapping[str, Any],
    context: Context,
    secret: frozenset[int],
    criteria: Sequence[SiteCriterion],
) -> dict[str, Any]:
    """Return the card of a candidate site; ``secret`` rules are not named on it."""
    lang, code = context.lang, str(row["verdict"])
    withheld = [WITHHELD.of(lang)] if secret else []
    tone = "unknown" if code == "unscreened" else _verdict_tone(code)
    place = int(row[PLACE])
    area, area_unit = land(row["area_km2"] * 1e6, lang, small=True)
    chart = month_chart(row, lang)
    return {
        **({"chart": chart} if chart is not None else {}),
        "title": site_name(row, context),
        "subtitle": f"{row['id']} · {Say('第', 'rank ').of(lang)}{int(row['rank'])}"
        f"{Say('名', '').of(lang)} · {county_name(context, row['county'])}",
        "pill": {"text": site_verdict(one, row).of(lang), "tone": tone},
        "headline": _headline(row, lang),
        "facts": [
            *yield_rows(one, row, lang),
            *money_rows(one, row, lang),
            {
                "label": Say("面积", "area").of(lang),
                "value": f"{area}{THIN}{area_unit}",
                "note": "",
            },
            *rank_rows(one, row, lang),
        ],
        "rows": [*_score_rows(one, row, criteria, lang), *_component_rows(one, place, lang)],
        "reasons": _site_reasons(study, one, place, lang, secret),
        "notes": said_once(
            [
                *(said.of(lang) for said in one.result.found.said_of(place)),
                one.result.note.of(lang),
                *card_notes(study, one, lang),
                *withheld,
            ]
        ),
    }


def said_once(notes: Sequence[str]) -> list[str]:
    """Return the notes without those that another one begins with."""
    return [
        one
        for i, one in enumerate(notes)
        if not any(other.startswith(one) and (other != one or j < i)
                   for j, other in enumerate(notes) if j != i)
    ]  # fmt: skip


def told_card(row: Mapping[str, Any], context: Context, why: Say | None = None) -> dict[str, Any]:
    """Return the card of a named project without a verdict: what its file says, and ``why``."""
    lang, unscreened = context.lang, Say("未筛查：", "not screened: ")
    told = str(row["note"]) if why is None else f"{unscreened.of(lang)}{why.of(lang)}"
    return {
        "title": str(row["name"]),
        "subtitle": str(row["id"]),
        "pill": {"text": Say("未筛查", "unscreened").of(lang), "tone": "unknown"},
        "headline": [capacity_figure(row, lang)] if np.isfinite(row["capacity_mw"]) else [],
        "notes": [told],
    }


def _headline(row: Mapping[str, Any], lang: Lang) -> list[dict[str, str]]:
    """Return three figures: capacity, energy, cost; hours to break even stand for the missing."""
    out = [capacity_figure(row, lang)]
    energy = energy_headline(row, lang)
    if energy is not None:
        out.append(energy)
    money = cost_figure(row, lang)
    if money is not None:
        out.append(money)
    if len(out) < _FIGURES:
        label = Say("得分", "score").of(lang)
        out.append({"label": label, "value": figure(row["score"]), "unit": "/100"})
    return out


def capacity_figure(row: Mapping[str, Any], lang: Lang) -> dict[str, str]:
    """Return the capacity of a site for the head of its card."""
    value, unit = power(row["capacity_mw"], lang)
    return {"label": Say("容量（交流）", "capacity AC").of(lang), "value": value, "unit": unit}


def _site_reasons(
    study: Study, one: TechnologyStudy, place: int, lang: Lang, secret: frozenset[int]
) -> list[dict[str, Any]]:
    """Return the rules under a site with their hectares, by effect, largest first."""
    law = one.result.found.law
    area = law.rule_m2[place]
    order = [
        j for j in np.argsort(-area, kind="stable") if area[j] > 0 and law.rules[j] not in secret
    ]
    unit = Say("公顷", "ha").of(lang)
    amounts = {law.rules[j]: f"{area[j] / M2_PER_HA:.1f} {unit}" for j in order}
    return reason_lines(study, amounts, lang, amounts)


def _verdict_tone(code: str) -> str:
    tones = {"approval": "approval", "limited_activity": "limited", "prohibited": "prohibited"}
    return tones.get(code, "clear")


def site_verdict(one: TechnologyStudy, row: Mapping[str, Any]) -> Say:
    """Return the verdict of a site as a reader sees it, in both languages."""
    code = str(row["verdict"])
    verdict = Verdict.UNKNOWN if code == "unscreened" else Verdict[code.upper()]
    return verdict_text(verdict, one.footprint, bool(row["synthetic"]))


def _score_rows(
    one: TechnologyStudy, row: Mapping[str, Any], criteria: Sequence[SiteCriterion], lang: Lang
) -> list[dict[str, Any]]:
    unit = Say("分", "points").of(lang)
    return [
        {
            "label": title.of(lang),
            "value": f"{figure(value)} {unit_in(real, lang)}".replace(" °", "°").removesuffix(" -"),
            "note": f"{figure(part, 2)} {unit}",
            "bar": {"value": part / 100.0, "tone": TECH_TONE[one.technology]},
        }
        for title, real, value, part in _score_parts(one, row, criteria)
    ]


def _score_parts(
    one: TechnologyStudy, row: Mapping[str, Any], criteria: Sequence[SiteCriterion]
) -> list[tuple[Say, str, float, float]]:
    """Return (title, unit, value, part of the score) of the criteria behind a rank."""
    ranking, place = one.ranking, int(row[PLACE])
    if ranking is not None and criteria:
        return [
            (item.title, *_real(item.key, item.unit, float(item.values[place])),
             float(ranking.parts[item.key][place]))
            for item in criteria
        ]  # fmt: skip
    return [
        (item.title, item.unit, row[item.key], row[f"score_{item.key}"])
        for item in one.result.found.scored.used
        if f"score_{item.key}" in row
    ]


def _real(key: str, unit: str, value: float) -> tuple[str, float]:
    """Return unit and value of a criterion as a reader takes them: a share in per cent."""
    return ("%", 100.0 * value) if key == "approval_share" else (unit, value)


def _component_rows(one: TechnologyStudy, place: int, lang: Lang) -> list[dict[str, str]]:
    """Return a row a component: hectares by verdict (the rules have their own list)."""
    law, names = one.result.found.law, VERDICT_ZH if lang == "zh" else VERDICT_EN
    unit, comma = Say("公顷", "ha").of(lang), Say("、", ", ").of(lang)
    rows = []
    for component, area in law.verdict_m2.items():
        value = comma.join(
            f"{names[v]} {area[place, v] / M2_PER_HA:.1f} {unit}" for v in Verdict if area[place, v]
        )
        if not law.screened[component]:
            value = Say("未筛查", "unscreened").of(lang)
        rows.append({"label": component_name(component, lang), "value": value, "note": ""})
    return merged(rows, lang)
