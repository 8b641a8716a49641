"""Commands about the law: ``shiyan why`` and ``shiyan ledger``.

Nothing heavier than click is imported here.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from atlas.cli_options import common, options_of

_COMPONENT = click.option(
    "--component", default=None, metavar="NAME", help="只看一个部件，例如 pv_array、road。"
)


# a western longitude such as -118.2 is a number, not an option
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("lon", type=float, required=False)
@click.argument("lat", type=float, required=False)
@click.option(
    "--tech", type=click.Choice(["pv", "wind", "pumped"]), default="pv", show_default=True
)
@_COMPONENT
@click.option("--site", default=None, metavar="ID", help="已发布运行中的场址编号。")
@click.option("--run", "run", default=None, metavar="DIR", help="--site 所在的运行文件夹。")
@click.option("--area", default=None, metavar="FILE", help="范围面：GPKG、GeoJSON、SHP、GDB。")
@click.option("--layer", default=None, metavar="NAME", help="--area 文件中的图层。")
@click.option(
    "--datum", type=click.Choice(["WGS84", "CGCS2000", "GCJ-02"]), default=None,
    help="--area 文件的坐标基准；描自互联网地图的写 GCJ-02。",
)  # fmt: skip
@common
def why(
    lon: float | None, lat: float | None, tech: str, component: str | None, site: str | None,
    run: str | None, area: str | None, layer: str | None, datum: str | None,
    as_json: bool, debug: bool,  # noqa: ARG001
    **options: Any,
) -> None:  # fmt: skip
    """这一点、场址或这块地为什么能建或不能建（CGCS2000 经度 纬度 [deg]）。 Why or why not here."""
    from atlas.jsontext import to_json
    from atlas.stages import Stages

    _check_one(lon, lat, site, area)
    chosen, stages = options_of(options), Stages(sys.stderr)
    if site is not None:
        from atlas.answers_place import why_site

        answer, lines = why_site(chosen, site, stages, run, component)
    elif area is not None:
        from atlas.answers_place import why_area

        answer, lines = why_area(chosen, area, tech, stages, component, layer, datum)
    else:
        from atlas.answers_law import why_here

        at = _checked_point(lon, lat)
        if tech == "pumped":
            from atlas.answers_pumped import why_storage

            answer, lines = why_storage(chosen, *at, stages, component)
        else:
            answer, lines = why_here(chosen, *at, tech, stages, component)
    click.echo(to_json(answer) if as_json else "\n".join(lines))
    _check_decided(chosen.mode, answer)


@click.command()
@click.argument(
    "technology", required=False, default="pv", type=click.Choice(["pv", "wind", "pumped"])
)
@_COMPONENT
@click.option("--county", default=None, metavar="NAME", help="只看一个县市区。")
@click.option("--off", default="", metavar="ID,ID", help="假设停用这些规则（非法律）。")
@click.option("--routes-lost", is_flag=True, help="须调规或国家重大项目论证的土地也算失去。")
@click.option("--csv", "csv", default=None, metavar="FILE", help="另存县 × 规则的表。")
@common
def ledger(
    technology: str, component: str | None, county: str | None, off: str, routes_lost: bool,
    csv: str | None, as_json: bool, debug: bool, **options: Any,  # noqa: ARG001
) -> None:  # fmt: skip
    """每条规则占了多少地：总量、单独、共同、分摊，合计等于县域面积。 Land taken by each rule."""
    from atlas.answers_ledger import Wanted, check_decided, ledger_answer
    from atlas.jsontext import to_json
    from atlas.stages import Stages

    chosen = options_of(options)
    ids = tuple(dict.fromkeys(one.strip() for one in off.split(",") if one.strip()))
    wanted = Wanted(technology, component, county, ids, routes_lost, Path(csv) if csv else None)
    (answer, lines), undecided = ledger_answer(chosen, wanted, Stages(sys.stderr))
    click.echo(to_json(answer) if as_json else "\n".join(lines))
    check_decided(chosen, undecided)


def _check_decided(mode: str, answer: Mapping[str, Any]) -> None:
    """End with exit code 6 where legal mode leaves a component unknown or on weak evidence."""
    from geo.errors import Say, UndecidedError
    from siting.law.terms import COMPONENT_ZH, Component, Verdict

    doubt = ("依据待核", "basis to be verified")
    left = [
        Component(one["component"])
        for one in (answer.get("components", ()) if mode == "legal" else ())
        if one["verdict"] == Verdict.UNKNOWN
        or "unknown" in one.get("areas_m2", ())
        or any(words in one["text"] for words in doubt)
    ]
    if left:
        names = "、".join(COMPONENT_ZH[one] for one in left)
        raise UndecidedError(
            "why",
            Say(
                f"合法性模式下 {len(left)} 个部件不能判定：{names}",
                f"legal mode cannot decide {', '.join(left)}",
            ),
            Say("补齐未筛查的图层或核实依据", "bring the layers or verify the evidence"),
        )


def _check_one(lon: float | None, lat: float | None, site: str | None, area: str | None) -> None:
    """Refuse anything but one of a point, a site and an area."""
    from geo.errors import OptionError, Say

    if (lon is not None or lat is not None) + (site is not None) + (area is not None) != 1:
        raise OptionError(
            "why",
            Say("要么给经纬度，要么给 --site，要么给 --area", "takes a point, --site or --area"),
            Say("三者取一，例如 shiyan why 110.79 32.62", "one of them: shiyan why 110.79 32.62"),
        )


def _checked_point(lon: float | None, lat: float | None) -> tuple[float, float]:
    from geo.errors import OptionError, Say

    if lon is not None and lat is not None and -180 <= lon <= 180 and -90 <= lat <= 90:
        return lon, lat
    raise OptionError(  # a NaN too
        f"{lon}, {lat}",
        Say("不是经度与纬度", "is no longitude and latitude"),
        Say("经度在前、纬度在后，单位为度，例如 110.79 32.62",
            "longitude first, then latitude, in degrees, for example 110.79 32.62"),
    )  # fmt: skip
