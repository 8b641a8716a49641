"""Rules that read a restricted layer: verdict and hectares of a site stay, names and routes go."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from atlas.parts._siting_secret import WITHHELD
from siting.pumped.works.model import ComponentLaw, RuleHit

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet

    from geo.errors import Say
    from siting.pumped.works.model import WorksLaw


def withheld(law: WorksLaw, secret: AbstractSet[int]) -> WorksLaw:
    """Return the law of the sites without what would tell where a restricted layer lies.

    Parameters
    ----------
    secret
        Rows of the rule set that read such a layer; empty = nothing to withhold.
    """
    if not secret:
        return law
    components = tuple(tuple(_bare(one, secret) for one in some) for some in law.components)
    routes = tuple(
        _routes(said, some, secret) for said, some in zip(law.routes, law.components, strict=True)
    )
    return replace(law, components=components, routes=routes)


def _routes(
    said: tuple[Say, ...], some: tuple[ComponentLaw, ...], secret: AbstractSet[int]
) -> tuple[Say, ...]:
    """Return the routes of a pair without those that only a restricted layer asks for."""
    hits = [hit for one in some for hit in one.hits]
    hidden = {route for hit in hits if hit.index in secret for route in hit.routes}
    told = {route for hit in hits if hit.index not in secret for route in hit.routes}
    return tuple(route for route in said if route not in hidden - told)


def _bare(one: ComponentLaw, secret: AbstractSet[int]) -> ComponentLaw:
    hits = tuple(_nameless(hit) if hit.index in secret else hit for hit in one.hits)
    return replace(one, hits=hits)


def _nameless(hit: RuleHit) -> RuleHit:
    """Return a rule that holds, without name, land or routes."""
    return replace(hit, rule="—", title=WITHHELD, area_m2=0.0, grade="-", routes=())
