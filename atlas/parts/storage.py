"""Part 抽蓄: named storage and hydropower, the targets of the plan, the conflict register.

Only published figures and closed forms of them: no named project is screened and no
portfolio is computed here (truth.md A1, C18).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any, Final

import geopandas as gpd
import pandas as pd

from atlas.part import Context, PartResult, Section, Tab, VectorView
from atlas.parts import _storage_cards as cards
from atlas.parts import _storage_tables as tables
from atlas.parts import _storage_targets as targets
from atlas.parts import _storage_words as words
from atlas.parts._storage_answer import table as named_table
from geo.errors import Say
from geo.passport import Passport, merge
from layers.facts import STATUS, Facts, NamedSite
from siting.hydro import named as hydro
from siting.pumped import named as pumped

_BLUE: Final = {"pumped": "#12355b", "hydro": "#2f7fb8"}
_VIEWS: Final = {
    "hydro": Say("水电站", "Hydropower plants"),
    "pumped": Say("点名抽水蓄能", "Named pumped storage"),
}


class StoragePart:
    """Named pumped storage and hydropower from their published figures, and the targets."""

    id = "storage"
    title = Say("抽蓄与目标", "Storage and targets")
    depends_on: tuple[str, ...] = ()

    def run(self, context: Context, before: Mapping[str, PartResult]) -> PartResult:
        """Return cards, map markers, tables and sections of the published facts."""
        facts, lang = context.facts, context.lang
        if not facts:
            nothing = Say(
                "本区域没有已发布的点名工程与规划目标资料", "no published facts for this region"
            )
            return PartResult(self.id, self.title, {}, Passport(), absent=nothing)
        storage, plants = pumped.assess_all(facts.sites), hydro.assess_all(facts.sites)
        designs = groupby(storage, key=lambda a: a.site.id)
        counties = _english_counties(facts)
        shown = {key: cards.pumped_card(list(group), lang, counties) for key, group in designs}
        _join(shown, before)
        shown |= {one.site.id: cards.hydro_card(one, lang, counties) for one in plants}
        totals = Totals(facts)
        derived = merge(facts.passport, *(a.passport for a in storage if a.passport.sources))
        return PartResult(
            id=self.id,
            title=self.title,
            summary=totals.summary(storage)
            | {"targets": targets.summary(facts, context.as_of, lang)},
            passport=derived,
            tabs=(
                _tab(facts, totals, plants, shown, lang),
                targets.tab(facts, context.as_of, lang),
            ),
            vectors=_views(facts, shown, context),
            sites=tables.site_rows(storage, plants, context.region.crs),
            tables=tables.sheets(facts, storage, plants, context.as_of, derived),
            sections=_sections(facts, totals, storage, context),
            warnings=_warnings(facts, context.as_of),
            extra={"table": {"pumped": named_table(storage, lang)}},
        )


def _join(shown: dict[str, cards.Card], before: Mapping[str, PartResult]) -> None:
    """Put what the terrain offers beside each named project on its card."""
    found = before.get("pumped")
    beside: Mapping[str, Any] = {} if found is None else found.extra.get("beside", {})
    for project, group in beside.items():
        if project in shown:
            shown[project] = {**shown[project], "groups": [group]}


def _english_counties(facts: Facts) -> dict[str, str]:
    if not {"name", "name_en"} <= set(facts.counties.columns):
        return {}
    return {str(r["name"]): str(r["name_en"]) for r in facts.counties.to_dict("records")}


class Totals:
    """Counts and megawatts of the named projects, each capacity once (truth.md A3)."""

    def __init__(self, facts: Facts) -> None:
        self.projects = [s for s in facts.of_technology("pumped") if s.mw_counted]
        self.plan = [s for s in self.projects if s.in_plan]
        self.others = [s for s in self.projects if not s.in_plan]
        self.repeated = sum(s.in_plan and not s.mw_counted for s in facts.of_technology("pumped"))
        self.conflicts = len(facts.conflicts)

    @staticmethod
    def megawatts(sites: Sequence[NamedSite]) -> float:
        """Return the published capacity of ``sites``. [MW]."""
        return sum(s.capacity_mw.value or 0.0 for s in sites)

    def by_status(self, sites: Sequence[NamedSite]) -> dict[str, float]:
        """Return published MW by status, in the order of the status list."""
        return {
            status: self.megawatts(found)
            for status in STATUS
            if (found := [s for s in sites if s.status == status])
        }

    @staticmethod
    def unpublished(sites: Sequence[NamedSite]) -> int:
        """Return how many of ``sites`` have no published capacity."""
        return sum(s.capacity_mw.missing for s in sites)

    def summary(self, storage: Sequence[pumped.Assessment]) -> dict[str, Any]:
        """Return the JSON-ready totals."""
        missing: dict[str, int] = {}
        for site_id in dict.fromkeys(a.site.id for a in storage):
            gaps = [g.quantity for a in storage if a.site.id == site_id for g in a.gaps]
            for gap in dict.fromkeys(gaps):
                missing[gap] = missing.get(gap, 0) + 1
        return {
            "named_projects": len(self.projects),
            "named_in_plan": len(self.plan),
            "mw_published_in_plan": self.megawatts(self.plan),
            "mw_published_elsewhere": self.megawatts(self.others),
            "mw_by_status": self.by_status(self.projects),
            "without_capacity": self.unpublished(self.projects),
            "missing_by_quantity": missing,
            "verdict": "未筛查",
            "conflicts": self.conflicts,
        }

    def sentence(self) -> Say:
        """Return the answer of the tab."""
        plan, built = self.megawatts(self.plan), self.by_status(self.plan).get("construction", 0.0)
        some, none = len(self.plan), self.unpublished(self.plan)
        again = Say("", "")
        if self.repeated:
            again = Say(
                f"（另列 {self.repeated} 条疑为其一，不重复计）",
                f" ({self.repeated} more listed, suspected to be one of them)",
            )
        return Say(
            f"规划点名抽水蓄能 {some} 处{again.zh}，已公布装机 {plan / 10:.1f} 万千瓦"
            f"（{some - none} 处；{none} 处未公布），其中在建 {built / 10:.1f} 万千瓦；"
            "红线均未筛查",
            f"{some} pumped-storage projects named by the plan{again.en}, "
            f"{plan:,.0f} MW published "
            f"({some - none} projects; {none} unpublished), {built:,.0f} MW under construction; "
            "none screened against the red line",
        )


def _tab(
    facts: Facts,
    totals: Totals,
    plants: Sequence[hydro.Assessment],
    shown: Mapping[str, cards.Card],
    lang: str,
) -> Tab:
    in_plan = [s for s in facts.of_technology("pumped") if s.in_plan]
    others = [s for s in facts.of_technology("pumped") if not s.in_plan]
    blocks = (
        _stats(totals, lang),
        _cards(Say("规划点名抽水蓄能", "Named by the plan"), in_plan, shown, lang),
        _cards(Say("只见于公开名录", "In a public register only"), others, shown, lang),
        _ranked(plants, lang, _english_counties(facts)),
        _conflict_table(facts, lang),
        _note(lang),
    )
    return Tab("storage", Say("抽蓄", "Storage"), totals.sentence(), blocks, order=30)


def _stats(totals: Totals, lang: str) -> dict[str, Any]:
    status = totals.by_status(totals.projects)
    ahead = sum(status.get(key, 0.0) for key in ("pre_construction", "planned"))

    def item(label: Say, megawatts: float, note: Say) -> dict[str, str]:
        value, unit = words.capacity(megawatts, lang)
        return {"label": label.of(lang), "value": value, "unit": unit, "note": note.of(lang)}

    return {
        "type": "stats",
        "items": [
            item(Say("抽蓄在建", "storage under construction"), status.get("construction", 0.0),
                 Say("潘口设计值；规划值 30", "Pankou by design; 300 by the plan")),
            item(Say("抽蓄前期与规划", "storage ahead"), ahead,
                 Say("未见核准，2030 年前按 0 计", "no approval seen: 0 before 2030")),
            item(Say("抽蓄只见于名录", "storage in a register only"), status.get("announced", 0.0),
                 Say("规划未点名", "not named by the plan")),
        ],
    }  # fmt: skip


def _cards(
    title: Say, sites: Sequence[NamedSite], shown: Mapping[str, cards.Card], lang: str
) -> dict[str, Any]:
    items = [
        {"id": s.id, "lon": s.lon, "lat": s.lat, **shown[s.id],
         "notes": [shown[s.id]["subtitle"], *shown[s.id]["notes"]]}
        for s in sites
    ]  # fmt: skip
    return {"type": "cards", "title": title.of(lang), "items": items}


def _ranked(
    plants: Sequence[hydro.Assessment], lang: str, counties: Mapping[str, str]
) -> dict[str, Any]:
    known = [p for p in plants if p.site.status == "operating" and not p.site.capacity_mw.missing]
    known.sort(key=lambda p: (-(p.site.capacity_mw.value or 0.0), p.site.id))
    rows = [
        {
            "id": p.site.id,
            "label": p.site.name.of(lang),
            "value": "\u2009".join(words.capacity(p.site.capacity_mw.value or 0.0, lang)),
            "extra": Say(p.site.county, counties.get(p.site.county, p.site.county)).of(lang),
            "lon": p.site.lon,
            "lat": p.site.lat,
            "tone": "hydro",
            "rank": rank,
        }
        for rank, p in enumerate(known, start=1)
    ]
    note = Say(
        "按公布装机排序；未公布装机的不列，见表格。",
        "By published capacity; plants without one are in the tables.",
    )
    title = Say("已建水电", "Hydropower in operation")
    return {"type": "ranked", "title": title.of(lang), "note": note.of(lang), "rows": rows}


def _conflict_table(facts: Facts, lang: str) -> dict[str, Any]:
    subject, default = ("subject", "default") if lang == "zh" else ("subject_en", "default_en")
    heads = (Say("事项", "subject"), Say("公布值", "published"), Say("本图采用", "used here"))
    return {
        "type": "table",
        "title": Say("相互冲突的公布值", "Conflicting published values").of(lang),
        "columns": [{"label": h.of(lang), "align": "left", "bar": False} for h in heads],
        "rows": [
            [f"{r['id']} {r[subject]}", targets.conflict_values(r, lang), r[default]]
            for r in facts.conflicts.to_dict("records")
        ],
        "note": Say("冲突值一律保留，来源见表格。", "All kept; sources in the tables.").of(lang),
    }  # fmt: skip


def _note(lang: str) -> dict[str, Any]:
    text = Say(
        "点名工程只列公布数字与由其推算的数字，不作红线判定：坐标多为乡镇中心点，真实工程也不由演示图层判定。"
        "蓄能量按单程效率 0.88-0.92 推算，参数未核验。",
        "Named projects show published and derived figures only, no verdict: most positions are "
        "town centroids, and demo layers judge no real project. Stored energy assumes an "
        "efficiency of 0.88-0.92, unverified.",
    )
    return {"type": "note", "tone": "unknown", "text": text.of(lang)}


def _views(
    facts: Facts, shown: Mapping[str, cards.Card], context: Context
) -> tuple[VectorView, ...]:
    views = []
    for technology, title in _VIEWS.items():
        sites = [s for s in facts.of_technology(technology) if s.lon is not None]
        frame = gpd.GeoDataFrame(
            {
                "id": [s.id for s in sites],
                "label": [s.name.of(context.lang) for s in sites],
                "icon": technology,
                "coord_quality": [s.coord_quality for s in sites],
                "card": [shown[s.id] for s in sites],
            },
            geometry=gpd.points_from_xy([s.lon for s in sites], [s.lat for s in sites]),
            crs="EPSG:4326",
        )
        views.append(
            VectorView(
                f"named-{technology}", title, "named", frame, facts.passport, _BLUE[technology],
                ("storage",),
            )
        )  # fmt: skip
    return tuple(views)


def _section_row(one: pumped.Assessment, lang: str) -> dict[str, Any]:
    """Return the line of a project in the report, text and numbers as published."""
    name = one.site.name.of(lang)
    if one.design:
        name += Say(f"（方案 {one.design}）", f" (design {one.design})").of(lang)
    stored = words.derived(one.storage_gwh, lang).replace("\u2009GWh", "")
    power = words.published(one.site.capacity_mw, lang).replace("\u2009MW", "")
    return {
        Say("项目", "Project").of(lang): name,
        Say("状态", "State").of(lang): STATUS[one.site.status].of(lang),
        Say("装机（MW）", "Capacity (MW)").of(lang): power,
        Say("额定水头（m）", "Rated head (m)").of(lang): one.figure("rated_head_m").value,
        Say("蓄能量（GWh）", "Stored energy (GWh)").of(lang): stored,
        Say("年利用小时（h/a）", "Full-load hours (h/a)").of(lang): one.full_load_hours.value,
        Say("单位造价（元/kW）", "Unit cost (yuan/kW)").of(lang): one.cost_yuan_per_kw.value,
        Say("造价口径", "Cost basis").of(lang): one.cost_basis.of(lang),
        Say("缺项", "Gaps").of(lang): len(one.gaps),
    }


def _sections(
    facts: Facts, totals: Totals, storage: Sequence[pumped.Assessment], context: Context
) -> tuple[Section, ...]:
    lang = context.lang
    frame = pd.DataFrame([_section_row(a, lang) for a in storage])
    said = Say(
        "E = ρ g V H η，g = 9.81 m/s²，单程效率 0.88-0.92（未核验）。缺项不推算，未公布的水位与"
        "水头不从相邻工程借用；房县（草庙沟）两个方案并列，吴山沟疑为同一工程，装机只计一次。",
        "E = rho g V H eta, g = 9.81 m/s2, one-way efficiency 0.88-0.92 (unverified). Nothing "
        "unpublished is guessed or borrowed; the two Fangxian designs stand side by side and "
        "Wushangou, suspected to be the same project, is counted once.",
    )
    goals = targets.section_frame(facts, context.as_of, lang)
    return (
        Section("storage", Say("抽水蓄能与水电", "Pumped storage and hydropower"),
                (totals.sentence(), said), table=frame),
        Section("targets", Say("规划目标", "Targets of the plan"),
                (targets.sentence(facts, context.as_of),), table=goals),
    )  # fmt: skip


def _warnings(facts: Facts, as_of: date) -> tuple[Say, ...]:
    newest = facts.passport.as_of
    newer = Say(
        f"事实表截至 {newest}，晚于截至日 {as_of.isoformat()}：工程状态与已建数不回溯",
        f"the facts run to {newest}, later than the as-of day {as_of.isoformat()}: states and "
        "installed figures are not rolled back",
    )
    ahead = newest > as_of.isoformat()[: len(newest)]
    return (
        *((newer,) if ahead else ()),
        Say(
            "点名抽蓄与水电均未作红线筛查：坐标精度不足，真实工程也不由演示图层判定",
            "named storage and hydropower are not screened: positions are too coarse, and demo "
            "layers judge no real project",
        ),
        Say(
            "部分公布数字只见于转载（D 级），引用前请核对原件",
            "some published figures are known from copies only (grade D): check the originals",
        ),
    )


PART: Final = StoragePart()
