"""The same article for other tools, in `out/exports/<article>/`: never in the web root, since drafts are among them."""

import json

from pipeline.exports.markdown import render_markdown
from pipeline.exports.tmx import render_tmx
from pipeline.exports.tsv import render_tsv
from pipeline.exports.xliff import render_xliff
from pipeline.files import write_file
from pipeline.settings import Settings
from pipeline.site.plan import Card, Edition, Terms, select
from pipeline.site.reading import Dated
from pipeline.workspace import ArticleFolder


def write_exports(folder: ArticleFolder, dated: Dated, card: Card, settings: Settings, terms: Terms) -> None:
    """Write the table, the memories and an XLIFF file a language, and Markdown of what the site shows.

    Raises PipelineError when a file cannot be written.
    """
    publication = dated.publication
    targets = [share.language for share in card.shares if terms.draft or share.reaches(terms.keep)]
    shown = select(publication, targets, draft=terms.draft)
    files = [
        render_tsv(publication),
        render_tmx(publication, reviewed_only=True),
        render_tmx(publication, reviewed_only=False),
        *(render_xliff(publication, language) for language in publication.targets),
    ]
    editions = [edition for edition in card.editions if edition.language in (publication.source, *targets)]
    files += [render_markdown(shown, e.language, _render_front_matter(card, e)) for e in editions]
    for file in files:
        write_file(settings.workspace / "out" / "exports" / folder.name / file.name, file.text.encode(), sync=False)


def _render_front_matter(card: Card, edition: Edition) -> str:
    """Return YAML that Hugo and Jekyll read; JSON's strings are YAML's too."""
    fields: dict[str, str | bool] = {
        "title": edition.title[0],
        "description": edition.summary[0],
        "author": card.author,
        "date": card.date,
        "lastmod": edition.updated,
        "lang": edition.language,
        "slug": edition.path.partition("/")[0],
        "translationKey": card.name,
        "draft": edition.is_draft,
    }
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items() if value != ""]
    return "\n".join(["---", *lines, "---"])
