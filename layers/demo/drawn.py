"""A mapping whose values are made when they are asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")


class Drawn(Mapping[str, T]):
    """Values by name, each made once, when it is first asked for, whatever thread asks.

    Parameters
    ----------
    makers
        Name -> what makes the value; a maker may ask the same mapping for other names.
    """

    def __init__(self, makers: Mapping[str, Callable[[], T]]) -> None:
        self._makers = makers
        self._made: dict[str, T] = {}
        # one lock a name: makers ask for each other without a circle, so none waits for itself
        self._locks = {name: threading.RLock() for name in makers}

    def __getitem__(self, name: str) -> T:
        with self._locks[name]:
            if name not in self._made:
                self._made[name] = self._makers[name]()
            return self._made[name]

    def __contains__(self, name: object) -> bool:
        # the inherited one would make the value in order to know that it exists
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)
