"""One sentence that stands several times in an article: each occurrence becomes an entry of its own."""

from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.delivery import write_catalog, write_template
from pipeline.draft import prepare_passages
from pipeline.errors import SourceError
from pipeline.files import read_file
from pipeline.formats import parse_article, read_source
from pipeline.job import Drafted, Job, find_split
from pipeline.ledger import parse_ledger
from pipeline.report import RunReport
from pipeline.segment import read_no_break, segment_article
from pipeline.settings import Settings
from pipeline.termbase import read_glossary
from pipeline.workspace import find_article


@dataclass(frozen=True, slots=True)
class SplitResult:
    """The contexts of a sentence's occurrences, the files that changed, and what could not be done."""

    contexts: tuple[str, ...]
    changed: tuple[Path, ...]
    report: RunReport


def split_sentence(article: str, sentence: str, settings: Settings) -> SplitResult:
    """Give each occurrence of a sentence its own entry, with the translation that they shared, in all catalogs.

    `article` is its name or the path of its source. Raises SourceError where the sentence does not stand there, or
    only once.
    """
    job = _open_job(article, settings)
    wanted = " ".join(sentence.split())
    texts = [passage.segment.text for passage in job.passages if " ".join(passage.segment.text.split()) == wanted]
    if len(texts) < 2:  # noqa: PLR2004 (one cannot be split)
        if texts:
            raise SourceError(f"{job.path}: “{sentence}” stands there only once", "there is nothing to split")
        raise SourceError(f"{job.path}: “{sentence}” is no sentence of it", "copy it from the catalog, as a whole")
    job = replace(job, split=job.split | {texts[0]})
    folder, report = job.folder, RunReport()
    changed = [folder.template] if write_template(job)[0] else []
    ledger = parse_ledger(read_file(folder.ledger) or b"")
    for language in folder.languages():
        with report.collect():
            if write_catalog(Drafted(job, language, "", ()), ledger)[0]:
                changed.append(folder.catalog(language))
    contexts = [context for context, text in job.entry_keys() if text == texts[0] and context is not None]
    return SplitResult(tuple(contexts), tuple(changed), report)


def _open_job(article: str, settings: Settings) -> Job:
    folder, path = find_article(settings.workspace, article)
    data, glossary = read_source(path), settings.workspace / "glossary"
    parsed = parse_article(data, path, folder.name)
    segments = segment_article(parsed, read_no_break(glossary / "no-break.txt"))
    passages = prepare_passages(segments, read_glossary(glossary))
    return Job(folder, path, data, parsed, passages, settings.epoch, find_split(folder, segments))
