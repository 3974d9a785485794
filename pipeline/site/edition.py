"""The pages of one article, from its catalogs to the files to be written."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.nodes import Outline
from pipeline.outline import outline_article
from pipeline.publication import OutputFile, Publication, State
from pipeline.site.config import ArticleSettings
from pipeline.site.pages import Site, read_heads, render_aligned, render_edition
from pipeline.site.plan import Card, Edition, Terms, aligned_path, measure, page_path, select
from pipeline.site.reading import Dated


@dataclass(frozen=True, slots=True)
class Made:
    """What was made of an article: its card, and those of its pages that are new."""

    card: Card
    pages: tuple[OutputFile, ...]


def make_pages(site: Site, dated: Dated, digest: str, terms: Terms, old: Card | None) -> Made:
    """Render the pages of an article on these terms; `old` is what stands in the site.

    The page of a language that is held back stays as it was, unless it was a draft or offers a page that is no more.
    """
    shares = measure(dated.publication)
    targets = [share.language for share in shares if terms.admit(share)]
    shown = select(dated.publication, targets, draft=terms.draft)
    name, byline = shown.article.name, _read_byline(site, shown)
    outlines = {language: outline_article(shown, language) for language in (shown.source, *targets)}
    drafts = {
        language for language in targets if terms.draft and shown.count(language, State.REVIEWED) < len(shown.rows)
    }
    updated = dict(dated.updated)
    editions = tuple(
        _plan_edition(site, shown, outline, language, updated.get(language, ""), is_draft=language in drafts)
        for language, outline in outlines.items()
    )
    aligned = (aligned_path(name, shown.source, site.settings), 0) if targets else ("", 0)
    card = _keep_pages(Card(name, digest, byline.author, byline.date, editions, aligned, shares), old)
    pages = [
        render_edition(site, shown, outlines[edition.language], card, edition)
        for edition in card.editions
        if edition.language in outlines
    ]
    if targets:
        pages.append(render_aligned(site, shown, outlines, card, is_draft=bool(drafts)))
    return Made(_weigh(card, pages), tuple(pages))


def _read_byline(site: Site, publication: Publication) -> ArticleSettings:
    """Return the author and the date of an article: those of the settings, else what the article says of itself."""
    known, said = site.settings.article(publication.article.name), publication.article.metadata
    return replace(known, author=known.author or said.author, date=known.date or said.date)


def _plan_edition(
    site: Site, publication: Publication, outline: Outline, language: str, updated: str, *, is_draft: bool
) -> Edition:
    heads = read_heads(publication, outline, language)
    return Edition(
        language=language,
        path=page_path(publication.article.name, language, site.settings),
        title=heads.title,
        summary=heads.summary,
        updated=updated,
        base_url=site.settings.base_url,
        is_draft=is_draft,
    )


def _keep_pages(card: Card, old: Card | None) -> Card:
    """Return the card with those pages of before that may stay beside its new ones, and the links of the new ones."""
    fresh = {edition.language for edition in card.editions}
    held = {share.language for share in card.shares} - fresh
    kept = [e for e in old.editions if e.language in held and not e.is_draft] if old else []
    # One language alone has nothing beside it: the page with all languages stays as long as others do.
    aligned = card.aligned
    if not aligned[0] and old and kept and not any(edition.is_draft for edition in old.editions):
        aligned = old.aligned
    while True:
        others = sorted([*card.editions[1:], *kept], key=lambda edition: edition.language)
        whole = replace(card, editions=(card.editions[0], *others), aligned=aligned if kept else card.aligned)
        staying = [edition for edition in kept if set(edition.links) <= set(whole.files())]
        if staying == kept:
            break
        kept = staying
    links = tuple(whole.files())
    return replace(
        whole,
        editions=tuple(replace(e, links=links) if e.language in fresh else e for e in whole.editions),
    )


def _weigh(card: Card, pages: Sequence[OutputFile]) -> Card:
    """Return the card with the sizes of its new pages."""
    sizes = {page.name: len(page.text.encode()) for page in pages}
    editions = tuple(replace(edition, size=sizes.get(edition.path, edition.size)) for edition in card.editions)
    path, size = card.aligned
    return replace(card, editions=editions, aligned=(path, sizes.get(path, size)))
