"""Command line: ``shiyan run | siting | why | ledger | sinks | target | catalog check``.

stdout carries the result only, progress and errors go to stderr. Nothing heavier than click
is imported here, so that ``--help`` answers at once.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from atlas.cli_catalog import catalog
from atlas.cli_law import ledger, why
from atlas.cli_options import common, options_of
from atlas.startup import check_document_time, prepare_kernel_cache, prepare_streams

if TYPE_CHECKING:
    from atlas.options import Options
    from atlas.pipeline import Run


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
    _publish(options_of(options), as_json)


@cli.command()
@click.argument("technology", required=False, type=click.Choice(["pv", "wind", "pumped"]))
@click.option(
    "--rules",
    type=click.Choice(["own", "anu"]),
    default="own",
    show_default=True,
    help="抽蓄搜索：anu 另按公开图集规则的复述对照（只作对照）。",
)
@common
def siting(technology: str | None, as_json: bool, debug: bool, **options: Any) -> None:  # noqa: ARG001
    """只做选址：pv 光伏、wind 风电、pumped 抽水蓄能。 Siting only."""
    parts = {"pv": ("siting",), "wind": ("siting",), "pumped": ("pumped", "storage")}
    chosen = parts.get(technology or "", ("siting", "pumped", "storage"))
    _publish(options_of(options, parts=chosen), as_json, technology)


@cli.command()
@common
def sinks(as_json: bool, debug: bool, **options: Any) -> None:  # noqa: ARG001
    """只做森林：面积、蓄积、碳储量。 Forest area, stock and carbon only."""
    _publish(options_of(options, parts=("forest",)), as_json)


@cli.command()
@common
def target(as_json: bool, debug: bool, **options: Any) -> None:  # noqa: ARG001
    """亩均蓄积 4.5 m³ 达到了吗：四种口径、年份与概率。 Is the stock target reached."""
    from atlas.answers import target_answer
    from atlas.jsontext import to_json
    from atlas.pipeline import explore
    from atlas.stages import Stages

    done = explore(options_of(options, parts=("forest",)), Stages(sys.stderr))
    answer, lines = target_answer(done)
    click.echo(to_json(answer) if as_json else "\n".join(lines))


cli.add_command(why)
cli.add_command(ledger)
cli.add_command(catalog)


def _publish(options: Options, as_json: bool, technology: str | None = None) -> None:
    from atlas.answers import run_lines
    from atlas.jsontext import to_json
    from atlas.part import marks
    from atlas.pipeline import check_decided, run
    from atlas.stages import Stages

    stages = Stages(sys.stderr)
    done: Run = run(options, stages)
    for line in stages.table():
        click.echo(line, err=True)
    # what is no law in force is said first
    said = [say.of(options.lang) for say in marks(done.results.values()).get("assumed", ())]
    lines = [*said, *run_lines(done, technology)]
    click.echo(to_json(done.summary()) if as_json else "\n".join(lines))
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
