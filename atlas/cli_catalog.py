"""Commands about the data catalog: ``shiyan catalog check`` and ``shiyan catalog add``.

Nothing heavier than click is imported here.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from atlas.cli_options import common, options_of


@click.group()
def catalog() -> None:
    """数据目录。 The data catalog."""


@catalog.command("check")
@common
def catalog_check(as_json: bool, debug: bool, **options: Any) -> None:  # noqa: ARG001
    """逐条检查目录：文件在不在、坐标系、取值范围、校验和。 Check every entry."""
    from atlas.answers import catalog_report
    from atlas.jsontext import to_json

    answer, lines, broken = catalog_report(options_of(options))
    click.echo(to_json(answer) if as_json else "\n".join(lines))
    if broken:
        sys.exit(3)


@catalog.command("add")
@click.argument("file")
@click.option(
    "--as", "layer", metavar="LAYER", help="读作哪个图层，如 eco_redline；名称见 catalog check。"
)
@click.option("--layer", "inside", metavar="NAME", help="文件里的图层名。")
@click.option("--crs", metavar="EPSG", help="文件没有声明的坐标系，如 4546 或 EPSG:4525。")
@click.option("--datum", metavar="DATUM", help="WGS84、CGCS2000 或 GCJ-02。")
@click.option("--encoding", metavar="NAME", help="Shapefile 属性表的编码，缺省自动识别。")
@click.option("--column", "columns", multiple=True, metavar="OLD=NEW", help="字段对应，可重复。")
@click.option(
    "--value", "values", multiple=True, metavar="COL:CODE=MEANING", help="代码含义，可重复。"
)
@click.option("--set", "fill", multiple=True, metavar="COL=VALUE", help="文件没有的字段取此值。")
@click.option("--coverage", metavar="WHERE", help="region、extent 或县代码；缺省按所涉县市区。")
@click.option("--acquired", metavar="DATE", help="数据的日期。")
@click.option("--catalog", "target", default="my_catalog.yaml", show_default=True, metavar="FILE")
@click.option("--replace", is_flag=True, help="替换目录中同一图层的条目。")
@click.option("--yes", is_flag=True, help="不再询问，直接写入。")
@click.option("--json", "as_json", is_flag=True, help="在标准输出打印一个 JSON 对象。")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True)
@click.option("--debug", is_flag=True, help="出错时打印调用栈。")
def catalog_add(
    file: str, target: str, replace: bool, yes: bool, as_json: bool, lang: str, debug: bool,  # noqa: ARG001
    **words: Any,
) -> None:  # fmt: skip
    """登记一个文件：先说明读懂了什么，确认后写入目录。 Add a file after showing what it is."""
    from pathlib import Path

    from atlas.answers_catalog import Words, addition_json, addition_lines, wish_of
    from atlas.jsontext import to_json
    from layers.catalog import prepare, write
    from layers.control import shortfall

    wish = wish_of(Words(**words))
    addition = prepare(Path(file), Path(target), wish, replace=replace)
    short = [say.of(lang) for say in shortfall(addition)]
    if not as_json:
        lines = [*addition_lines(addition, lang), *(f"! {line}" for line in short)]
        click.echo("\n".join(_plain(line) for line in lines))
    agreed = yes or _agreed(addition.catalog, lang)
    if agreed:
        write(addition)
    if as_json:
        click.echo(to_json({**addition_json(addition, lang, written=agreed), "warnings": short}))
    else:
        click.echo(_ending(str(addition.catalog), lang, written=agreed))


def _plain(line: str) -> str:
    """Return a line without control characters: a file's text must not drive the terminal."""
    return "".join(c if c.isprintable() else "?" for c in line)


def _agreed(target: object, lang: str) -> bool:
    """Ask a person; without a terminal nobody agrees."""
    if not sys.stdin.isatty():
        return False
    question = f"写入 {target}？" if lang == "zh" else f"Write {target}?"
    return click.confirm(question, default=False, err=True)


def _ending(target: str, lang: str, *, written: bool) -> str:
    if written:
        next_step = f"shiyan catalog check --data {target}"
        return (
            f"已写入 {target}；{next_step}" if lang == "zh" else f"Written to {target}; {next_step}"
        )
    if lang == "zh":
        return "没有写入；加 --yes 写入。"
    return "Nothing was written; add --yes to write."
