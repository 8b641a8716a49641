"""build_map: part results -> the text of ``map.html``, checked before it leaves."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final

from atlas.map import csp, livemap, payload
from atlas.map.model import BaseImage, MapMeta
from atlas.part import PartResult

__all__ = ["MAX_BYTES", "BaseImage", "MapMeta", "build_map"]

#: Budget of the page: it travels by mail.
MAX_BYTES: Final = 6_000_000
_CHARSET: Final = '<meta http-equiv="content-type" content="text/html; charset=UTF-8" />'


def build_map(parts: Sequence[PartResult], base: BaseImage, meta: MapMeta) -> str:
    """Return the whole page: one file that asks nothing of a network.

    Parameters
    ----------
    parts
        Results in the order in which their layers are drawn; tabs sort by ``order``.
    base
        The picture under them.
    meta
        The words around them.

    Returns
    -------
    str
        HTML. The same arguments give the same bytes.

    Raises
    ------
    atlas.map.blocks.BlockError
        When a part hands over a block or card that the shell cannot draw.
    atlas.map.csp.PageError
        When the page would hold a script, style, handler or address of its own making.
    """
    made = payload.make(parts, base, meta)
    data = {"atlas-data": made.data, "atlas-relief": made.relief}
    data |= {f"atlas-raster-{i}": text for i, text in enumerate(made.rasters)}
    known = known_elements()
    page = _page(data, csp.policy(known), meta)
    csp.check(page, known)
    return page


@cache
def known_elements() -> csp.Elements:
    """Return the scripts and styles of a page that was rendered without any data."""
    return csp.elements(_repair(_render({}), "", "", "zh"))


def _page(data: Mapping[str, str], policy: str, meta: MapMeta) -> str:
    return _repair(_render(data), policy, meta.title.of(meta.lang), meta.lang)


def _render(data: Mapping[str, str]) -> str:
    text: str = livemap.assemble(data).get_root().render()
    return text


def _repair(page: str, policy: str, title: str, lang: str) -> str:
    """Mend what folium writes: language, title, policy first, a viewport that may zoom."""
    escaped = html.escape(title, quote=True)
    head = (
        f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="referrer" content="no-referrer">\n<title>{escaped}</title>'
    )
    page = _once(r"<html>", f'<html lang="{"zh-CN" if lang == "zh" else "en"}">', page)
    page = _once(r'<meta name="viewport"[^>]*user-scalable=no"\s*/>', "", page)
    return _once(re.escape(_CHARSET), head, page)


def _once(pattern: str, text: str, page: str) -> str:
    done, n = re.subn(pattern, lambda _: text, page, count=2)
    if n != 1:
        raise csp.PageError(f"{pattern!r} occurs {n} times in the page, expected once")
    return done
