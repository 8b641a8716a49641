"""The few named errors of the project: what was found, what was wanted, the cure.

Every error prints as one line in Chinese and one in English and owns the exit
code of the command line (``docs/user/errors.md``). Nothing below this module
prints or exits.
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple


class Say(NamedTuple):
    """One sentence in both languages of the project."""

    zh: str
    en: str

    def of(self, lang: str) -> str:
        """Return the sentence in ``lang`` (``zh`` or ``en``)."""
        return self.zh if lang == "zh" else self.en


class ShiyanError(Exception):
    """Base of every error that a user can cure.

    Parameters
    ----------
    subject
        The file, layer, column or option that is at fault.
    what
        What is wrong with it, found against wanted.
    cure
        What the user should do.
    """

    code: ClassVar[str] = "E-INTERNAL"
    exit_code: ClassVar[int] = 1

    def __init__(self, subject: object, what: Say, cure: Say) -> None:
        self.subject = str(subject)
        self.what = what
        self.cure = cure
        super().__init__(self.line("en"))

    def line(self, lang: str = "zh") -> str:
        """Return the error as one line in ``lang`` (``zh`` or ``en``)."""
        if lang == "zh":
            text = f"[{self.code}] {self.subject}：{self.what.zh} → 处理办法：{self.cure.zh}"
        else:
            text = f"[{self.code}] {self.subject}: {self.what.en} -> cure: {self.cure.en}"
        # a file's text must not drive the terminal
        return "".join(c if c.isprintable() else "?" for c in " ".join(text.split()))


class OptionError(ShiyanError):
    """A command-line option or API argument has a value that cannot be used."""

    code = "E-USAGE"
    exit_code = 2


class InputError(ShiyanError):
    """An input file or layer cannot be used as it is."""

    code = "E-INPUT"
    exit_code = 3


class CatalogError(InputError):
    """The catalog or a region profile is malformed or unsafe."""

    code = "E-CATALOG"


class RasterError(InputError):
    """A raster is missing, truncated, of a foreign format or out of range."""

    code = "E-RASTER"


class VectorError(InputError):
    """A vector file is missing, unreadable, empty where it may not be."""

    code = "E-VECTOR"


class TableError(InputError):
    """A table is missing, unreadable or lacks a column."""

    code = "E-TABLE"


class CrsError(InputError):
    """A layer has no CRS, or one that does not fit its coordinates."""

    code = "E-CRS"


class DatumError(CrsError):
    """A layer is in a datum that cannot be converted without parameters."""

    code = "E-DATUM"


class NodataError(RasterError):
    """Values look like a nodata code that nobody declared."""

    code = "E-NODATA"


class UnitError(InputError):
    """A quantity has another unit than the one asked for."""

    code = "E-UNIT"


class GridMismatchError(InputError):
    """Two rasters that must share one grid do not."""

    code = "E-GRID"


class SizeError(InputError):
    """An input is larger than the memory or size limit that was set."""

    code = "E-SIZE"


class BusyError(ShiyanError):
    """Another run holds the output folder."""

    code = "E-BUSY"
    exit_code = 4


class DiskError(ShiyanError):
    """The disk is full or cannot be written."""

    code = "E-DISK"
    exit_code = 5


class UndecidedError(ShiyanError):
    """Legal mode cannot decide because a layer or an evidence is missing."""

    code = "E-UNDECIDED"
    exit_code = 6
