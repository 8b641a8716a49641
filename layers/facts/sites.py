"""Named sites: rows, figures, designs and dated steps joined into :class:`NamedSite`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from geo.errors import Say
from geo.sourced import Sourced, Variant
from layers.facts.reading import STATUSES, Row, check_sources, rows, unique
from layers.facts.values import STATUS, Event, NamedSite

TECHNOLOGIES: Final = ("pumped", "hydro")
COORD_QUALITY: Final = ("exact", "surveyed", "approx", "cdm", "town_centroid", "missing")
_SITE: Final = (
    "id", "name", "name_en", "technology", "county", "place", "lon", "lat", "coord_quality",
    "coord_source", "status", "status_as_of", "status_source", "in_plan", "mw_counted",
    "same_as", "same_as_status", "upper_water", "lower_water", "layout_source", "note",
)  # fmt: skip
_FIGURE: Final = (
    "site", "quantity", "value", "low", "high", "unit", "source", "grade", "status",
    "variant", "note",
)  # fmt: skip
_EVENT: Final = ("site", "event", "date", "source", "note")
_ALTERNATIVE: Final = "alt"

Figures = dict[str, dict[str, dict[str, Sourced]]]  # site -> design ("" = common) -> quantity


def sourced(row: Row, known: Mapping[str, object]) -> Sourced:
    """Return the figure of a row with columns value, low, high, unit, source, grade, status.

    Raises
    ------
    TableError
        If there is a number without a registered source, or a missing one with a value.
    """
    value, low, high = row.number("value"), row.number("low"), row.number("high")
    source = check_sources(row, "source", known, needed=value is not None)
    status = row.member("status", STATUSES)
    if (value is None) != (status == "missing"):
        raise row.fault("数值与状态 missing 不符", "value and status missing contradict")
    try:
        return Sourced(value, row.text("unit"), source, low, high, row.grade(), status)
    except ValueError as error:
        raise row.fault(str(error), str(error)) from error


def _figures(folder: Path, known: Mapping[str, object], ids: set[str]) -> Figures:
    """Return the figures by site, design and quantity.

    The column ``variant`` is empty (common to all designs), a design, ``alt`` (another
    published value of the figure before it, kept as a variant) or ``<design>/alt``.
    """
    found: Figures = defaultdict(lambda: defaultdict(dict))
    for row in rows(folder, "site_figures.csv", _FIGURE):
        site, quantity, mark = row.text("site"), row.text("quantity"), row.text("variant")
        if site not in ids:
            raise row.fault(f"场址 {site!r} 未登记", f"site {site!r} is not registered")
        figure = sourced(row, known)
        *design, last = mark.split("/")
        here = found[site]["".join(design) if last == _ALTERNATIVE else mark]
        first = here.get(quantity)
        if last == _ALTERNATIVE:
            here[quantity] = _with_variant(row, first, figure)
        elif first is not None:
            raise row.fault(f"{quantity} 重复", f"{quantity} repeats")
        else:
            here[quantity] = figure
    return found


def _with_variant(row: Row, first: Sourced | None, other: Sourced) -> Sourced:
    if first is None or other.value is None or first.unit != other.unit:
        raise row.fault("另值之前没有同单位的首值", "an alternative needs a first value")
    return replace(
        first, variants=(*first.variants, Variant(other.value, other.source, row.text("note")))
    )


def _events(folder: Path, known: Mapping[str, object], ids: set[str]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for row in rows(folder, "site_events.csv", _EVENT):
        if row.text("site") not in ids:
            raise row.fault("场址未登记", "the site is not registered")
        source = check_sources(row, "source", known, needed=True)
        found[row.text("site")].append(
            Event(
                row.text("event"), row.text("date"), source, row.text("note"), row.english("note")
            )
        )
    return found


def _position(row: Row, known: Mapping[str, object]) -> tuple[float | None, float | None, str]:
    lon, lat = row.number("lon"), row.number("lat")
    quality = row.member("coord_quality", COORD_QUALITY)
    if (lon is None) != (lat is None) or (lon is None) != (quality == "missing"):
        raise row.fault("坐标与坐标精度不符", "position and coord_quality contradict")
    check_sources(row, "coord_source", known, needed=lon is not None)
    return lon, lat, quality


def read_sites(folder: Path, known: Mapping[str, object]) -> tuple[NamedSite, ...]:
    """Return the named sites of a facts folder in the order of the table.

    Parameters
    ----------
    folder
        Folder of ``named_sites.csv``, ``site_figures.csv`` and ``site_events.csv``.
    known
        Registered source ids.

    Raises
    ------
    TableError
        On any fault, with file and line.
    """
    seen: set[str] = set()
    table = list(rows(folder, "named_sites.csv", _SITE))
    for row in table:
        unique(row, "id", seen)
    figures, events = _figures(folder, known, seen), _events(folder, known, seen)
    return tuple(_site(row, known, seen, figures, events) for row in table)


def _site(
    row: Row,
    known: Mapping[str, object],
    ids: set[str],
    figures: Figures,
    events: Mapping[str, list[Event]],
) -> NamedSite:
    lon, lat, quality = _position(row, known)
    one, twin = row.text("id"), row.text("same_as")
    if twin and twin not in ids:
        raise row.fault(f"same_as {twin!r} 未登记", f"same_as {twin!r} is not registered")
    return NamedSite(
        id=one,
        name=Say(row.text("name"), row.text("name_en")),
        technology=row.member("technology", TECHNOLOGIES),
        county=row.text("county"),
        place=row.text("place"),
        lon=lon,
        lat=lat,
        coord_quality=quality,
        coord_source=row.text("coord_source"),
        status=row.member("status", tuple(STATUS)),
        status_as_of=row.text("status_as_of"),
        status_source=check_sources(row, "status_source", known, needed=True),
        in_plan=row.flag("in_plan"),
        mw_counted=row.flag("mw_counted"),
        figures=MappingProxyType(dict(figures[one][""])),
        designs=MappingProxyType(
            {d: MappingProxyType(q) for d, q in sorted(figures[one].items()) if d}
        ),
        events=tuple(events.get(one, ())),
        same_as=twin,
        same_as_status=row.text("same_as_status"),
        upper_water=row.text("upper_water"),
        lower_water=row.text("lower_water"),
        layout_source=check_sources(row, "layout_source", known, needed=False),
        note=row.text("note"),
        place_en=row.english("place"),
        upper_water_en=row.english("upper_water"),
        lower_water_en=row.english("lower_water"),
        note_en=row.english("note"),
    )
