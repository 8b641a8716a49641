"""Which layer of a file is meant: one polygon layer is taken, several are scored, a tie stops.

The rule of reference rules.md §8.2: never the first one because it is the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo.errors import Say, VectorError
from geo.vectorinfo import LayerInfo
from layers.bureau import names
from layers.bureau.subcolumns import forest_columns
from layers.contract import SPECS

#: So many forest columns make a layer a sub-compartment layer.
_FOREST_COLUMNS: Final = 3
#: Share of a target's known fields that counts as much as its name.
_FIELDS_ENOUGH: Final = 0.6
_KINDS_ZH: Final = {"polygon": "面", "line": "线", "point": "点", "mixed": "混合", "": "表"}
#: Tables and rasters that no polygons make, whatever they are called.
_NOT_TARGETS: Final = frozenset(
    name for name, spec in SPECS.items() if spec.kind != "vector" and name != "land_cover"
)


@dataclass(frozen=True, slots=True)
class Match:
    """A layer of a file and what it is taken for.

    Parameters
    ----------
    info
        The layer.
    target
        Layer of the contract, or one of the words of :mod:`layers.bureau.names`.
    why
        What decided.
    """

    info: LayerInfo
    target: str
    why: Say


@dataclass(frozen=True, slots=True)
class _Scored:
    info: LayerInfo
    target: str
    points: float


def match(path: Path, infos: Sequence[LayerInfo], wanted: str | None, layer: str | None) -> Match:
    """Choose the layer of a file and the contract layer that it is.

    Parameters
    ----------
    path
        The file; its own name counts where it holds one layer only.
    infos
        Its layers.
    wanted
        Layer of the contract that the user asked for (``--as``), or None.
    layer
        Layer of the file that the user named (``--layer``), or None.

    Raises
    ------
    VectorError
        Nothing fits, or several do; lists the layers.
    """
    shapes = [info for info in infos if info.geometry]
    if layer is not None:
        shapes = [info for info in shapes if info.name == layer]
    fitting = [info for info in shapes if _fits(info, wanted)]
    if not fitting:
        raise _nothing(path, infos, wanted, layer)
    if wanted is None:
        return _recognised(path, fitting)
    if len(fitting) == 1:
        why = Say("文件中唯一合适的图层", "the only layer of the file that fits")
        target = _target(path, fitting[0], wanted)
        if layer is None:
            _refuse_other_name(path, fitting[0], wanted)
        return Match(fitting[0], target, why)
    scored = sorted(
        (_Scored(info, wanted, _points(info.name, info, wanted)) for info in fitting),
        key=lambda one: -one.points,
    )
    if scored[0].points <= 0 or scored[0].points == scored[1].points:
        raise _undecided(path, fitting, wanted)
    return Match(scored[0].info, _target(path, scored[0].info, wanted), _why(scored[0]))


def _fits(info: LayerInfo, wanted: str | None) -> bool:
    """Tell whether a layer can have the geometry that the wanted one needs."""
    if info.geometry == "mixed":
        return True
    spec = SPECS.get(wanted or "")
    if wanted is None:
        return True
    return info.geometry == (spec.geometry or "polygon" if spec else "polygon")


def _target(path: Path, info: LayerInfo, wanted: str) -> str:
    """Return what the layer is when the user calls it ``wanted``; refuse a known other thing."""
    best = _best(path.stem, info, alone=False)
    if best is not None and best.target in names.USELESS:
        raise useless(path, info.name, best.target)
    if wanted == "land_cover" and best is not None and best.target == "permanent_farmland":
        raise VectorError(
            path,
            Say(f"图层 {info.name} 是永久基本农田，其 DLBM 不是现状地类",
                f"layer {info.name} is basic farmland: its DLBM is not today's land"),
            Say("改用 DLTB（地类图斑）", "use DLTB, the polygons of the land survey"),
        )  # fmt: skip
    return wanted


def _refuse_other_name(path: Path, info: LayerInfo, wanted: str) -> None:
    """Refuse a layer whose own name says that it is another one, unless it was named."""
    other = SPECS.get(best.target) if (best := _best("", info, alone=False)) else None
    meant = names.score(info.name, wanted) if other is not None else 0
    if other is None or other.name == wanted or meant or names.score(info.name, other.name) == 0:
        return
    raise VectorError(
        path,
        Say(f"图层 {info.name} 的名称是“{other.title}”，不是“{SPECS[wanted].title}”",
            f"layer {info.name} is called as {other.title_en}, not {SPECS[wanted].title_en}"),
        Say(f"用 --as {other.name}；确要读作 {wanted}，加 --layer {info.name}",
            f"use --as {other.name}; if {wanted} is meant all the same, add --layer {info.name}"),
    )  # fmt: skip


def useless(path: Path, layer: str, target: str) -> VectorError:
    """Return the error for a layer that is known and that nothing can be made from."""
    if target == names.SLOPE_CLASSES:
        return VectorError(
            path,
            Say(f"图层 {layer} 是坡度分级图，PDJB 是级别，不是度数",
                f"layer {layer} holds slope classes: PDJB is a class, never degrees"),
            Say("登记数字高程模型（dem），坡度由它计算",
                "register a DEM; slope is computed from it"),
        )  # fmt: skip
    return VectorError(
        path,
        Say(f"图层 {layer} 是生态空间，不是生态保护红线",
            f"layer {layer} is ecological space, not the red line"),
        Say("改用 STBHHX（生态保护红线）", "use STBHHX, the red line"),
    )  # fmt: skip


def _recognised(path: Path, shapes: Sequence[LayerInfo]) -> Match:
    """Return the one layer that is recognised without being told what it is."""
    alone = len(shapes) == 1
    found = [best for info in shapes if (best := _best(path.stem, info, alone=alone)) is not None]
    if len(found) == 1 and (alone or found[0].points >= names.DECIDES):
        if found[0].target in names.USELESS:
            raise useless(path, found[0].info.name, found[0].target)
        return Match(found[0].info, found[0].target, _why(found[0]))
    raise _undecided(path, shapes, None)


def _best(stem: str, info: LayerInfo, *, alone: bool) -> _Scored | None:
    """Return what a layer most likely is, None when nothing decides or two tie."""
    targets = [name for name in names.known() if name not in _NOT_TARGETS]
    every = []
    for target in targets:
        points = _points(info.name, info, target)
        if alone:  # one layer in a file: the name of the file speaks for it too
            points = max(points, _points(stem, info, target))
        every.append(_Scored(info, target, points))
    every = [one for one in every if _fits(info, one.target)]
    every.sort(key=lambda one: -one.points)
    if not every or every[0].points < names.DECIDES or every[0].points == every[1].points:
        return None
    return every[0]


def _points(name: str, info: LayerInfo, target: str) -> float:
    """Return the score of name and fields together."""
    points = float(names.score(name, target))
    if target == names.SUBCOMPARTMENTS:
        enough = len(forest_columns(info.fields)) >= _FOREST_COLUMNS
        return points + (names.DECIDES if enough else 0.0)
    share = names.field_share(list(info.fields), target)
    if share >= _FIELDS_ENOUGH and points == 0:
        # farmland carries the fields of the survey too: fields alone rank below any name
        return names.DECIDES - 0.5
    return points + share


def _why(found: _Scored) -> Say:
    spec = SPECS.get(found.target)
    title = Say(spec.title, spec.title_en) if spec else Say("森林小班", "forest sub-compartments")
    return Say(f"图层名与字段合于“{title.zh}”", f"its name and fields are those of {title.en}")


def catalogue(shapes: Sequence[LayerInfo]) -> Say:
    """Return the layers of a file in one phrase: name, geometry, features."""
    zh = "；".join(f"{i.name}（{_KINDS_ZH[i.geometry]} {i.features:,} 个）" for i in shapes)
    en = "; ".join(f"{i.name} ({i.geometry or 'table'}, {i.features:,})" for i in shapes)
    return Say(zh, en)


def _undecided(path: Path, shapes: Sequence[LayerInfo], wanted: str | None) -> VectorError:
    every = catalogue(shapes)
    one = wanted or "LAYER"
    return VectorError(
        path,
        Say(f"有 {len(shapes)} 个图层，不能确定该读哪一个、读作什么",
            f"holds {len(shapes)} layers: which one to take, and as what, is not clear"),
        Say(f"用 --layer 图层名 --as {one} 指明；文件中有：{every.zh}",
            f"name it by --layer NAME --as {one}; the file holds: {every.en}"),
    )  # fmt: skip


def _nothing(
    path: Path, infos: Sequence[LayerInfo], wanted: str | None, layer: str | None
) -> VectorError:
    every = catalogue(infos)
    spec = SPECS.get(wanted or "")
    kind = f"（应为{_KINDS_ZH[spec.geometry]}）" if spec and spec.geometry else ""
    kind_en = f" (of {spec.geometry}s)" if spec and spec.geometry else ""
    return VectorError(
        path,
        Say(f"没有合适的图层{f' {layer}' if layer else ''}{kind}",
            f"has no layer that fits{f' called {layer}' if layer else ''}{kind_en}"),
        Say(f"换用合适的图层（--layer、--as）；文件中有：{every.zh}",
            f"name one that fits by --layer and --as; the file holds: {every.en}"),
    )  # fmt: skip
