"""Published facts of a city: named sites, targets, series, controls, conflicts, sources."""

from layers.facts.tables import RESOURCE_SOURCES, Facts, load_facts
from layers.facts.values import (
    DEFINITIONS,
    STATUS,
    Event,
    ForestPoint,
    NamedSite,
    Source,
    Target,
)

__all__ = [
    "DEFINITIONS",
    "RESOURCE_SOURCES",
    "STATUS",
    "Event",
    "Facts",
    "ForestPoint",
    "NamedSite",
    "Source",
    "Target",
    "load_facts",
]
