"""Content security policy: a hash for each element we put in, and nothing else.

The known elements are those of a page rendered without any data. The finished page
must hold exactly the same ones, so a script or style that came in with the data is
never blessed: the build fails.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

DATA_TYPES: Final = ("application/json", "application/octet-stream", "text/plain")


class PageError(ValueError):
    """The page holds something that was not put there by the map's own code."""


@dataclass(slots=True)
class Elements:
    """Inline elements of a page in document order."""

    scripts: list[str] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Elements()
        self._into: list[str] | None = None
        self._parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        for name, value in values.items():
            if name == "style" or name.startswith("on"):
                self.found.faults.append(f"<{tag} {name}=…>")
            if name in {"src", "href", "srcset", "action", "data"} and not value.startswith("#"):
                self.found.faults.append(f"<{tag} {name}={value[:60]}>")
        self._into = None
        if tag == "script" and values.get("type") not in DATA_TYPES:
            self._into = self.found.scripts
        elif tag == "style":
            self._into = self.found.styles
        elif tag in {"base", "iframe", "object", "embed", "link", "form"}:
            self.found.faults.append(f"<{tag}>")
        self._parts = []

    def handle_data(self, data: str) -> None:
        if self._into is not None:
            self._parts.append(data)

    def handle_endtag(self, tag: str) -> None:
        if self._into is not None and tag in {"script", "style"}:
            self._into.append("".join(self._parts))
            self._into = None


def elements(page: str) -> Elements:
    """Return the executable scripts and the styles of ``page``, and what may not be there."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.found


def digest(text: str) -> str:
    """Return the CSP source of one inline element, ``'sha256-…'``."""
    raw = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(raw).decode('ascii')}'"


def policy(known: Elements) -> str:
    """Return the policy that allows exactly the known elements."""
    return "; ".join(
        (
            "default-src 'none'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            f"style-src {_sources(known.styles)}",
            f"script-src {_sources(known.scripts)}",
        )
    )


def check(page: str, known: Elements) -> None:
    """Raise :class:`PageError` unless ``page`` holds the known elements and no others."""
    found = elements(page)
    if found.faults:
        raise PageError(f"the page holds {', '.join(found.faults[:5])}")
    for kind, got, want in (
        ("script", found.scripts, known.scripts),
        ("style", found.styles, known.styles),
    ):
        if got != want:
            raise PageError(
                f"the page holds {len(got)} {kind}s, {len(want)} are known or they differ"
            )


def _sources(texts: Sequence[str]) -> str:
    return " ".join(dict.fromkeys(digest(text) for text in texts)) or "'none'"
