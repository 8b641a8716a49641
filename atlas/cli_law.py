"""Commands about the law: ``shiyan why``.

Nothing heavier than click is imported here.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from atlas.cli_options import common, options_of


# a western longitude such as -118.2 is a number, not an option
@click.command(context_settings={"ignore_unknown_options": True})
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
    answer, lines = why_here(options_of(options), lon, lat, tech, Stages(sys.stderr))
    click.echo(to_json(answer) if as_json else "\n".join(lines))


def _check_point(lon: float, lat: float) -> None:
    from geo.errors import OptionError, Say

    if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # a NaN fails too
        raise OptionError(
            f"{lon}, {lat}",
            Say("不是经度与纬度", "is no longitude and latitude"),
            Say("经度在前、纬度在后，单位为度，例如 110.79 32.62",
                "longitude first, then latitude, in degrees, for example 110.79 32.62"),
        )  # fmt: skip
