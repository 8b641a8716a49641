"""LiveMap: the folium element that carries the data blocks and starts the shell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import folium
from branca.element import Element, MacroElement
from folium.template import Template

_ASSETS: Final = Path(__file__).with_name("assets")
#: Order matters: each file may use what the ones before it define.
SCRIPTS: Final = (
    "words.js", "data.js", "raster.js", "vectors.js", "works.js", "labels.js", "chart.js",
    "blocks.js", "card.js", "legend.js", "notes.js", "paper.js", "fly.js", "shell.js",
)  # fmt: skip
MAP_ID: Final = "atlas"


class LiveMap(MacroElement):
    """Data blocks in non-executed script elements, and one line that starts the shell.

    Parameters
    ----------
    blocks
        Element id -> base64 text. Values are variables of the template and are never
        parsed as one.
    """

    _template = Template(
        "{% macro header(this, kwargs) %}{{ this.head }}{% endmacro %}"
        "{% macro html(this, kwargs) %}{{ this.foot }}"
        "{% for id, text in this.data.items() %}"
        '<script type="application/octet-stream" id="{{ id }}">{{ text }}</script>\n'
        "{% endfor %}{% endmacro %}"
        "{% macro script(this, kwargs) %}"
        "AtlasShell.start({{ this._parent.get_name() }});"
        "{% endmacro %}"
    )

    def __init__(self, data: Mapping[str, str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "LiveMap"
        self._id = "live"
        self.data = dict(data)
        self.head = (
            f"<style>{asset('leaflet.css')}</style>\n<style>{asset('shell.css')}</style>\n"
            f"<script>{asset('leaflet.js')}</script>\n<script>{library()}</script>\n"
        )
        self.foot = asset("foot.html")


def assemble(data: Mapping[str, str]) -> folium.Map:
    """Return the folium map with the shell around it and ``data`` in its blocks."""
    chart = folium.Map(
        location=[0, 0], zoom_start=2, tiles=None, zoom_snap=0.25, zoom_delta=0.5,
        wheel_px_per_zoom_level=90, zoom_control=False, attribution_control=False,
        control_scale=False, zoom_animation=True,
    )  # fmt: skip
    chart.default_js, chart.default_css = [], []  # on the instance: the class is shared
    chart._id = MAP_ID  # noqa: SLF001 - folium offers no other way to a fixed id
    figure: Any = chart.get_root()
    # before the map, so that Tab goes header -> tabs -> map
    figure.html.add_child(Element(asset("head.html")), name="a_panel")
    chart.add_child(LiveMap(data))
    return chart


@cache
def asset(name: str) -> str:
    """Return a text file of ``assets``, fit to stand inside its element."""
    text = (_ASSETS / name).read_text(encoding="utf-8")
    if name.endswith(".css"):
        # Leaflet's own pictures are not shipped: nothing here uses them
        text = re.sub(r"url\(images/[^)]*\)", "none", text)
    if name.endswith((".js", ".css")) and re.search(r"</(script|style)|<!--", text, re.IGNORECASE):
        raise ValueError(f"{name} would end its own element")
    return text


@cache
def library() -> str:
    """Return the shell as one script that defines one global, ``AtlasShell``."""
    body = "\n".join(asset(name) for name in SCRIPTS)
    return f'(function () {{\n"use strict";\n{body}\nwindow.AtlasShell = {{ start }};\n}})();'
