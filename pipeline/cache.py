"""The draft cache: what engines made of passages in earlier runs, by everything that it depended on."""

import hashlib
import json
import platform
from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from pathlib import Path

from pipeline.draft import Draft, Passage, draft_passages
from pipeline.engines import Engine
from pipeline.pins import Pin, pins_for
from pipeline.store import Store, Table

# Whose versions decide on segments, drafts and pages.
_LIBRARIES = (
    *("ctranslate2", "jinja2", "lxml", "markdown-it-py", "mdit-py-plugins", "nh3", "pyyaml", "rapidfuzz"),
    *("sentencepiece", "sentencex", "simplemma", "trafilatura"),
)


def draft_cached(passages: Sequence[Passage], engine: Engine, language: str, store: Store) -> list[Draft]:
    """Do as `draft_passages` does, with only those passages going to the engine that are not in the store."""
    pins = [pins_for(passage.matches, language, engine.pivots) for passage in passages]
    keys = [_digest_request(*one, engine, language) for one in zip(passages, pins, strict=True)]
    values = store.read(Table.DRAFTS, dict.fromkeys(keys))
    known = {key: unpack_draft(values[key], mine) for key, mine in zip(keys, pins, strict=True) if key in values}
    missing = {key: number for number, key in enumerate(keys) if key not in known}
    made = draft_passages([passages[n] for n in missing.values()], engine, language) if missing else []
    known |= zip(missing, made, strict=True)
    store.write(Table.DRAFTS, {key: pack_draft(known[key]) for key, n in missing.items() if known[key].pins == pins[n]})
    return [known[key] for key in keys]


@cache
def digest_program() -> str:
    """Digest this program and its libraries: whatever of their rules has changed, older drafts serve no more."""
    from importlib.metadata import distributions  # noqa: PLC0415 (heavy)

    versions = [(name, found.version) for name in _LIBRARIES for found in distributions(name=name)]
    digest = hashlib.sha256(repr((platform.python_version(), versions)).encode())
    folder = Path(__file__).parent
    for path in sorted(folder.rglob("*")):
        # Packages are large, and their engine's signature tells them apart.
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".argosmodel":
            digest.update(f"{path.relative_to(folder).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _digest_request(passage: Passage, pins: tuple[Pin, ...], engine: Engine, language: str) -> bytes:
    """Digest all that a draft depends on."""
    segment = passage.segment  # but for its place
    rest = [getattr(passage, field.name) for field in fields(Passage) if field.name not in {"segment", "matches"}]
    parts = (digest_program(), engine.signature, language, segment.text, segment.kind, segment.markup, rest, pins)
    return hashlib.sha256(repr(parts).encode()).digest()


def pack_draft(draft: Draft) -> bytes:
    """Write a draft as JSON, without its pins, which its key knows."""
    plain = {field.name: getattr(draft, field.name) for field in fields(Draft) if field.name not in {"pins", "missed"}}
    return json.dumps([plain, [draft.pins.index(pin) for pin in draft.missed]]).encode()


def unpack_draft(data: bytes, pins: tuple[Pin, ...]) -> Draft:
    """Read a draft with these pins."""
    plain, missed = json.loads(data)
    plain = {name: tuple(item) if isinstance(item, list) else item for name, item in plain.items()}
    return Draft(**plain, pins=pins, missed=tuple(pins[number] for number in missed))
