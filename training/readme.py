"""The README of a package: what it is, its scores, and whom its data are from."""

import json
from collections.abc import Sequence
from pathlib import Path

NAMES = {"fr": "French", "en": "English", "es": "Spanish"}


def write_readme(language: str, version: str, scores: Sequence[Path], sources: Path | None) -> str:
    """Return a README; `scores` are files of `passerelle evaluate --json`, called NAME.LANGUAGE.json."""
    parts = [f"# French to {NAMES[language]}, {version}\n\nTrained by Passerelle's `training/`.\n"]
    if own := [file for file in scores if file.suffixes[-2:] == [f".{language}", ".json"]]:
        parts.append("## Scores\n\n" + "\n".join(_word_scores(file) for file in own))
    if sources:
        parts.append("## Data\n\n" + _word_sources(sources))
    return "\n".join(parts)


def _word_scores(file: Path) -> str:
    """Word the last system in a file: the first is what it was compared with, if anything."""
    evaluation = json.loads(file.read_text(encoding="utf-8"))[-1]
    lines = [f"- {each['metric']} {each['value']:.1f} (`{each['signature']}`)\n" for each in evaluation["scores"]]
    return f"{file.name.partition('.')[0]}, {evaluation['segments']} sentences:\n\n" + "".join(lines)


def _word_sources(table: Path) -> str:
    """Word the sources in a table (name, licence, origin, pairs with English and Spanish; tabs between them).

    What is marked as not open is not in the corpus, and neither are texts of one language: these have that language in
    the place of the licence.
    """
    rows = [line.replace("|", "/").split("\t") for line in table.read_text(encoding="utf-8").splitlines()]
    used = [row for row in rows if not row[1].startswith("NOT OPEN") and row[1] not in NAMES]
    head = ["| source | licence or package | origin | fr-en | fr-es |", "| --- | --- | --- | --- | --- |"]
    return "\n".join([*head, *(f"| {' | '.join(row)} |" for row in used)]) + "\n"
