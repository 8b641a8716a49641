"""atlas: what the reader opens - command line, parts, map, tables, report, run folder.

It is the only package that knows folium, and the only one that couples siting and
sinks: it hands plain data from one to the other. It computes no figure of its own.

Entry points: :func:`atlas.pipeline.run`, :mod:`atlas.part`, :mod:`atlas.cli`.
"""

from importlib.util import find_spec
from pathlib import Path

_OURS = ("geo", "layers", "siting", "sinks")


def _check_not_shadowed() -> None:
    """Refuse to start when another distribution shadows one of the generic names."""
    homes = {"atlas": Path(__file__).resolve().parents[1]}
    for name in _OURS:
        spec = find_spec(name)
        if spec is None or spec.origin is None:
            homes[name] = Path()
        else:
            homes[name] = Path(spec.origin).resolve().parents[1]
    if len(set(homes.values())) > 1:
        where = ", ".join(f"{name} in {home}" for name, home in homes.items())
        raise ImportError(
            f"another distribution shadows one of our packages: {where} -> "
            "install shiyan-atlas into an environment of its own"
        )


_check_not_shadowed()
