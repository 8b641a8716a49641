"""What ``shiyan catalog add`` says: what a file was taken for, and the entry it would write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from geo.errors import OptionError, Say
from geo.vectorinfo import LayerInfo
from layers.bureau.understand import Understanding, Wish
from layers.catalog import Addition
from layers.contract import SPECS

_KINDS = {
    "polygon": Say("面", "polygons"), "line": Say("线", "lines"), "point": Say("点", "points"),
    "mixed": Say("混合几何", "mixed geometry"), "": Say("表", "table"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Words:
    """The options of ``catalog add`` as typed."""

    layer: str | None = None
    inside: str | None = None
    crs: str | None = None
    datum: str | None = None
    encoding: str | None = None
    columns: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    fill: tuple[str, ...] = ()
    coverage: str | None = None
    acquired: str | None = None


def wish_of(words: Words) -> Wish:
    """Return the options as a :class:`Wish`.

    Raises
    ------
    OptionError
        An option that is not ``A=B``, or a layer that does not exist.
    """
    if words.layer is not None and words.layer not in SPECS and words.layer != "subcompartments":
        from layers.explain import nearest

        hint = nearest(words.layer, [*SPECS, "subcompartments"])
        raise OptionError(
            f"--as {words.layer}",
            Say("没有这个图层", "there is no such layer"),
            Say(f"是否想写 {hint}", f"did you mean {hint}"),
        )
    values: dict[str, dict[str, str]] = {}
    for text in words.values:
        left, meaning = _pair("--value", text, "字段:代码=含义", "COLUMN:CODE=MEANING")
        column, colon, code = left.partition(":")
        if not colon:
            raise _bad("--value", text, "字段:代码=含义", "COLUMN:CODE=MEANING")
        values.setdefault(column, {})[code] = meaning
    crs = words.crs
    if crs is not None and crs.isdigit():
        crs = f"EPSG:{crs}"
    return Wish(
        None if words.layer == "subcompartments" else words.layer, words.inside, crs,
        words.datum, words.encoding, dict(_pairs("--column", words.columns, "原字段=规定字段")),
        values, dict(_pairs("--set", words.fill, "字段=值")), words.coverage, words.acquired,
    )  # fmt: skip


def _pairs(option: str, texts: Iterable[str], zh: str) -> list[tuple[str, str]]:
    return [_pair(option, text, zh, "A=B") for text in texts]


def _pair(option: str, text: str, zh: str, en: str) -> tuple[str, str]:
    left, equal, right = text.rpartition("=")
    if not equal or not left:
        raise _bad(option, text, zh, en)
    return left, right


def _bad(option: str, text: str, zh: str, en: str) -> OptionError:
    return OptionError(
        f"{option} {text}",
        Say(f"应写作 {zh}", f"should be {en}"),
        Say(f"例如 {option} {zh}", f"for example {option} {en}"),
    )


def addition_lines(addition: Addition, lang: str) -> list[str]:
    """Return what was understood, one line a fact, then the entries as YAML."""
    lines = [say.of(lang) for say in _facts(addition.found)]
    lines.append(Say(f"覆盖：{addition.coverage[1].zh}",
                     f"Coverage: {addition.coverage[1].en}").of(lang))  # fmt: skip
    for one in addition.planned:
        spec = SPECS[one.layer]
        lines.append(f"→ {one.layer} {Say(spec.title, spec.title_en).of(lang)}")
        lines += [f"  {say.of(lang)}" for say in one.says]
    lines += [f"! {say.of(lang)}" for say in addition.refused]
    if addition.found.shift.kind:
        shift = addition.found.shift
        lines.append(f"! {shift.what().of(lang)} → {shift.cure().of(lang)}")
    if addition.replaces:
        names = ", ".join(addition.replaces)
        lines.append(Say(f"将替换条目 {names}", f"Replaces {names}").of(lang))
    return [*lines, "", *"".join(addition.blocks.values()).splitlines(), ""]


def _facts(found: Understanding) -> list[Say]:
    info = found.match.info
    others = [_layer(one) for one in found.infos if one.name != info.name]
    facts = [
        Say(f"文件：{found.path}（{found.driver}）", f"File: {found.path} ({found.driver})"),
        Say(f"图层：{_layer(info).zh}；{found.match.why.zh}",
            f"Layer: {_layer(info).en}; {found.match.why.en}"),
    ]  # fmt: skip
    if others:
        zh, en = "；".join(s.zh for s in others), "; ".join(s.en for s in others)
        facts.append(Say(f"另有：{zh}", f"Also in it: {en}"))
    facts.append(Say(f"坐标系：{found.crs}（{found.why_crs.zh}）",
                     f"CRS: {found.crs} ({found.why_crs.en})"))  # fmt: skip
    if found.area_km2:
        km2, mu = f"{found.area_km2:,.2f}", f"{found.wan_mu:,.2f}"
        facts.append(Say(f"面积：{km2} km²，合 {mu} 万亩", f"Area: {km2} km2 = {mu} x 10,000 mu"))
    if found.named:
        facts.append(Say(f"文字可读，含县名：{'、'.join(found.named)}",
                         f"Its text is sound: it names {', '.join(found.named)}"))  # fmt: skip
    pairs = zip(found.repairs.lines("zh"), found.repairs.lines("en"), strict=True)
    facts += [Say(f"修复：{zh}", f"Repair: {en}") for zh, en in pairs]
    facts.append(Say(f"sha256：{found.sha256}", f"sha256: {found.sha256}"))
    return facts


def _layer(info: LayerInfo) -> Say:
    kind = _KINDS[info.geometry]
    return Say(f"{info.name}（{kind.zh} {info.features:,} 个）",
               f"{info.name} ({info.features:,} {kind.en})")  # fmt: skip


def addition_json(addition: Addition, lang: str, *, written: bool) -> Mapping[str, Any]:
    """Return the same as one JSON-ready object."""
    found = addition.found
    return {
        "schema": "shiyan-atlas/catalog-add/1",
        "file": str(found.path),
        "driver": found.driver,
        "layer": found.match.info.name,
        "why": found.match.why.of(lang),
        "crs": found.crs,
        "why_crs": found.why_crs.of(lang),
        "features": found.match.info.features,
        "area_km2": round(found.area_km2, 4),
        "area_wan_mu": round(found.wan_mu, 4),
        "counties": dict(found.counties),
        "coverage": addition.coverage[0],
        "repairs": found.repairs.lines(lang),
        "sha256": found.sha256,
        "shift": found.shift.kind,
        "entries": [
            {"layer": one.layer, "says": [say.of(lang) for say in one.says]}
            for one in addition.planned
        ],
        "refused": [say.of(lang) for say in addition.refused],
        "catalog": str(Path(addition.catalog)),
        "written": written,
    }
