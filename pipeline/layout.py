"""Translations of a Markdown article beside it, named and marked as static-site generators want them.

Hugo ("Multilingual mode", translation by file name) takes `index.en.md` for the English of `index.md` and links files
of one base name, unless they have a `translationKey`: then all must have the same one. So the source's is kept, and
none is made up, which would cut the source off. Jekyll leaves languages to plugins (Polyglot and others): they read
`lang`.

A file of ours bears a line with a digest of its own text, so that no file of anybody else, and no text that a person
changed in one of ours, is ever replaced.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.article import Kind
from pipeline.errors import SourceError
from pipeline.exports.source import read_texts
from pipeline.files import update_file
from pipeline.formats import MARKDOWN_SUFFIXES
from pipeline.formats.keys import set_keys
from pipeline.formats.rebuild import rebuild
from pipeline.formats.slugs import read_slugs
from pipeline.job import Job
from pipeline.publication import Publication, State
from pipeline.report import RunReport
from pipeline.richtext.plain import read_plain
from pipeline.settings import SOURCE

_STAMP = re.compile(r"^# passerelle ([0-9a-f]{16}): .*(?:\r?\n|\Z)", re.MULTILINE)
_REACH = 5000  # where the line is looked for: it comes first
_UNREVIEWED: Mapping[str, Mapping[str, bool]] = {"hugo": {"draft": True}, "jekyll": {"published": False}}


def write_translations(job: Job, publication: Publication, report: RunReport) -> dict[Path, bool]:
    """Write the translations of an article beside it; return their paths, and whether each file changed.

    What is not translated stays French; as long as something is not reviewed, the file says that it is a draft. A file
    that is somebody else's is reported and left alone.
    """
    if not job.layout:
        return {}
    source = job.folder.find_original(job.path)
    if source is None or source.suffix.lower() not in MARKDOWN_SUFFIXES:
        reason = "is no Markdown" if source else "stands in the workspace alone, and nothing beside it"
        report.warnings.append(f"{source or job.path}: {reason}; left out of the layout for {job.layout}")
        return {}
    written: dict[Path, bool] = {}
    for language in publication.targets:
        with report.collect():
            path, text = name_translation(source, language), render_translation(publication, language, job.layout)
            if text is None:
                raise SourceError(f"{source}: no key can be added to its front matter", "write its keys one a line")
            written[path] = _write(path, text, publication.article.encoding, job.folder.catalog(language))
    return written


def name_translation(source: Path, language: str) -> Path:
    """Return where a translation belongs: beside its source, or in the folder of its language where there is one.

    A site with `content/fr/` and `content/en/` has a file of the same name in each.
    """
    parts = source.absolute().parts
    for at in range(len(parts) - 2, 0, -1):
        other = Path(*parts[:at], language)
        if parts[at] == SOURCE and other.is_dir():
            return Path(other, *parts[at + 1 :])
    return source.with_name(f"{source.stem.removesuffix(f'.{SOURCE}')}.{language}{source.suffix}")


def is_translation(data: bytes) -> bool:
    """Tell whether a file is a translation that this module wrote, whoever changed it since."""
    return _STAMP.search(data[:_REACH].decode(errors="replace")) is not None


def render_translation(publication: Publication, language: str, layout: str) -> str | None:
    """Return an article in a language, with the line that says whose it is; None where its front matter bars that."""
    article = publication.article
    texts = dict(read_texts(publication, language))
    text = rebuild(article, texts.items(), language).decode(article.encoding)
    keys: dict[str, str | bool] = {"lang": language} if layout == "jekyll" else {}
    if slug := read_slugs(article.source).get(language):
        keys["slug"] = slug
    if publication.count(language, State.REVIEWED) < len(publication.rows):
        keys |= _UNREVIEWED[layout]
    segments = (row.segment for row in publication.rows if row.segment.kind is Kind.TITLE)
    title = [read_plain(texts.get(segment, segment.text), segment.markup) for segment in segments]
    changed = set_keys(text, keys, " ".join(title))
    if changed is None:
        return None
    text, at = changed
    newline = "\r\n" if text[:at].endswith("\r\n") else "\n"
    advice = f"correct translations/{article.name}/{language}.po, not this file"
    return f"{text[:at]}# passerelle {_digest(text)}: {advice}{newline}{text[at:]}"


def _digest(text: str) -> str:
    """Return sixteen hexadecimal digits for a text, however its lines end: git may change that."""
    return hashlib.sha256(text.replace("\r\n", "\n").encode(errors="surrogateescape")).hexdigest()[:16]


def _write(path: Path, text: str, encoding: str, catalog: Path) -> bool:
    """Write a translation; raises SourceError where what stands there is not ours to replace."""

    def update(old: bytes | None) -> bytes:
        if old is not None and not _is_ours(old):
            hint = f"put its text into {catalog} and delete it, or leave this language out"
            raise SourceError(f"{path}: was not written by passerelle, or changed since", hint)
        return text.encode(encoding)

    return update_file(path, update)


def _is_ours(data: bytes) -> bool:
    text = data.removeprefix(b"\xef\xbb\xbf").decode(errors="surrogateescape")
    stamp = _STAMP.search(text, 0, _REACH)
    return stamp is not None and stamp[1] == _digest(text[: stamp.start()] + text[stamp.end() :])
