"""Options that every command shares, and how they become :class:`atlas.options.Options`.

Nothing heavier than click is imported here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from atlas.options import Options

Command = TypeVar("Command", bound=Callable[..., Any])

_COMMON = (
    click.option(
        "--data", default="demo", show_default=True,
        help="目录：demo、bureau、目录文件或 DEM 文件。",
    ),
    click.option("--region", default=None, help="区域配置文件；缺省用目录自带的区域。"),
    click.option("--resolution", type=float, default=None, metavar="M", help="栅格边长（米）。"),
    click.option(
        "--as-of", "as_of", default=None, metavar="DATE", help="按哪一天的法规判定，缺省为当天。"
    ),
    click.option(
        "--mode", type=click.Choice(["explore", "legal"]), default="explore", show_default=True,
        help="explore：缺图层只标未筛查；legal：不能判定即退出码 6。",
    ),
    click.option(
        "--what-if", "what_if", multiple=True, metavar="ID",
        help="假设情景，非法律：把该情景的规则当作生效来试算，可重复；legal 模式拒绝。",
    ),
    click.option(
        "--overrides", default=None, metavar="FILE", help="县级规则调整文件（YAML），逐条写明依据。"
    ),
    click.option(
        "--params", default=None, metavar="FILE",
        help="选址参数文件（YAML）：参数值、权重、AHP 判断矩阵、功率曲线。",
    ),
    click.option(
        "--sites", default=None, metavar="FILE", help="指名项目的矢量文件，强制列为场址。"
    ),
    click.option(
        "--out", default="out", show_default=True, metavar="DIR", help="成果的上级文件夹。"
    ),
    click.option("--seed", type=int, default=20241122, show_default=True, help="随机种子。"),
    click.option("--json", "as_json", is_flag=True, help="在标准输出打印一个 JSON 对象。"),
    click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True),
    click.option("--debug", is_flag=True, help="出错时打印调用栈。"),
)  # fmt: skip


def common(command: Command) -> Command:
    """Add the options that every command shares."""
    for option in reversed(_COMMON):
        command = option(command)
    return command


def options_of(raw: dict[str, Any], parts: tuple[str, ...] = ()) -> Options:
    """Check what the user typed and return the options of a run."""
    from atlas.options import Options
    from geo.errors import OptionError, Say

    for name in ("data", "region", "out", "overrides", "params", "sites"):
        if not _is_text(raw[name]):
            raise OptionError(
                f"--{name}",
                Say("文件名不是 UTF-8 编码", "is no UTF-8 file name"),
                Say("给文件或文件夹改名", "rename the file or folder"),
            )
    text = raw.pop("as_of")
    try:
        as_of = date.fromisoformat(text) if text else date.today()  # noqa: DTZ011  # the user's day
    except ValueError as error:
        raise OptionError(
            "--as-of",
            Say(f"日期 {text} 不是 年-月-日", f"{text} is not YYYY-MM-DD"),
            Say("例如 2026-11-22", "for example 2026-11-22"),
        ) from error
    resolution = raw["resolution"]
    if resolution is not None and not 1 <= resolution <= 5000:
        raise OptionError(
            "--resolution",
            Say(f"{resolution:g} 米不在 1 到 5000 之间", f"{resolution:g} m is not within 1-5000"),
            Say("例如 90 或 30", "for example 90 or 30"),
        )
    out = Path(raw.pop("out"))
    what_if = tuple(sorted(set(raw.pop("what_if"))))
    overrides, params, sites = (
        _readable(name, raw.pop(name)) for name in ("overrides", "params", "sites")
    )
    options = Options(
        as_of=as_of, out=out, parts=parts, what_if=what_if, overrides=overrides, params=params,
        sites=sites, **raw,
    )  # fmt: skip
    options.settings()  # a fault in the user's file stops the run before anything is built
    return options


def _readable(option: str, name: str | None) -> Path | None:
    """Return the file of an option; refuse one that is not there before anything is read."""
    from geo.errors import OptionError, Say

    if name is None:
        return None
    path = Path(name)
    database = option == "sites" and path.suffix.lower() == ".gdb" and path.is_dir()
    if not (path.is_file() or database):
        what = {
            "overrides": Say("县级规则调整文件", "the file of overrides"),
            "params": Say("选址参数文件", "the file of parameters"),
            "sites": Say("指名项目的矢量文件", "the vector file of named projects"),
        }[option]
        raise OptionError(
            f"--{option} {name}",
            Say("没有这个文件", "is no file"),
            Say(f"写出{what.zh}的路径", f"give the path of {what.en}"),
        )
    return path


def _is_text(name: str | None) -> bool:
    try:
        (name or "").encode()
    except UnicodeEncodeError:  # bytes of a foreign encoding that the system smuggled in
        return False
    return True
