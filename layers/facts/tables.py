"""Facts: everything published about a city, loaded once from its folder of tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pandas as pd

from geo.errors import Say, TableError
from geo.passport import GRADES, Passport
from geo.sourced import Sourced, Variant
from layers.facts.reading import Row, check_sources, rows, unique
from layers.facts.sites import read_sites, sourced
from layers.facts.values import DEFINITIONS, ForestPoint, NamedSite, Source, Target

_HERE: Final = Path(__file__).parent
_FRAMES: Final = ("conflicts", "counties", "protected_areas", "resource_025deg", "wetland")
#: Source of every number of the resource table (its rows carry no column of their own).
RESOURCE_SOURCES: Final = MappingProxyType(
    {"wind_100m_ms": "GWA", "ghi_kwh_m2_d": "GSA", "dni_kwh_m2_d": "GSA"}
)
_SOURCE_COLUMNS: Final = {"source", "sources", "population_source", "published_source"}
INSTALLED_KINDS: Final = ("reported", "sum_of_sourced", "by_definition", "unsettled", "unknown")


def _no_map() -> Mapping[str, Sourced]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """Published facts of one city.

    Parameters
    ----------
    sites
        Named plants and projects.
    targets
        Targets of the plan.
    forest_series
        Published forest points.
    controls
        Control totals and city figures by id, each with its unit.
    factors
        Prices, land takes and emission factors by id.
    conflicts, counties, protected_areas, wetland
        Tables as published; text cells empty where unpublished, numbers NaN.
    resource
        ``lon, lat`` [°], ``wind_100m_ms`` [m/s], ``ghi_kwh_m2_d`` and ``dni_kwh_m2_d``
        [kWh/m²·d]: means of 0.25 degree cells, sources in :data:`RESOURCE_SOURCES`.
    sources
        Source by id.
    """

    id: str
    sites: tuple[NamedSite, ...] = ()
    targets: tuple[Target, ...] = ()
    forest_series: tuple[ForestPoint, ...] = ()
    controls: Mapping[str, Sourced] = field(default_factory=_no_map)
    factors: Mapping[str, Sourced] = field(default_factory=_no_map)
    titles: Mapping[str, Say] = field(default_factory=dict)
    conflicts: pd.DataFrame = field(default_factory=pd.DataFrame)
    counties: pd.DataFrame = field(default_factory=pd.DataFrame)
    protected_areas: pd.DataFrame = field(default_factory=pd.DataFrame)
    wetland: pd.DataFrame = field(default_factory=pd.DataFrame)
    resource: pd.DataFrame = field(default_factory=pd.DataFrame)
    sources: Mapping[str, Source] = field(default_factory=dict)
    passport: Passport = field(default_factory=Passport)

    @classmethod
    def empty(cls) -> Facts:
        """Return the facts of a region about which nothing is published."""
        return cls(id="")

    def __bool__(self) -> bool:
        return bool(self.sites or self.targets or self.forest_series or self.controls)

    def of_technology(self, technology: str) -> tuple[NamedSite, ...]:
        """Return the named sites of ``pumped`` or ``hydro``."""
        return tuple(site for site in self.sites if site.technology == technology)

    def site(self, site_id: str) -> NamedSite:
        """Return one named site.

        Raises
        ------
        TableError
            If no site has this id.
        """
        for one in self.sites:
            if one.id == site_id:
                return one
        raise TableError(
            "named_sites.csv",
            Say(f"没有场址 {site_id!r}", f"has no site {site_id!r}"),
            Say("用表中的编号", "use an id of the table"),
        )


def load_facts(facts_id: str | None, root: Path | None = None) -> Facts:
    """Load the facts tables of a city.

    Parameters
    ----------
    facts_id
        Folder name below ``layers/facts``; None = :meth:`Facts.empty`.
    root
        Another folder of facts folders, for a user's own tables.

    Raises
    ------
    TableError
        If the folder or a table is missing, a number has no source id, a source is not
        registered, an id repeats; file and line are named.
    """
    if facts_id is None:
        return Facts.empty()
    folder = (root or _HERE) / facts_id
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", facts_id) or not folder.is_dir():
        raise TableError(
            f"facts/{facts_id}",
            Say("没有这套事实表", "no such facts tables"),
            Say("检查区域文件的 facts 项", "check `facts` in the region profile"),
        )
    sources = _sources(folder)
    controls, titles = _mapping(folder, "controls.csv", sources)
    factors, more = _mapping(folder, "factors.csv", sources)
    frames = {name: _frame(folder, name, sources) for name in _FRAMES}
    sites, forest = read_sites(folder, sources), _forest(folder, sources)
    targets = _targets(folder, sources, forest)
    return Facts(
        id=facts_id,
        sites=sites,
        targets=targets,
        forest_series=forest,
        controls=controls,
        factors=factors,
        titles=MappingProxyType(titles | more),
        conflicts=frames["conflicts"],
        counties=frames["counties"],
        protected_areas=frames["protected_areas"],
        wetland=frames["wetland"],
        resource=frames["resource_025deg"],
        sources=sources,
        passport=_passport(sources, sites, targets, forest, controls),
    )


def _sources(folder: Path) -> Mapping[str, Source]:
    found: dict[str, Source] = {}
    seen: set[str] = set()
    for row in rows(
        folder, "sources.csv", ("id", "title", "locator", "grade", "licence", "citation")
    ):
        one = unique(row, "id", seen)
        found[one] = Source(
            one, row.text("title"), row.text("locator"), row.grade(),
            row.text("licence"), row.text("citation"),
        )  # fmt: skip
    return MappingProxyType(found)


def _mapping(
    folder: Path, name: str, known: Mapping[str, Source]
) -> tuple[Mapping[str, Sourced], dict[str, Say]]:
    found: dict[str, Sourced] = {}
    titles: dict[str, Say] = {}
    seen: set[str] = set()
    columns = ("id", "title", "value", "low", "high", "unit", "source", "grade", "status")
    for row in rows(folder, name, columns):
        one = unique(row, "id", seen)
        found[one] = sourced(row, known)
        titles[one] = Say(row.text("title"), row.cells.get("title_en") or one.replace("_", " "))
    return MappingProxyType(found), titles


def _forest(folder: Path, known: Mapping[str, Source]) -> tuple[ForestPoint, ...]:
    columns = (
        "year", "as_of", "forest_land_wan_mu", "area_wan_mu", "area_basis", "cover_pct",
        "stock_wan_m3", "numerator", "definition", "definition_status", "area_source",
        "stock_source", "grade", "note",
    )  # fmt: skip
    return tuple(_point(row, known) for row in rows(folder, "forest_series.csv", columns))


def _point(row: Row, known: Mapping[str, Source]) -> ForestPoint:
    stock = row.number("stock_wan_m3")
    return ForestPoint(
        year=int(row.required("year")),
        as_of=row.text("as_of"),
        definition=row.member("definition", DEFINITIONS if stock is not None else ("",)),
        definition_status=row.member("definition_status", ("stated", "assumed", "")),
        stock_wan_m3=stock,
        numerator=row.member("numerator", ("森林蓄积", "活立木", "")),
        area_wan_mu=row.required("area_wan_mu"),
        area_basis=row.text("area_basis"),
        forest_land_wan_mu=row.number("forest_land_wan_mu"),
        cover_pct=row.number("cover_pct"),
        stock_source=check_sources(row, "stock_source", known, needed=stock is not None),
        area_source=check_sources(row, "area_source", known, needed=True),
        grade=row.grade(),
        note=row.text("note"),
    )


def _targets(
    folder: Path, known: Mapping[str, Source], forest: tuple[ForestPoint, ...]
) -> tuple[Target, ...]:
    columns = (
        "id", "title", "title_en", "value", "unit", "deadline", "source", "grade", "installed",
        "installed_kind", "installed_as_of", "installed_source", "installed_grade",
        "installed_note", "conflict", "note",
    )  # fmt: skip
    seen: set[str] = set()
    found = []
    for row in rows(folder, "targets.csv", columns):
        unique(row, "id", seen)
        found.append(_target(row, known, forest))
    return tuple(found)


def _target(row: Row, known: Mapping[str, Source], forest: tuple[ForestPoint, ...]) -> Target:
    unit = row.text("unit")
    check_sources(row, "source", known, needed=True)
    built = row.number("installed")
    from_source = check_sources(row, "installed_source", known, needed=built is not None)
    kind = row.member("installed_kind", INSTALLED_KINDS)
    if (built is None) != (kind not in {"reported", "sum_of_sourced"}):
        raise row.fault("已建与其类型不符", "installed and its kind contradict")
    variants = _by_definition(forest) if kind == "by_definition" else ()
    status = "missing" if built is None else "derived" if kind == "sum_of_sourced" else "published"
    return Target(
        id=row.text("id"),
        title=Say(row.text("title"), row.text("title_en")),
        target=Sourced(row.required("value"), unit, row.text("source"), grade=row.grade()),
        deadline=row.day("deadline"),
        installed=Sourced(
            built, unit, from_source, grade=row.grade("installed_grade"), status=status,
            variants=variants,
        ),
        installed_kind=kind,
        installed_as_of=row.text("installed_as_of"),
        installed_note=row.text("installed_note"),
        conflict=row.text("conflict"),
        note=row.text("note"),
        installed_note_en=row.english("installed_note"),
        note_en=row.english("note"),
    )  # fmt: skip


def _by_definition(forest: tuple[ForestPoint, ...]) -> tuple[Variant, ...]:
    """Return the newest published density of each curve definition. [m³/亩]."""
    newest: dict[str, ForestPoint] = {}
    for point in forest:
        if point.definition.startswith("D") and point.density is not None:
            newest[point.definition] = point
    return tuple(
        Variant(p.density, p.source, f"{d}（{p.year}）")
        for d, p in sorted(newest.items())
        if p.density is not None
    )


def _frame(folder: Path, name: str, known: Mapping[str, Source]) -> pd.DataFrame:
    """Return a table as a frame; its source columns are checked, text cells stay text."""
    where = f"{name}.csv"
    for row in rows(folder, where, ()):
        for column in _SOURCE_COLUMNS & set(row.cells):
            check_sources(row, column, known, needed=column == "sources")
        if row.cells.get("value"):
            check_sources(row, "source", known, needed=True)
    frame = pd.read_csv(folder / where, dtype={"code": str, "as_of": str}, encoding="utf-8-sig")
    for column in frame.columns:
        if frame[column].dtype.kind not in "if":
            frame[column] = frame[column].fillna("").astype(object)
    return frame


def _passport(
    sources: Mapping[str, Source],
    sites: tuple[NamedSite, ...],
    targets: tuple[Target, ...],
    forest: tuple[ForestPoint, ...],
    controls: Mapping[str, Sourced],
) -> Passport:
    """Return the provenance of the facts as a whole: the weakest grade of any figure."""
    figures = [f for site in sites for f in site.figures.values()]
    figures += [f for site in sites for d in site.designs.values() for f in d.values()]
    figures += [t.target for t in targets] + [t.installed for t in targets]
    figures += list(controls.values())
    grades = [f.grade for f in figures if not f.missing] + [p.grade for p in forest]
    dates = [s.status_as_of for s in sites] + [t.installed_as_of for t in targets]
    return Passport(
        sources=tuple(sources),
        licences=tuple(sorted({s.licence for s in sources.values() if s.licence})),
        citations=tuple(s.citation for s in sources.values() if s.citation),
        grade=max(grades, key=GRADES.index, default="-"),
        as_of=max(dates, default=""),
    )
