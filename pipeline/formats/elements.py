"""The elements and attributes of HTML by what they mean to translation (HTML standard, sections 4 and 13)."""

from pipeline.article import Kind


def split_names(text: str) -> frozenset[str]:
    """Return the names that stand in a text, with spaces between."""
    return frozenset(text.split())


# Elements without content.
VOID = split_names("area base br col embed hr img input link meta param source track wbr")
# Elements whose content holds no tags.
RAW = split_names("script style iframe noembed noframes xmp textarea title")
# Elements whose content is not translated though it stands in a sentence.
VERBATIM = split_names("code kbd samp var tt svg math script style")
# Elements that stand within a line of text; all others begin and end a block.
INLINE = VERBATIM | split_names(
    "a abbr acronym b bdi bdo big blink br cite data del dfn em font i img ins label mark meter nobr output progress "
    "q rp rt ruby s slot small span strike strong sub sup time u wbr"
)
# Elements whose content is no prose.
CARRIED = VERBATIM | split_names("iframe noembed noframes xmp textarea pre template object canvas audio video")
# Elements that a text shows as one tag: their content would bury it.
FOLDED = split_names("svg math script style")
# The end tags that people leave out: what an element ends that is still open.
CLOSED_BY = {
    "li": split_names("li"),
    "dt": split_names("dt dd"),
    "dd": split_names("dt dd"),
    "option": split_names("option"),
    "tr": split_names("tr td th"),
    "td": split_names("td th"),
    "th": split_names("td th"),
}
KINDS = {
    "blockquote": Kind.QUOTATION,
    "td": Kind.CELL,
    "th": Kind.CELL,
    "nav": Kind.ASIDE,
    "footer": Kind.ASIDE,
    "aside": Kind.ASIDE,
    "article": Kind.PARAGRAPH,
    "main": Kind.PARAGRAPH,
}
# Attributes that a page shows or reads out.
SHOWN = split_names("alt title placeholder aria-label aria-description aria-placeholder")
# The names of <meta> whose content is for readers.
META = split_names(
    "description keywords og:title og:description og:image:alt twitter:title twitter:description twitter:image:alt "
    "dc.title dc.description dcterms.title dcterms.description"
)
# White space, and what a page links to beside a heading.
ANCHORS = " \t\r\n\f¶#§🔗"
# The types of <input> that show their value.
BUTTONS = split_names("submit button reset")
