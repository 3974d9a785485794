"""The same article for other tools, in `out/exports/<article>/`: never in the web root, since drafts are among them."""

from pipeline.exports.source import Fields, render_content
from pipeline.exports.tmx import render_tmx
from pipeline.exports.tsv import render_tsv
from pipeline.exports.xliff import render_xliff
from pipeline.files import write_file
from pipeline.settings import Settings
from pipeline.site.plan import Card, Edition, Terms, select
from pipeline.site.reading import Dated
from pipeline.workspace import ArticleFolder


def write_exports(folder: ArticleFolder, dated: Dated, card: Card, settings: Settings, terms: Terms) -> None:
    """Write the table, the memories and an XLIFF file a language, and what the site shows for Hugo and Jekyll.

    Raises PipelineError when a file cannot be written.
    """
    publication = dated.publication
    targets = [share.language for share in card.shares if terms.admit(share)]
    shown = select(publication, targets, draft=terms.draft)
    files = [
        render_tsv(publication),
        render_tmx(publication, reviewed_only=True),
        render_tmx(publication, reviewed_only=False),
        *(render_xliff(publication, language) for language in publication.targets),
    ]
    editions = [edition for edition in card.editions if edition.language in (publication.source, *targets)]
    files += [render_content(shown, e.language, _list_fields(card, e)) for e in editions]
    for file in files:
        write_file(settings.workspace / "out" / "exports" / folder.name / file.name, file.data, sync=False)


def _list_fields(card: Card, edition: Edition) -> Fields:
    """Return what Hugo and Jekyll want to know."""
    return (
        ("title", edition.title[0]),
        ("description", edition.summary[0]),
        ("author", card.author),
        ("date", card.date),
        ("lastmod", edition.updated),
        ("lang", edition.language),
        ("slug", edition.path.partition("/")[0]),
        ("translationKey", card.name),
        ("draft", edition.is_draft),
    )
