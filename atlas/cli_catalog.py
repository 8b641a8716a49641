"""Commands about the data catalog: ``shiyan catalog check``.

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
