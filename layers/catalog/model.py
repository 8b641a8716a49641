"""Catalog: the entries of one run, their files, and who stands in for absent ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from layers.catalog import paths
from layers.catalog.check import (
    CheckLine,
    check_file,
    check_fileless,
    check_missing,
    missing_files,
)
from layers.drivers import Request
from layers.entry import FILELESS, Entry
from layers.explain import Strict


class Profile(Strict):
    """A set of entries that one run uses.

    Parameters
    ----------
    region
        Region profile of a run that names none.
    root
        Folder below which the files lie; the catalog's own by default.
    extends
        Profile whose entries are taken over for the layers that this one does not have; their
        files too are looked for below this profile's root.
    """

    region: str
    root: str | None = None
    extends: str | None = None
    entries: dict[str, Entry]


class CatalogFile(Strict):
    """A catalog file: profiles by name."""

    profiles: dict[str, Profile]


@dataclass(frozen=True, slots=True)
class Located:
    """The files of an entry.

    Parameters
    ----------
    files
        All files, in the order of the placeholders; empty for drivers without files.
    missing
        Those that do not exist, as text for messages (a path, or the unset variable).
    """

    files: tuple[Path, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Catalog:
    """The inputs of a run.

    Parameters
    ----------
    name
        Profile name, or stem of the file.
    path
        The catalog file (or the DEM).
    root
        Folder below which every uri lies; None when its variable is not set.
    entries
        Entry by its name.
    default_region
        Region profile used when ``--region`` is not given.
    unset
        Name of the unset variable that ``root`` begins with, or empty.
    stand_ins
        Catalog by profile name, for entries whose file is absent.
    lines
        Line in the catalog file by entry name.
    own
        Names of the entries that stand in the file itself, not in the profile it extends.
    """

    name: str
    path: Path
    root: Path | None
    entries: Mapping[str, Entry]
    default_region: str
    unset: str = ""
    stand_ins: Mapping[str, Catalog] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    own: tuple[str, ...] = ()

    def subject(self, name: str) -> str:
        """Return ``file:line entry`` for messages."""
        return f"{self.path}:{self.lines.get(name, 1)} {name}"

    def name_of(self, layer: str) -> str | None:
        """Return the name of the entry that fulfils ``layer``, or None."""
        for name, entry in self.entries.items():
            if (entry.layer or name) == layer:
                return name
        return None

    def locate(self, name: str) -> Located:
        """Return the files of an entry and which of them are missing.

        Raises
        ------
        CatalogError
            When a uri leaves the root.
        """
        entry = self.entries[name]
        if entry.uri is None:
            return Located()
        uris = paths.expand(entry.uri, entry.placeholders, self.subject(name))
        if self.root is None:
            return Located((), (f"${{{self.unset}}}/{entry.uri}",))
        files = tuple(paths.resolve(uri, self.root, self.subject(name)) for uri in uris)
        return Located(files, tuple(str(file) for file in files if not _present(file)))

    def request(self, name: str) -> Request:
        """Return what the drivers need to read an entry.

        Raises
        ------
        InputError
            When one of its files is missing.
        """
        located = self.locate(name)
        if located.missing:
            raise missing_files(self.entries[name], located.missing)
        entry = self.entries[name]
        return Request(entry, entry.layer or name, located.files, self.subject(name))

    def stand_in(self, name: str) -> tuple[Catalog, str] | None:
        """Return the catalog and entry that run when the files of ``name`` are absent."""
        entry = self.entries[name]
        if entry.stand_in is None:
            return None
        other = self.stand_ins[entry.stand_in]
        found = other.name_of(entry.layer or name)
        return None if found is None else (other, found)

    def check(self) -> list[CheckLine]:
        """Read every entry and say whether it is sound: files, CRS, values, checksum."""
        return [self._check_one(name) for name in self.entries]

    def _check_one(self, name: str) -> CheckLine:
        entry = self.entries[name]
        layer = entry.layer or name
        if entry.driver.name in FILELESS:
            return check_fileless(name, self.request(name))
        located = self.locate(name)
        if located.missing:
            return check_missing(name, layer, entry, located.missing)
        return check_file(name, self.request(name))


def _present(path: Path) -> bool:
    """Tell whether an input exists; a file geodatabase is a folder."""
    return path.is_file() or (path.is_dir() and path.suffix.lower() == ".gdb")
