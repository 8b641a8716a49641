"""Command line: ``shiyan run | siting | why | sinks | target | catalog check``.

stdout carries the result only, progress and errors go to stderr. Nothing heavier than click
is imported here, so that ``--help`` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from atlas.startup import check_document_time, prepare_kernel_cache, prepare_streams

if TYPE_CHECKING:
    from atlas.options import Options
    from atlas.pipeline import Run

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


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="shiyan-atlas", prog_name="shiyan")
def cli() -> None:
    """十堰选址与碳汇图集：光伏、风电、抽水蓄能能建在哪里，森林存了多少碳.

    Where a city may and should build PV, wind and pumped storage within its
    ecological red lines, and what its forests hold.
    """


@cli.command()
@common
def run(as_json: bool, debug: bool, **options: Any) -> None:  # noqa: ARG001
    """跑完所有分册，写出地图、表格和报告。 Run every part and draw the atlas."""
    _publish(_options(options), as_json)


@cli.command()
@click.argument("technology", required=False, type=click.Choice(["pv", "wind", "pumped"]))
@common
def siting(technology: str | None, as_json: bool, debug: bool, **options: Any) -> None:  # noqa: ARG001
    """只做选址：pv 光伏、wind 风电、pumped 抽水蓄能。 Siting only."""
    parts = {"pv": ("siting",), "wind": ("siting",), "pumped": ("storage",)}
    chosen = parts.get(technology or "", ("siting", "storage"))
    _publish(_options(options, parts=chosen), as_json, technology)


@cli.command()
@common
def sinks(as_json: bool, debug: bool, **options: Any) -> None:  # noqa: ARG001
    """只做森林：面积、蓄积、碳储量。 Forest area, stock and carbon only."""
    _publish(_options(options, parts=("forest",)), as_json)


@cli.command()
@common
def target(as_json: bool, debug: bool, **options: Any) -> None:  # noqa: ARG001
    """亩均蓄积 4.5 m³ 达到了吗：四种口径、年份与概率。 Is the stock target reached."""
    from atlas.answers import target_answer
    from atlas.jsontext import to_json
    from atlas.pipeline import explore
    from atlas.stages import Stages

    done = explore(_options(options, parts=("forest",)), Stages(sys.stderr))
    answer, lines = target_answer(done)
    click.echo(to_json(answer) if as_json else "\n".join(lines))


# a western longitude such as -118.2 is a number, not an option
@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("lon", type=float)
@click.argument("lat", type=float)
@click.option(
    "--tech", type=click.Choice(["pv", "wind", "pumped"]), default="pv", show_default=True
)
@common
def why(lon: float, lat: float, tech: str, as_json: bool, debug: bool, **options: Any) -> None:  # noqa: ARG001
    """这一点为什么能建或不能建（经度 纬度，CGCS2000）。 Why or why not here."""
    from atlas.answers import why_here
    from atlas.jsontext import to_json
    from atlas.stages import Stages

    _check_point(lon, lat)
    answer, lines = why_here(_options(options), lon, lat, tech, Stages(sys.stderr))
    click.echo(to_json(answer) if as_json else "\n".join(lines))


@cli.group()
def catalog() -> None:
    """数据目录。 The data catalog."""


@catalog.command("check")
@common
def catalog_check(as_json: bool, debug: bool, **options: Any) -> None:  # noqa: ARG001
    """逐条检查目录：文件在不在、坐标系、取值范围、校验和。 Check every entry."""
    from atlas.answers import catalog_report
    from atlas.jsontext import to_json

    answer, lines, broken = catalog_report(_options(options))
    click.echo(to_json(answer) if as_json else "\n".join(lines))
    if broken:
        sys.exit(3)


def _options(raw: dict[str, Any], parts: tuple[str, ...] = ()) -> Options:
    from atlas.options import Options
    from geo.errors import OptionError, Say

    for name in ("data", "region", "out"):
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
    return Options(as_of=as_of, out=out, parts=parts, **raw)


def _is_text(name: str | None) -> bool:
    try:
        (name or "").encode()
    except UnicodeEncodeError:  # bytes of a foreign encoding that the system smuggled in
        return False
    return True


def _check_point(lon: float, lat: float) -> None:
    from geo.errors import OptionError, Say

    if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # a NaN fails too
        raise OptionError(
            f"{lon}, {lat}",
            Say("不是经度与纬度", "is no longitude and latitude"),
            Say("经度在前、纬度在后，单位为度，例如 110.79 32.62",
                "longitude first, then latitude, in degrees, for example 110.79 32.62"),
        )  # fmt: skip


def _publish(options: Options, as_json: bool, technology: str | None = None) -> None:
    from atlas.answers import run_lines
    from atlas.jsontext import to_json
    from atlas.pipeline import check_decided, run
    from atlas.stages import Stages

    stages = Stages(sys.stderr)
    done: Run = run(options, stages)
    for line in stages.table():
        click.echo(line, err=True)
    click.echo(to_json(done.summary()) if as_json else "\n".join(run_lines(done, technology)))
    check_decided(done)


def main() -> None:
    """Run the command line; turn every error into one line and its exit code."""
    from signal import SIGTERM, signal

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    signal(SIGTERM, stop)  # a killed run cleans up like an interrupted one
    prepare_streams()
    lang = _language(sys.argv[1:])
    try:
        check_document_time()
        prepare_kernel_cache()
        cli(standalone_mode=False)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.ClickException as error:
        error.show()
        _fail("[E-USAGE] 命令行写法有误（见上一行） → 处理办法：shiyan --help", 2)
    except (KeyboardInterrupt, click.Abort):
        _fail("已中断；没有留下半成品。 Interrupted; nothing half-written was left.", 130)
    except Exception as error:  # the last line of defence
        if "--debug" in sys.argv:
            raise
        _explain(error, lang)


def _language(words: list[str]) -> str:
    """Return the language of an error that may come before the options are read."""
    pairs = zip(words, [*words[1:], ""], strict=True)
    english = any(word == "--lang=en" or (word, after) == ("--lang", "en") for word, after in pairs)
    return "en" if english else "zh"


def _explain(error: Exception, lang: str) -> None:
    from geo.errors import ShiyanError
    from geo.publish import disk_error, is_disk_full

    if isinstance(error, OSError) and is_disk_full(error):
        error = disk_error(error.filename or "--out", error)
    if isinstance(error, ShiyanError):
        other = "en" if lang == "zh" else "zh"
        _fail(f"{error.line(lang)}\n{error.line(other)}", error.exit_code)
    if isinstance(error, MemoryError):
        _fail(
            "[E-MEMORY] 内存不足 → 处理办法：调大 --resolution。 Out of memory -> coarser cells.", 1
        )
    what = " ".join(f"{type(error).__name__}: {error}".split())
    _fail(
        f"[E-INTERNAL] 程序内部错误 {what} → 处理办法：加 --debug 重跑并把输出发给我们。 "
        "Internal error -> run again with --debug and send us the output.",
        1,
    )


def _fail(text: str, code: int) -> None:
    click.echo(text, err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
