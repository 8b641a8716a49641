"""Yield of the sites as a reader sees it: months, losses, the picture of a technology's energy.

Months are modelled and say so. Wind without a fine map has no energy: hours at which it would
break even stand in its place, and no picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from affine import Affine

from atlas.part import ClassView, PatternRaster, RasterFile, Swatch
from atlas.parts._siting_found import PLACE, number
from atlas.parts._siting_words import Lang
from atlas.report.bars import Bar, bars_svg
from atlas.text import THIN, figure
from geo.errors import Say
from geo.grid import Grid
from geo.passport import Passport
from siting.law.terms import Technology
from siting.pv.sites import PvResult
from siting.pv.yields import PvField
from siting.study import Study, TechnologyStudy
from siting.wind.sites import WindResult

Block = Mapping[str, Any]
Cells = npt.NDArray[np.float32]
MONTHS: Final = tuple(f"month_{month:02d}" for month in range(1, 13))
#: Cells of the picture of a quantity: the page stays light, the file has all of them.
_MAP_CELLS: Final = 900_000
_CLASSES: Final = 7
OUTSIDE: Final = 65535
_NO_NOTE: Final = Say("", "")
#: Held together by word joiners on the narrow button of a view.
_NO_ENERGY: Final = "\u2060".join("非发电量")
_NO_YIELD: Final = 65535
#: Steps of the cascade that a card shows; the report has all.
_MAIN_STEPS: Final[Mapping[str, Say]] = {
    "ghi": Say("水平面", "horizontal"),
    "plane": Say("倾斜面", "plane"),
    "horizon": Say("地形后", "terrain"),
    "rows": Say("排间后", "rows"),
    "temperature": Say("温度后", "temperature"),
    "inverter": Say("逆变后", "inverter"),
    "availability": Say("并网侧", "grid side"),
}
#: A perceptual ramp, dark = little, bright = much, in grey order.
_RAMP: Final = (
    "#440154", "#443983", "#31688e", "#21918c", "#35b779", "#90d743", "#fde725",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A quantity of cells that the map and a file show."""

    name: str
    title: Say
    unit: str
    cells: Cells
    passport: Passport
    about: Say = _NO_NOTE


def picture(one: TechnologyStudy) -> Picture | None:
    """Return the yield of the cells; None where there is none."""
    field = one.field
    if field is None:
        return _light(one)
    if isinstance(field, PvField):
        title = Say("光伏单位电量", "PV yield")
        return Picture("pv_kwh_per_kwp", title, "kWh/kWp", field.annual, field.passport)
    cells = field.net_h if field.usable else None
    if cells is None:
        return None
    title = Say("风电净满发小时", "wind net full-load hours")
    return Picture("wind_net_hours", title, "h/a", cells, field.passport)


def _light(one: TechnologyStudy) -> Picture | None:
    """Return what terrain does to the light, where no irradiation is known."""
    result = one.result
    if not isinstance(result, PvResult) or result.light is None:
        return None
    title = Say(f"地形光照 {_NO_ENERGY}", "terrain light, no yield")
    cells = result.light * np.float32(100.0)
    about = Say("（平地 = 100 %，不是发电量）", " (flat ground = 100 %, no yield)")
    return Picture("pv_terrain_light", title, "%", cells, result.passport, about)


def yield_file(study: Study, one: TechnologyStudy) -> RasterFile | None:
    """Return the yield as a file of ``layers/``, in whole units: it is known to a per cent."""
    found = picture(one)
    if found is None:
        return None
    known = np.isfinite(found.cells)
    whole = np.full(found.cells.shape, _NO_YIELD, np.uint16)  # a calm valley has 0 hours: known
    whole[known] = np.rint(found.cells[known])
    return RasterFile(found.name, study.grid, whole, _NO_YIELD, found.unit, found.passport)


def yield_raster(study: Study, one: TechnologyStudy, lang: Lang) -> PatternRaster | None:
    """Return the yield as a view of the map: seven classes of equal area."""
    found = picture(one)
    if found is None or not np.isfinite(found.cells).any():
        return None
    cells, grid = coarser(found.cells, study.grid, _MAP_CELLS)
    inside = np.isfinite(cells)
    edges = _edges(cells[inside])
    index = np.full(cells.shape, OUTSIDE, np.uint16)
    index[inside] = np.searchsorted(edges[1:-1], cells[inside], side="right")
    synthetic = found.passport.synthetic
    swatches, cards = [], []
    for i, colour in enumerate(_RAMP):
        low, high = edges[i], edges[i + 1]
        unit = f" {found.unit}" if i == 0 else ""
        about = found.about if i == 0 else _NO_NOTE
        reach = f"{low:,.0f}-{high:,.0f}{unit}"
        label = Say(f"{reach}{about.zh}", f"{reach}{about.en}")
        swatches.append(Swatch(label, colour, 0.85, synthetic=synthetic))
        cards.append(_class_card(one, found, low, high, lang))
    key = one.technology.value
    view = ClassView(
        f"{key}_yield", found.title, tuple(swatches), np.arange(_CLASSES, dtype=np.uint8), cards,
        of=key, tabs=("siting",),
    )  # fmt: skip
    return PatternRaster(grid, index, (view,), found.passport)


def _edges(values: Cells) -> npt.NDArray[np.float64]:
    """Return class edges at round figures between the percentiles 2 and 98."""
    low, high = (float(v) for v in np.percentile(values, (2, 98)))
    step = max((high - low) / _CLASSES, 1.0)
    nice = next(m for m in (1, 2, 3, 5, 10, 20, 25, 50, 100, 200, 500, 1000) if m >= step * 0.9)
    first = np.floor(low / nice) * nice
    edges = first + nice * np.arange(_CLASSES + 1)
    edges[-1] = max(edges[-1], float(np.ceil(values.max() / nice) * nice))
    edges[0] = min(edges[0], float(np.floor(values.min() / nice) * nice))
    return np.asarray(edges, np.float64)


def _class_card(
    one: TechnologyStudy, found: Picture, low: float, high: float, lang: Lang
) -> dict[str, Any]:
    said = field_text(one)
    notes = [] if said is None else [said.of(lang)]
    value = f"{low:,.0f}-{high:,.0f}"
    return {
        "headline": [
            {
                "label": found.title.of(lang),
                "value": value,
                "unit": f"{found.unit}{found.about.of(lang)}",
            }
        ],
        "notes": [
            *notes,
            Say(
                "图为若干像元的均值，只供观看；场址的数值见其卡片和 tables.xlsx",
                "the picture shows means of cells; figures of a site stand on its card and in"
                " tables.xlsx",
            ).of(lang),
        ],
    }


def coarser(cells: Cells, grid: Grid, most: int) -> tuple[Cells, Grid]:
    """Return means of square blocks of cells so that at most ``most`` are left, and their grid.

    A block without any cell stays empty.
    """
    k = 1
    while (grid.rows // k + 1) * (grid.cols // k + 1) > most:
        k += 1
    if k == 1:
        return cells, grid
    rows, cols = -(-grid.rows // k), -(-grid.cols // k)
    total = np.zeros((rows, cols), np.float32)
    count = np.zeros((rows, cols), np.float32)
    for i in range(k):
        for j in range(k):
            part = cells[i::k, j::k]
            ok = np.isfinite(part)
            total[: part.shape[0], : part.shape[1]] += np.where(ok, part, np.float32(0))
            count[: part.shape[0], : part.shape[1]] += ok
    mean = np.full((rows, cols), np.nan, np.float32)
    np.divide(total, count, out=mean, where=count > 0)
    t = grid.transform
    return mean, Grid(grid.crs, Affine(t.a * k, 0, t.c, 0, t.e * k, t.f), (rows, cols))


# ---- the card
def month_chart(row: Mapping[str, Any], lang: Lang) -> Block | None:
    """Return the months of a site as bars; None without them."""
    values = [number(row, key) for key in MONTHS]
    if not np.isfinite(values).all():
        return None
    top = max(values)
    return {
        "type": "chart",
        "title": Say("各月单位电量", "yield by month").of(lang),
        "subtitle": Say(
            "kWh/kWp（直流），模型推算：典型日按月缩放，非实测",
            "kWh/kWp DC, modelled: typical days scaled by month, not measured",
        ).of(lang),
        "unit": "kWh/kWp",
        "x": [0.4, 12.6],
        "y": [0.0, float(np.ceil(top / 20) * 20)],
        "marks": [[m, f"{m}{Say('月', '').of(lang)}"] for m in (1, 4, 7, 10)],
        "series": [
            {"kind": "bars", "label": "", "tone": "pv", "x": list(range(1, 13)),
             "y": [round(v, 1) for v in values]}
        ],
    }  # fmt: skip


def yield_rows(one: TechnologyStudy, row: Mapping[str, Any], lang: Lang) -> list[dict[str, str]]:
    """Return the rows of a card about capacity and energy."""
    pv = one.technology is Technology.PV
    rows = _pv_rows(one, row, lang) if pv else _wind_rows(one, row)
    energy = number(row, "energy_gwh")
    if not np.isfinite(energy):
        said = one.result.yield_text
        none = Say("未给出", "none given").of(lang)
        rows.insert(1 if pv else 0, (Say("年发电量", "annual energy"), none, said))
    return [{"label": a.of(lang), "value": b, "note": c.of(lang)} for a, b, c in rows]


def _pv_rows(
    one: TechnologyStudy, row: Mapping[str, Any], lang: Lang
) -> list[tuple[Say, str, Say]]:
    rows = [(Say("容量（直流）", "capacity DC"), f"{figure(row['capacity_mwp'])}{THIN}MWp",
             Say("", ""))]  # fmt: skip
    each = number(row, "kwh_per_kwp")
    if np.isfinite(each):
        hours = number(row, "hours_ac")
        note = Say("直流，首年", "DC, first year")
        if np.isfinite(hours):
            note = Say(f"直流，首年；交流等效 {hours:,.0f} h", f"DC, first year; {hours:,.0f} h AC")
        rows.append((Say("单位电量", "specific yield"), f"{each:,.0f}{THIN}kWh/kWp", note))
    loss = number(row, "terrain_loss")
    if np.isfinite(loss):
        value = f"{100 * loss:.1f}{THIN}%"
        note = Say(
            "比同光照的平坦开阔地：遮挡、天空与坡面行距；负为增益",
            "against flat open ground in the same light: horizon, sky, rows; negative = gain",
        )
        rows.append((Say("地形损失", "terrain loss"), value, note))
    cascade = cascade_text(one, int(row[PLACE]), lang)
    if cascade:
        note = Say(
            "每年；辐射 kWh/m²，并网侧交流 kWh/kWp",
            "a year; light kWh/m², grid side AC kWh/kWp",
        )
        rows.append((Say("损失链", "losses"), cascade, note))
    return rows


def cascade_text(one: TechnologyStudy, place: int, lang: Lang) -> str:
    """Return the main steps of a site's losses in one line, from horizontal irradiation to AC."""
    if not isinstance(one.result, PvResult) or one.result.detail is None or place < 0:
        return ""
    if one.result.field is None:
        return ""
    left = one.result.detail.steps[place]
    if not np.isfinite(left).all():
        return ""
    at = {step.key: i for i, step in enumerate(one.result.field.steps)}
    return " → ".join(
        f"{name.of(lang)} {left[at[key]]:,.0f}" for key, name in _MAIN_STEPS.items() if key in at
    )


def cascade_svg(one: TechnologyStudy, lang: Lang) -> str:
    """Return the whole chain of losses as bars, mean of the sites by capacity; empty without."""
    result = one.result
    if not isinstance(result, PvResult) or result.detail is None or result.field is None:
        return ""
    left, weight = result.detail.steps, result.found.mw
    ok = np.isfinite(left).all(axis=1) & np.isfinite(weight)
    if not ok.any():
        return ""
    mean = np.average(left[ok], axis=0, weights=weight[ok])
    bars, before = [], float(mean[0])
    for step, value in zip(result.field.steps, mean.tolist(), strict=True):
        change = f"（{_change(value, before)} %）" if step is not result.field.steps[0] else ""
        bars.append(Bar(step.title.of(lang), value, value, f"{value:,.0f}{change}", "#b97900"))
        before = value
    title = Say("从水平面总辐射到并网侧交流", "from horizontal irradiation to AC at the grid side")
    about = Say(
        "候选场址按容量平均，每年；辐射为 kWh/m²，最后一步为 kWh/kWp（直流），两者同标度",
        "mean of the sites by capacity, a year; light in kWh/m², last step kWh/kWp DC, one scale",
    )
    return bars_svg(title.of(lang), about.of(lang), bars, ("", ""))


def _change(value: float, before: float) -> str:
    """Return a change in per cent with its sign; 0.0 has none."""
    shown = f"{100 * (value / before - 1):+.1f}"
    return "0.0" if shown in {"+0.0", "-0.0"} else shown


def _wind_rows(one: TechnologyStudy, row: Mapping[str, Any]) -> list[tuple[Say, str, Say]]:
    rows: list[tuple[Say, str, Say]] = []
    count = number(row, "turbines")
    if np.isfinite(count):
        machine = one.result.turbine.name if isinstance(one.result, WindResult) else ""
        rows.append((Say("机位（台）", "turbines"), f"{count:.0f}", Say(machine, machine)))
    net, gross = number(row, "net_hours"), number(row, "gross_hours")
    if np.isfinite(net):
        note = Say("", "")
        if np.isfinite(gross):
            note = Say(f"毛 {gross:,.0f} h，含尾流与可利用率损失",
                       f"gross {gross:,.0f} h; wake and availability taken off")  # fmt: skip
        rows.append((Say("净满发小时", "net hours"), f"{net:,.0f}{THIN}h/a", note))
    noise = number(row, "noise_db")
    if np.isfinite(noise):
        margin, away = number(row, "noise_margin_db"), number(row, "nearest_home_m")
        note = Say("", "")
        if np.isfinite(margin):
            zh = f"余 {margin:.1f}" if margin >= 0 else f"超 {-margin:.1f}"
            en = "below" if margin >= 0 else "above"
            note = Say(
                f"对所在声功能区限值{zh} dB；最近居民点 {away:,.0f} m",
                f"{abs(margin):.1f} dB {en} the limit of the zone; nearest home {away:,.0f} m",
            )
        rows.append((Say("噪声（最近居民点）", "noise at homes"), f"{noise:.1f}{THIN}dB(A)", note))
    height = number(row, "relative_height_m")
    if np.isfinite(height):
        note = Say("地形描述，不计分", "descriptor, not scored")
        rows.append((Say("相对高度", "relative height"), f"{figure(height)}{THIN}m", note))
    return rows


def energy_headline(row: Mapping[str, Any], lang: Lang) -> dict[str, str] | None:
    """Return the energy of a site for the head of its card; None without one."""
    energy = number(row, "energy_gwh")
    if not np.isfinite(energy):
        return None
    label = Say("年上网电量", "energy a year").of(lang)
    if lang == "en":
        return {"label": label, "value": figure(energy), "unit": "GWh/a"}
    return {"label": label, "value": figure(energy / 100.0), "unit": "亿千瓦时"}


def field_text(one: TechnologyStudy) -> Say | None:
    """Return how the yield came about and what of it is modelled."""
    field = one.field
    if field is None:
        return None
    parts = (field.text, field.modelled) if isinstance(field, PvField) else (
        field.text, *field.basis
    )  # fmt: skip
    return Say("；".join(p.zh for p in parts), "; ".join(p.en for p in parts))
