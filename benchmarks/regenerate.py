"""Run every benchmark, one process each, and write ``docs/benchmarks.md`` anew.

python benchmarks/regenerate.py [name ...]      (default: all, in the order of the page)

A name given (``burn``, ``zonal`` ...) is measured again and replaces its own section only.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
PREFACE = HERE / "preface.md"
ORDER = (
    "burn", "distance", "terrain", "zonal", "horizon", "ledger", "blocks", "pv", "wind", "turbines",
    "cost_distance", "sites", "ranking", "flow", "dams", "pairs", "pumped", "forest", "job",
)  # fmt: skip


def section(name: str) -> str:
    """Run one benchmark and return what it prints, between its marks."""
    print(f"bench_{name} ...", file=sys.stderr, flush=True)
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, str(HERE / f"bench_{name}.py")],
        env=environment, stdout=subprocess.PIPE, check=True, encoding="utf-8",
    )  # fmt: skip
    return f"<!-- {name} -->\n{done.stdout.strip()}\n<!-- end -->"


def standing() -> dict[str, str]:
    """Return the sections that the page holds already."""
    text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    found = re.findall(r"<!-- (\w+) -->\n.*?<!-- end -->", text, re.DOTALL)
    whole = re.findall(r"<!-- \w+ -->\n.*?<!-- end -->", text, re.DOTALL)
    return dict(zip(found, whole, strict=True))


def main(names: list[str]) -> None:
    """Measure the named sections, keep the others, and write the page."""
    unknown = set(names) - set(ORDER)
    if unknown:
        raise SystemExit(f"no benchmark named {sorted(unknown)}; use {', '.join(ORDER)}")
    sections = standing()
    for name in names or ORDER:
        sections[name] = section(name)
        found = [sections[one] for one in ORDER if one in sections]
        parts = [PREFACE.read_text(encoding="utf-8").strip(), *found]
        PAGE.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
