"""From what a file is to the catalog entries that say so: columns, codes, what is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from geo.crs import polygon_areas
from geo.errors import InputError, Say, TableError
from layers.bureau import names
from layers.bureau.landcodes import land_classes
from layers.bureau.strata import strata
from layers.bureau.subcolumns import columns_of, forest_columns
from layers.bureau.subcompartments import derive, shrub_cover
from layers.bureau.told import filled, forest_values, plain_values, refuse_unused
from layers.bureau.understand import Understanding, Wish
from layers.bureau.vocabulary import BLANK, headings, left_over, translated
from layers.contract import SPECS, LayerSpec
from layers.entry import SUBCOMPARTMENT_LAYERS, Adapter

#: Fewest forest columns by which a file of one of these layers is taken for sub-compartments.
_FOREST_COLUMNS: Final = 2
_VECTOR_DRIVER: Final = "ogr"


@dataclass(frozen=True, slots=True)
class Planned:
    """One entry to be written.

    Parameters
    ----------
    layer
        Layer of the contract.
    kind, driver
        Of the entry.
    adapter
        Keys of the entry's adapter; empty ones left out.
    says
        What was understood and what will be unknown.
    """

    layer: str
    kind: str
    driver: str
    adapter: Mapping[str, Any]
    says: tuple[Say, ...]


def plan(found: Understanding, wish: Wish) -> tuple[list[Planned], list[Say]]:
    """Return the entries that a file gives, and why it gives no others.

    Raises
    ------
    TableError, InputError
        A column that the layer needs is not there, or its codes have no meaning.
    """
    target = found.match.target
    forest = len(forest_columns(found.columns)) >= _FOREST_COLUMNS
    if target == names.SUBCOMPARTMENTS or (target in SUBCOMPARTMENT_LAYERS and forest):
        return _forest(found, wish)
    spec = SPECS.get(target)
    if target == "land_cover":
        return [_land(found, wish)], []
    if spec is None or spec.kind != "vector":
        raise InputError(
            found.path,
            Say(f"矢量文件不能给出图层 {target}", f"a vector file cannot give the layer {target}"),
            Say("用 --as 指明一个矢量图层", "name a vector layer by --as"),
        )
    return [_plain(found, wish, spec)], []


def _land(found: Understanding, wish: Wish) -> Planned:
    refuse_unused("land_cover", value=wish.values, set=wish.fill)
    columns = {column.upper(): column for column in found.columns}
    columns |= {new: old for old, new in wish.columns.items()}
    code = columns.get("DLBM")
    if code is None:
        raise TableError(
            found.path,
            Say("地类图斑缺少 DLBM", "the land survey lacks DLBM"),
            Say("用 --column 原字段=DLBM 指明", "name it by --column OLD=DLBM"),
        )
    made = land_classes(found.frame, code, columns.get("DLMC"), str(found.path))
    survey = Say("三调四位编码", "four digits, third survey")
    if made.survey == "second":
        survey = Say("二调三位编码", "three digits, second survey")
    says = [Say(f"{code}：{survey.zh}", f"{code}: {survey.en}")]
    says += [Say(note, note) for note in made.notes()]
    rename = {old: new for new in ("DLBM", "DLMC") if (old := columns.get(new)) not in (None, new)}
    return Planned("land_cover", "raster", "landsurvey", _kept(rename, {}, {}), tuple(says))


def _forest(found: Understanding, wish: Wish) -> tuple[list[Planned], list[Say]]:
    """Return an entry for every layer that the sub-compartments give."""
    refuse_unused("subcompartments", set=wish.fill)
    rename = {old: new for new, old in columns_of(
        found.columns, wish.columns, str(found.path)).items() if old != new}  # fmt: skip
    values = forest_values(wish.values, found.columns, wish.columns)
    adapter = Adapter.model_validate({"rename": rename, "values": values})
    one = found.match.target if found.match.target in SUBCOMPARTMENT_LAYERS else None
    made: list[Planned] = []
    refused: list[Say] = []
    for layer in sorted(SUBCOMPARTMENT_LAYERS) if one is None else [one]:
        try:
            says = _tried(found, layer, adapter, wish)
        except TableError as fault:
            if one is not None:
                raise
            zh, en = f"不能给出 {layer}：{fault.what.zh}", f"gives no {layer}: {fault.what.en}"
            refused.append(Say(zh, en))
            continue
        kind = SPECS[layer].kind
        made.append(Planned(layer, kind, "subcompartments", _kept(rename, values, {}), says))
    if not made:
        raise TableError(
            found.path,
            Say("小班给不出任何图层：" + "；".join(say.zh for say in refused),
                "the sub-compartments give no layer: " + "; ".join(say.en for say in refused)),
            Say("用 --value 字段:代码=含义 写明代码",
                "explain the codes by --value COLUMN:CODE=MEANING"),
        )  # fmt: skip
    return made, refused


def _tried(found: Understanding, layer: str, adapter: Adapter, wish: Wish) -> tuple[Say, ...]:
    """Make a layer from the sub-compartments and say how much there is of it."""
    subject = str(found.path)
    if layer == "forest_strata":
        if wish.acquired is None:
            raise TableError(
                subject,
                Say("不知道小班的年度", "the year of the sub-compartments is not known"),
                Say("用 --acquired 写明，如 2023-12-31", "give it by --acquired, 2023-12-31"),
            )
        if not found.whole and wish.coverage != "region":
            names_zh = "、".join(found.counties.values())
            raise TableError(
                subject,
                Say(f"只有 {names_zh} 的小班，不能当作全市的森林",
                    f"holds {', '.join(found.counties)} only, not the forest of the city"),
                Say("登记全市小班；确是全市时用 --coverage region",
                    "register those of the city; if they are, use --coverage region"),
            )  # fmt: skip
        table = strata(found.frame, adapter, subject)
        area, stock = table["area_ha"].sum(), table["volume_m3"].sum()
        zh = f"{area:,.1f} 公顷，蓄积 {stock:,.0f} m³"
        return (Say(zh, f"{area:,.1f} ha, stock {stock:,.0f} m3"),)
    if layer == "shrub_cover":
        covers, notes = shrub_cover(found.frame, adapter, subject)
        n = int(((covers > 0) & (covers <= 100)).sum())
        return (Say(f"{n:,} 个灌木小班有盖度", f"{n:,} shrub sub-compartments have a cover"),
                *(Say(note, note) for note in notes))  # fmt: skip
    made = derive(found.frame, layer, adapter, subject)
    km2 = float(polygon_areas(made.frame).sum()) / 1e6 if len(made.frame) else 0.0
    says = Say(f"{len(made.frame):,} 个小班，{km2:,.2f} km²",
               f"{len(made.frame):,} sub-compartments, {km2:,.2f} km2")  # fmt: skip
    return (says, *(Say(note, note) for note in made.notes))


def _plain(found: Understanding, wish: Wish, spec: LayerSpec) -> Planned:
    """Return the entry of an ordinary vector layer."""
    rename = dict(wish.columns)
    told = set(rename.values()) | set(wish.fill)
    open_columns = [name for name in spec.columns if name not in told]
    fill = filled(wish.fill, spec)
    says: list[Say] = []
    for name, candidates in headings(found.columns, open_columns).items():
        if len(candidates) > 1:
            raise _which(found, name, candidates)
        if not candidates and name not in BLANK:
            raise _absent(found, name)
        if not candidates:
            fill[name] = BLANK[name]
            says.append(_blank(name))
        elif candidates[0] != name:
            rename[candidates[0]] = name
    rename |= _optional(found, spec, {*told, *fill})
    values = plain_values(wish.values, spec, rename)
    for old, new in rename.items():
        says.append(Say(f"字段 {old} 读作 {new}", f"column {old} is read as {new}"))
    for name in spec.columns:
        says += _words(found, spec, name, rename, values, filled(wish.fill, spec))
    if "synthetic" in found.columns:
        says.append(
            Say(
                "文件带 synthetic 字段：标为真的要素使整层按演示数据计",
                "has a column synthetic: if true anywhere, the layer counts as demo",
            )
        )
    return Planned(spec.name, "vector", _VECTOR_DRIVER, _kept(rename, values, fill), tuple(says))


def _optional(found: Understanding, spec: LayerSpec, told: set[str]) -> dict[str, str]:
    """Return column of the file -> optional column of the layer, where the heading says so."""
    rename: dict[str, str] = {}
    for name, candidates in headings(
        found.columns, [n for n in spec.optional if n not in told]
    ).items():
        if len(candidates) > 1:
            raise _which(found, name, candidates)
        if candidates and candidates[0] != name:
            rename[candidates[0]] = name
    return rename


def _words(
    found: Understanding, spec: LayerSpec, name: str, rename: Mapping[str, str],
    values: dict[str, dict[str, Any]], told: Mapping[str, Any],
) -> list[Say]:  # fmt: skip
    """Translate the words of a column and say which stay without a meaning."""
    source = next((old for old, new in rename.items() if new == name), name)
    if source in found.frame.columns:
        seen = found.frame[source].unique()
    elif name in told:
        seen = np.array([told[name]], dtype=object)
    else:
        return []
    words = translated(spec.name, name, seen)
    if words:
        values[name] = {**words, **values.get(name, {})}
    left = left_over(spec.name, name, seen, values.get(name, {}))
    if not left:
        return []
    few = "、".join(value or "（空）" for value in left[:6])
    return [Say(f"{source} 的值 {few} 没有对应，将按未知计",
                f"values {few} of {source} have no meaning and will count as unknown")]  # fmt: skip


def _blank(name: str) -> Say:
    if name == "name":
        return Say("没有名称字段，要素将无名", "there is no name column: features stay unnamed")
    return Say(f"没有 {name} 字段：凡按 {name} 区分的规则将读作未知",
               f"there is no {name}: rules that ask for it will read unknown")  # fmt: skip


def _which(found: Understanding, name: str, candidates: list[str]) -> TableError:
    option = f"--column {candidates[0]}={name}"
    return TableError(
        found.path,
        Say(f"字段 {'、'.join(candidates)} 都可能是 {name}",
            f"columns {', '.join(candidates)} may all be {name}"),
        Say(f"用 {option} 指明", f"name it by {option}"),
    )  # fmt: skip


def _absent(found: Understanding, name: str) -> TableError:
    present = ", ".join(found.columns[:20])
    return TableError(
        found.path,
        Say(f"缺少字段 {name}（现有：{present}）", f"lacks {name} (it has: {present})"),
        Say(f"用 --column 原字段={name}，或 --set {name}=值",
            f"use --column OLD={name}, or --set {name}=VALUE"),
    )  # fmt: skip


def _kept(
    rename: Mapping[str, str], values: Mapping[str, Any], fill: Mapping[str, Any]
) -> dict[str, Any]:
    adapter = {"rename": dict(rename), "values": dict(values), "fill": dict(fill)}
    return {key: value for key, value in adapter.items() if value}
