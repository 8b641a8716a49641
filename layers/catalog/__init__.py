"""The catalog: which inputs a run has, where they lie, and whether they are sound.

Nothing else in the project names a file. Only ``layers`` and ``atlas`` import this package.
"""

from layers.catalog.add import Addition, prepare, write
from layers.catalog.check import CheckLine
from layers.catalog.model import Catalog
from layers.catalog.store import open_catalog

__all__ = ["Addition", "Catalog", "CheckLine", "open_catalog", "prepare", "write"]
