"""The elements and attributes of HTML by what they mean to translation (HTML standard, sections 4 and 13)."""

from pipeline.article import Kind


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Elements without content.
VOID = _names("area base br col embed hr img input link meta param source track wbr")
# Elements whose content holds no tags.
RAW = _names("script style iframe noembed noframes xmp textarea title")
# Elements whose content is not translated though it stands in a sentence.
VERBATIM = _names("code kbd samp var tt svg math script style")
# Elements that stand within a line of text; all others begin and end a block.
INLINE = VERBATIM | _names(
    "a abbr acronym b bdi bdo big blink br cite data del dfn em font i img ins label mark meter nobr output progress "
    "q rp rt ruby s slot small span strike strong sub sup time u wbr"
)
# Elements whose content is no prose.
CARRIED = VERBATIM | _names("iframe noembed noframes xmp textarea pre template object canvas audio video")
# Elements that a text shows as one tag: their content would bury it.
FOLDED = _names("svg math script style")
# The end tags that people leave out: what an element ends that is still open.
CLOSED_BY = {
    "li": _names("li"),
    "dt": _names("dt dd"),
    "dd": _names("dt dd"),
    "option": _names("option"),
    "tr": _names("tr td th"),
    "td": _names("td th"),
    "th": _names("td th"),
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
SHOWN = _names("alt title placeholder aria-label aria-description aria-placeholder")
# The names of <meta> whose content is for readers.
META = _names(
    "description keywords og:title og:description og:image:alt twitter:title twitter:description twitter:image:alt "
    "dc.title dc.description dcterms.title dcterms.description"
)
# White space, and what a page links to beside a heading.
ANCHORS = " \t\r\n\f¶#§🔗"
# The types of <input> that show their value.
BUTTONS = _names("submit button reset")
