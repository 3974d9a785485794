"""How bad a finding is, in a translation or in the glossary."""

from enum import StrEnum


class Severity(StrEnum):
    """An error is wrong, a warning very likely so; a note may be as it should, and says only what will happen."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
