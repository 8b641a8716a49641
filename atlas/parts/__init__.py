"""The chapters of the atlas, one module each with a ``PART``; found, never listed."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules

from atlas.part import Part
from geo.errors import OptionError, Say


def all_parts() -> dict[str, Part]:
    """Return every part by id, in the order of their module names."""
    names = sorted(module.name for module in iter_modules(__path__))
    parts = [import_module(f"{__name__}.{name}").PART for name in names if name[0] != "_"]
    return {part.id: part for part in parts}


def in_order(wanted: Sequence[str] = ()) -> list[Part]:
    """Return the wanted parts (all when empty) after the parts they depend on."""
    known = all_parts()
    for name in wanted:
        if name not in known:
            raise OptionError(
                "parts",
                Say(f"没有分册 {name}", f"there is no part {name}"),
                Say(f"可选：{'、'.join(known)}", f"choose from {', '.join(known)}"),
            )
    ordered: dict[str, Part] = {}

    def add(name: str) -> None:
        if name in ordered:
            return
        for other in known[name].depends_on:
            add(other)
        ordered[name] = known[name]

    for name in wanted or known:
        add(name)
    return list(ordered.values())
