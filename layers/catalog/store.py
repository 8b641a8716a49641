"""Open a catalog by profile name, by file, or as the one-entry catalog of a DEM."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from geo.errors import CatalogError, OptionError, RasterError, Say
from layers.catalog import paths
from layers.catalog.model import Catalog, CatalogFile, Profile
from layers.entry import COVERAGE_ONLY, Driver, Entry, Source, check_entry
from layers.explain import nearest, validate
from layers.yaml_safe import Document, Where, load_yaml

_YAML: Final = frozenset({".yaml", ".yml"})
_DEM: Final = {".tif": "geotiff", ".tiff": "geotiff", ".asc": "aaigrid"}
#: Region of a catalog that is nothing but a DEM.
TERRAIN: Final = "terrain"


def open_catalog(profile_or_path: str) -> Catalog:
    """Open a catalog.

    Parameters
    ----------
    profile_or_path
        A profile of the project's own catalog (``demo``, ``bureau``); a catalog file
        (``FILE.yaml``, or ``FILE.yaml#profile`` when it holds several); or a DEM
        (``.tif``, ``.asc``), which becomes a catalog of one entry.

    Raises
    ------
    CatalogError
        When the catalog is malformed or unsafe; names file, line and key.
    RasterError
        When the DEM does not exist.
    OptionError
        When the name is neither.
    """
    whole = Path(profile_or_path)
    if whole.suffix.lower() in _DEM:
        return _dem_catalog(whole)
    if whole.suffix.lower() in _YAML:
        return _open_file(whole, "")
    text, _, chosen = profile_or_path.rpartition("#")
    if Path(text).suffix.lower() in _YAML:
        return _open_file(Path(text), chosen)
    return _open_file(paths.catalog_file(), profile_or_path, named=True)


def _open_file(path: Path, chosen: str, *, named: bool = False) -> Catalog:
    document = load_yaml(path)
    profiles = _profiles(document)
    name = chosen or (next(iter(profiles)) if len(profiles) == 1 else "")
    if name not in profiles:
        if not profiles:
            raise CatalogError(
                document.name,
                Say("没有任何目录配置", "holds no profile at all"),
                Say("在 profiles: 下写一个配置", "write one below profiles:"),
            )
        hint = nearest(name, profiles)
        error = OptionError if named else CatalogError
        raise error(
            f"--data {name}" if named else document.name,
            Say(f"没有名为“{name}”的目录配置", f"there is no catalog profile {name!r}"),
            Say(f"可用：{hint}；或给出 .yaml、.tif、.asc 文件",
                f"use {hint}, or a .yaml, .tif or .asc file"),
        )  # fmt: skip
    return _catalog(document, profiles, name, path)


def _profiles(document: Document) -> dict[str, tuple[Profile, Where]]:
    """Return the profiles; a file with ``entries`` at the top is one profile."""
    data = document.data
    if not isinstance(data, dict):
        raise CatalogError(
            document.name,
            Say("不是目录文件：顶层应为键值表", "is no catalog: the top must be a mapping"),
            Say("写 profiles: 或 entries:", "write profiles: or entries:"),
        )
    if "entries" in data:
        stem = Path(document.name).stem
        return {stem: (validate(Profile, document), ())}
    file: CatalogFile = validate(CatalogFile, document)
    return {name: (profile, ("profiles", name)) for name, profile in file.profiles.items()}


def _catalog(
    document: Document,
    profiles: Mapping[str, tuple[Profile, Where]],
    name: str,
    path: Path,
    inside: tuple[str, ...] = (),
) -> Catalog:
    own, where = profiles[name]
    line = document.line_of((*where, "extends"))
    profile = _extended(own, profiles, name, f"{document.name}:{line}")
    lines = {
        entry: document.line_of((*where, "entries", entry)) if entry in own.entries else line
        for entry in profile.entries
    }
    _check_entries(profile, lines, document.name)
    stand_ins = {}
    for entry_name, entry in profile.entries.items():
        other = entry.stand_in
        if other is None or other in stand_ins:
            continue
        if other in (*inside, name):
            raise CatalogError(
                document.name,
                Say(f"stand_in 循环引用 {other}", f"stand_in runs in a circle through {other}"),
                Say("替身要指向另一个配置", "point the stand_in to another profile"),
            )
        if other in profiles:
            stand_ins[other] = _catalog(document, profiles, other, path, (*inside, name))
        else:
            stand_ins[other] = _bundled(other, f"{document.name}:{lines[entry_name]}")
    subject = f"{document.name}:{document.line_of((*where, 'root'))}"
    return Catalog(
        name=name,
        path=path,
        root=paths.root_folder(profile.root, path.resolve().parent, subject),
        entries=MappingProxyType(profile.entries),
        default_region=profile.region,
        unset=paths.unset_variable(profile.root),
        stand_ins=MappingProxyType(stand_ins),
        lines=MappingProxyType(lines),
        own=tuple(own.entries),
    )


def _extended(
    own: Profile, profiles: Mapping[str, tuple[Profile, Where]], name: str, subject: str
) -> Profile:
    """Return a profile with the entries of the one that it extends, its own first."""
    if own.extends is None:
        return own
    known = profiles
    if own.extends not in known or own.extends == name:
        known = _profiles(load_yaml(paths.catalog_file()))
    if own.extends not in known:
        hint = nearest(own.extends, known)
        raise CatalogError(
            subject,
            Say(f"extends：没有目录配置 {own.extends}", f"extends: no profile {own.extends}"),
            Say(f"是否想写 {hint}", f"did you mean {hint}"),
        )
    base = known[own.extends][0]
    if base.extends is not None:
        raise CatalogError(
            subject,
            Say(f"extends：{own.extends} 自身也扩展别的配置", f"{own.extends} itself extends"),
            Say(f"改为 extends: {base.extends}", f"write extends: {base.extends}"),
        )
    filled = {entry.layer or key for key, entry in own.entries.items()}
    taken = {
        key: entry
        for key, entry in base.entries.items()
        if (entry.layer or key) not in filled and key not in own.entries
    }
    return own.model_copy(update={"entries": {**own.entries, **taken}})


def _bundled(profile: str, subject: str) -> Catalog:
    """Return a profile of the project's own catalog that stands in for a user's file."""
    document = load_yaml(paths.catalog_file())
    profiles = _profiles(document)
    if profile not in profiles:
        hint = nearest(profile, profiles)
        raise CatalogError(
            subject,
            Say(f"stand_in：没有目录配置 {profile}", f"stand_in: no catalog profile {profile}"),
            Say(f"是否想写 {hint}", f"did you mean {hint}"),
        )
    return _catalog(document, profiles, profile, paths.catalog_file())


def _check_entries(profile: Profile, lines: Mapping[str, int], file: str) -> None:
    seen: dict[str, str] = {}
    masks = {n for n, e in profile.entries.items() if e.kind in ("vector", "synthetic")}
    for name, entry in profile.entries.items():
        subject = f"{file}:{lines[name]}"
        check_entry(entry, name, subject)
        layer = entry.layer or name
        if layer != COVERAGE_ONLY and seen.setdefault(layer, name) != name:
            raise CatalogError(
                subject,
                Say(f"{seen[layer]} 与 {name} 都是图层 {layer}",
                    f"{seen[layer]} and {name} both fulfil the layer {layer}"),
                Say("只留一个", "keep one of them"),
            )  # fmt: skip
        known = {"region", "extent", "valid_cells", *masks} - {name}
        if entry.coverage not in known:
            hint = nearest(entry.coverage, sorted(known))
            raise CatalogError(
                subject,
                Say(f"条目 {name}：未知的 coverage {entry.coverage}",
                    f"entry {name}: unknown coverage {entry.coverage}"),
                Say(f"可用：{hint}", f"use {hint}"),
            )  # fmt: skip


def _dem_catalog(path: Path) -> Catalog:
    if not path.is_file():
        raise RasterError(
            path,
            Say("文件不存在", "does not exist"),
            Say("检查 --data 的路径", "check the path given to --data"),
        )
    entry = Entry(
        kind="raster",
        driver=Driver.model_validate({"name": _DEM[path.suffix.lower()]}),
        uri=path.name,
        coverage="valid_cells",
        access="user_supplied",
        source=Source(title=path.name, licence="not stated"),
    )
    return Catalog(
        name=path.stem,
        path=path,
        root=path.resolve().parent,
        entries=MappingProxyType({"dem": entry}),
        default_region=TERRAIN,
        lines=MappingProxyType({"dem": 1}),
    )
