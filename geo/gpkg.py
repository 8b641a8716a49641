"""GeoPackages out: every layer of a file at once, atomically, with fixed document times."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import geopandas as gpd
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError

from geo.crs import check_crs
from geo.errors import OptionError, Say
from geo.publish import disk_error, document_time, replacing

_CLOCK: Final = "OGR_CURRENT_DATE"


@contextlib.contextmanager
def _fixed_clock() -> Iterator[None]:
    """Let the driver stamp ``document_time`` instead of the wall clock."""
    stamp = document_time().strftime("%Y-%m-%dT%H:%M:%S.000Z")
    before = pyogrio.get_gdal_config_option(_CLOCK)
    pyogrio.set_gdal_config_options({_CLOCK: stamp})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({_CLOCK: before})


def write_gpkg(path: Path | str, frames: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Write layers into one GeoPackage that replaces ``path`` when it is complete.

    Parameters
    ----------
    path
        Final ``.gpkg`` file.
    frames
        Layer name -> layer; an empty layer keeps its columns. NaN and ``None`` become NULL.

    Raises
    ------
    OptionError
        No layer, names that differ only in case, or a foreign suffix.
    CrsError
        A layer without CRS.
    DiskError
        Disk full, no permission, or a layer read back has lost rows.
    """
    final = Path(path)
    _check_names(final, frames)
    for name, frame in frames.items():
        check_crs(frame.crs, name)
    with replacing(final) as part, _fixed_clock():
        try:
            for number, (name, frame) in enumerate(frames.items()):
                pyogrio.write_dataframe(
                    frame,
                    part,
                    layer=name,
                    driver="GPKG",
                    append=number > 0,
                    geometry_type="Unknown" if frame.empty else None,
                )
            _verify(part, frames)
        except (DataSourceError, DataLayerError, sqlite3.Error) as fault:
            raise disk_error(final, fault) from fault


def _check_names(final: Path, frames: Mapping[str, gpd.GeoDataFrame]) -> None:
    names = [name.casefold() for name in frames]
    if frames and len(set(names)) == len(names) and final.suffix.lower() == ".gpkg":
        return
    raise OptionError(
        final,
        Say("图层为空、重名或后缀不是 .gpkg", "no layer, equal names or no .gpkg suffix"),
        Say("图层各取一名，文件名以 .gpkg 结尾", "name each layer once, end the name in .gpkg"),
    )


def _verify(part: Path, frames: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Count the rows of every layer: a full disk can cut a database short."""
    with contextlib.closing(sqlite3.connect(part)) as base:
        state = str(base.execute("PRAGMA quick_check").fetchone()[0])
        for name, frame in frames.items():
            quoted = name.replace('"', '""')
            kept = base.execute(f'SELECT count(*) FROM "{quoted}"').fetchone()[0]  # noqa: S608
            if kept != len(frame) or state != "ok":
                raise disk_error(part, f"layer {name}: {kept} of {len(frame)} rows, {state}")
