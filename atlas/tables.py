"""Tables of a run: ``tables.xlsx``, ``sites.csv`` and ``sites.gpkg``.

Text of an attribute never becomes a formula: xlsx cells are typed as strings, CSV text
that starts like a formula gets a leading apostrophe. Same results, same bytes: archive
times and document properties come from :func:`atlas.runfolder.run_time`.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from atlas.part import PartResult, SheetTable
from atlas.runfolder import run_time
from geo.errors import Say, TableError
from geo.vector import write_gpkg

DEMO_SUFFIX = "_演示"
WATERMARK = "演示数据（含合成图层），无法律意义"
#: What a spreadsheet takes for the start of a formula; a Chinese one takes full width too.
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: What no XML file may hold: control characters, halves of surrogate pairs, non-characters.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: What no sheet name may hold.
_NO_SHEET = re.compile(r"[\[\]:*?/\\\t\n\r]")
_SHEET_LENGTH = 31
#: Columns of degrees, by heading; years are no thousands.
_DEGREES = re.compile(r"经度|纬度|lon(gitude)?\b|lat(itude)?\b")
_YEARS = (1900.0, 2100.0)
#: A table of so many columns keeps its names in sight, if they stand among the first.
_WIDE, _NAMED_WITHIN = 12, 3
_ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


def all_sites(results: Sequence[PartResult]) -> gpd.GeoDataFrame | None:
    """Return the sites of every part in one frame, or None when no part deals in sites.

    Raises
    ------
    TableError
        If an id stands for two sites: a named project bears that of a published one.
    """
    frames = [one.sites for one in results if one.sites is not None]
    if not frames:
        return None
    crs = frames[0].crs
    filled = [frame.to_crs(crs) for frame in frames if len(frame)] or frames[:1]
    joined = pd.concat(filled, ignore_index=True)
    twice = sorted({str(one) for one in joined.loc[joined["id"].duplicated(), "id"]})
    if twice:
        raise TableError(
            "sites.id",
            Say(f"编号重复：{'、'.join(twice[:8])}", f"repeat: {', '.join(twice[:8])}"),
            Say("指名项目换用自己的编号", "give the named projects ids of their own"),
        )
    return gpd.GeoDataFrame(joined, geometry="geometry", crs=crs)


def write_sites_csv(path: Path, sites: gpd.GeoDataFrame) -> None:
    """Write the sites without geometry as UTF-8 with BOM (what Excel opens rightly)."""
    write_table_csv(path, pd.DataFrame(sites.drop(columns="geometry")))


def write_table_csv(path: Path, table: pd.DataFrame) -> None:
    """Write a table as UTF-8 with BOM; text that starts like a formula gets an apostrophe."""
    frame = table.copy()
    for name in frame.columns:
        if not pd.api.types.is_numeric_dtype(frame[name]):
            frame[name] = [_csv_text(value) for value in frame[name]]
    frame.columns = pd.Index([_csv_text(str(name)) for name in frame.columns])
    frame.to_csv(
        path,
        index=False,
        encoding="utf-8-sig",
        lineterminator="\r\n",
        float_format="%.9g",  # a degree to 0.1 m, an area to more than it is known
    )


def _csv_text(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = _NO_XML.sub("", value)
    return f"'{text}" if text.startswith(_FORMULA_START) else text


def write_sites_gpkg(
    path: Path, sites: gpd.GeoDataFrame, more: Mapping[str, gpd.GeoDataFrame] | None = None
) -> None:
    """Write named and found sites as layers; synthetic ones end in ``_演示``.

    Parameters
    ----------
    more
        Further layers by name, such as lakes and dams, each with a column ``synthetic``.
    """
    named = {
        str(technology): sites[sites["technology"] == technology]
        for technology in sorted(sites["technology"].unique())
    }
    layers: dict[str, gpd.GeoDataFrame] = {}
    for name, frame in {**named, **(more or {})}.items():
        synthetic = frame["synthetic"].astype(bool)
        for made_up, suffix in ((False, ""), (True, DEMO_SUFFIX)):
            rows = frame[synthetic == made_up]
            if len(rows):
                layers[f"{name}{suffix}"] = rows.reset_index(drop=True)
    write_gpkg(path, layers or {"sites": sites})


def write_workbook(path: Path, tables: Sequence[SheetTable], about: Sequence[str]) -> None:
    """Write ``tables.xlsx``: a sheet 说明, then one sheet a table.

    Parameters
    ----------
    about
        Lines of the first sheet: title, as-of date, warnings, citations.
    """
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    first = book.create_sheet("说明")
    first.column_dimensions["A"].width = 100
    for row, line in enumerate(about, start=1):
        _put(first, row, 1, line)
    for table in tables:
        name = sheet_name(table.name, book.sheetnames)
        _write_sheet(book.create_sheet(name), table)
    stamp = run_time().replace(tzinfo=None)
    book.properties.creator = "shiyan-atlas"
    book.properties.created = stamp
    raw = io.BytesIO()
    book.save(raw)
    path.write_bytes(_stable_archive(raw.getvalue(), stamp))


def sheet_name(wanted: str, taken: Sequence[str]) -> str:
    """Return a sheet name that a spreadsheet opens: short, plain, and unlike all ``taken``."""
    plain = _NO_SHEET.sub("_", _NO_XML.sub("", wanted)).strip("' ")
    plain = plain[:_SHEET_LENGTH].rstrip("' ") or "表"
    used = {name.casefold() for name in taken}
    name, number = plain, 2
    while name.casefold() in used:
        tail = f"_{number}"
        name, number = plain[: _SHEET_LENGTH - len(tail)] + tail, number + 1
    return name


def _write_sheet(sheet: Any, table: SheetTable) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.utils import get_column_letter

    mark = "、".join(table.passport.marks())
    note = f"{table.note}（{mark}）" if mark and table.note else table.note or mark
    _put(sheet, 1, 1, note)
    sheet.cell(1, 1).font = Font(italic=True, color="7F3F00")
    for col, name in enumerate(table.frame.columns, start=1):
        _put(sheet, 2, col, str(name))
        cell = sheet.cell(2, col)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="1F4E79")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        values = [str(value) for value in table.frame[name].head(200)]
        width = max([_width(str(name)), *(_width(value) for value in values)])
        sheet.column_dimensions[get_column_letter(col)].width = min(max(width + 2, 8), 60)
    forms = [_form(str(name), table.frame.iloc[:, i]) for i, name in enumerate(table.frame.columns)]
    for row, record in enumerate(table.frame.itertuples(index=False), start=3):
        for col, value in enumerate(record, start=1):
            _put(sheet, row, col, value, forms[col - 1])
    sheet.freeze_panes = f"{get_column_letter(_named(table.frame) + 1)}3"
    if len(table.frame):
        sheet.auto_filter.ref = f"A2:{get_column_letter(table.frame.shape[1])}{row}"
    if table.passport.synthetic:
        sheet.oddHeader.center.text = WATERMARK


def _named(frame: pd.DataFrame) -> int:
    """Return how many columns stay in sight: up to the name of a wide table, else none."""
    if frame.shape[1] < _WIDE:
        return 0
    heads = [str(name) for name in frame.columns[:_NAMED_WITHIN]]
    return max((heads.index(name) + 1 for name in ("名称", "name") if name in heads), default=0)


def _form(head: str, values: pd.Series[Any]) -> str | None:
    """Return the format of a column of fractions; None where each figure has its own.

    Degrees keep what a hundred metres need; counts and ranks with gaps stay whole.
    """
    if not pd.api.types.is_float_dtype(values):
        return None
    if _DEGREES.match(head):
        return "0.0000"
    known = values.to_numpy(float, na_value=math.nan)
    known = known[[math.isfinite(value) for value in known]]
    if not known.size or any(not value.is_integer() for value in known.tolist()):
        return None
    return "0" if _YEARS[0] <= known.min() and known.max() <= _YEARS[1] else "#,##0"


def _width(text: str) -> int:
    """Columns a text takes: a Chinese character is two wide."""
    return sum(2 if ord(char) > 0x2E80 else 1 for char in text)


def _put(sheet: Any, row: int, col: int, value: Any, form: str | None = None) -> None:
    cell = sheet.cell(row, col)
    if hasattr(value, "item"):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT:
        return
    if isinstance(value, float) and not math.isfinite(value):
        return
    if isinstance(value, (int, float, bool)):
        cell.value = value
        if isinstance(value, float):
            cell.number_format = form or _digits(abs(value))
        return
    cell.value = _NO_XML.sub("", str(value))
    cell.data_type = "s"  # a text that starts with "=" stays a text


def _digits(size: float) -> str:
    """Return a format of about four digits; what is shown less is in the cell."""
    if size < 10.0:
        return "#,##0.0##"
    return "#,##0.0#" if size < 100.0 else "#,##0.0" if size < 1000.0 else "#,##0"


def _stable_archive(raw: bytes, stamp: datetime) -> bytes:
    """Return the workbook with fixed member times and a fixed modification date."""
    out = io.BytesIO()
    iso = f"{stamp:%Y-%m-%dT%H:%M:%SZ}".encode()
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + iso, data)
            info = zipfile.ZipInfo(name, _ZIP_EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, data)
    return out.getvalue()
