"""The Markdown parser: CommonMark with GitHub's tables and strikethrough, and what static sites add to it.

It finds blocks by their lines, and inline markup by its offsets, which markdown-it knows while it parses but does not
hand out: `scan_inline` listens to its rules.
"""

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.rules_inline.state_inline import Delimiter
    from markdown_it.token import Token
    from markdown_it.utils import EnvType

    Rule = Callable[[StateInline, bool], bool]

# A line of its own: shortcodes of Hugo and Liquid, kramdown's attributes and abbreviations, a mark for the contents.
# (Possessive over the whole group would say the same, but Python 3.11.2 does not find it then.)
_CALL = r"\{\{(?:[^}]++|\}(?!\}))*\}\}|\{%(?:[^%]++|%(?!\}))*%\}"
_LONE = re.compile(rf"(?:(?:{_CALL})[ \t]*)+|\{{[:#.][^{{}}]*\}}[ \t]*|\[\[?_?TOC_?\]\]?[ \t]*|:::+.*|\*\[[^\]]+\]:.*")
_UNCLOSED = re.compile(r"\{\{[<%]|\{%")
_CLOSER = {"{{<": ">}}", "{{%": "%}}", "{%": "%}"}
# What stands between two of these is code, or not to be shown.
_VERBATIM = re.compile(r"(?:\{\{[<%]|\{%)-?\s*(highlight|raw|comment|mermaid|math|katex)\b")
# Admonitions and tabs of Python-Markdown: the text is indented below.
_INDENTED = re.compile(r"(?:!!!|\?\?\?\+?|===[+!]?)[ \t]+\S")
_INLINE_CALL = re.compile(rf"{_CALL}|\{{[:#.][^{{}}\n]{{0,200}}\}}")
_NOTE = re.compile(r"\[\^[^\]\s]{1,200}\]")
_RULES = ("newline", "escape", "backticks", "link", "image", "autolink", "html_inline", "entity")
_PLUGIN_RULES = ("math_inline", "math_inline_double", "footnote_ref", "call")
_EMPHASES = ("emphasis", "strikethrough")
# Longer paragraphs are no prose, and some take the parser more than linear time.
LONGEST = 50_000
_REACH = 500  # lines that a shortcode may hold
CALLS = ("{{", "{%")  # how calls of Hugo and Jekyll begin


class Span(NamedTuple):
    """`text[start:end]` is what the rule `name` found; `close` is where the closing mark of a pair begins.

    `open` is where the opening one ends; both are `start` where there is no pair.
    """

    name: str
    start: int
    open: int
    close: int
    end: int


class _Listener:
    """What the rules found in one text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.state: StateInline | None = None
        self.spans: list[Span] = []
        self.places: dict[int, tuple[int, int]] = {}  # by the identity of a delimiter: its start and width
        self.delimiters: dict[int, list[Delimiter]] = {}  # by identity: the text's own list, and one for each link


def parse_blocks(source: str, env: "EnvType") -> "list[Token]":
    """Return the tokens of the blocks of a Markdown text; `env` receives its link definitions and footnotes."""
    return _parser().parse(source, env)


def scan_inline(text: str, env: "EnvType") -> list[Span]:
    """Return the spans of the inline markup of a block, by their beginnings; `env` as from `parse_blocks`."""
    from markdown_it.rules_inline import StateInline  # noqa: PLC0415 (nothing heavy at import)

    if len(text) > LONGEST:
        return []
    listener = _Listener(text)
    parser = _parser()
    state = StateInline(text, parser, {**env, "listener": listener}, [])
    listener.state = state
    parser.inline.tokenize(state)
    for rule in parser.inline.ruler2.getRules(""):
        rule(state)
    pairs = [pair for delimiters in listener.delimiters.values() for pair in _pairs(delimiters, listener.places)]
    return sorted([*listener.spans, *_merge(text, pairs)], key=lambda span: (span.start, -span.end))


def make_parser(*, moves_notes: bool) -> "MarkdownIt":
    """Return a parser of what we take for Markdown; with `moves_notes` footnotes go to the end, as on pages."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 (nothing heavy at import)
    from mdit_py_plugins.amsmath import amsmath_plugin  # noqa: PLC0415
    from mdit_py_plugins.deflist import deflist_plugin  # noqa: PLC0415
    from mdit_py_plugins.dollarmath import dollarmath_plugin  # noqa: PLC0415
    from mdit_py_plugins.footnote import footnote_plugin  # noqa: PLC0415

    parser = MarkdownIt("commonmark", {"inline_definitions": True}).enable(["table", "strikethrough"])
    footnote_plugin(parser, inline=False, move_to_end=moves_notes, always_match_refs=not moves_notes)
    dollarmath_plugin(parser, allow_space=False, allow_digits=False)
    amsmath_plugin(parser)
    deflist_plugin(parser)
    alternatives: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    parser.block.ruler.before("fence", "lone", _lone, alternatives)
    parser.block.ruler.before("fence", "indented", _indented, alternatives)
    parser.inline.ruler.before("escape", "call", _call)
    return parser


@cache
def _parser() -> "MarkdownIt":
    parser = make_parser(moves_notes=False)
    parser.core.ruler.enableOnly(["normalize", "block"])
    active = dict(zip(parser.inline.ruler.get_active_rules(), parser.inline.ruler.getRules(""), strict=True))
    for name in (*_RULES, *_PLUGIN_RULES):
        if name in active:
            parser.inline.ruler.at(name, _heard(name, active[name]))
    for name in _EMPHASES:
        parser.inline.ruler.at(name, _heard_delimiters(active[name]))
    return parser


def _lone(state: "StateBlock", start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 (as markdown-it calls it)
    """Carry lines that are nothing but a shortcode, a directive or the like."""
    text = _line(state, start)
    if text[:1] not in {"{", "[", ":", "*"} or state.is_code_block(start):
        return False
    last = start
    opening = _UNCLOSED.match(text)
    if opening and (verbatim := _VERBATIM.match(text)):
        closing = re.compile(rf"(?:\{{\{{[<%]|\{{%)-?\s*(?:/|end){verbatim[1]}\b")
        last = next((n for n in range(start, min(end, start + _REACH)) if closing.search(_line(state, n))), start)
    elif opening and _CLOSER[opening[0]] not in text:
        last = next((n for n in range(start, min(end, start + _REACH)) if _CLOSER[opening[0]] in _line(state, n)), -1)
        if last < 0 or not _line(state, last).rstrip().endswith(_CLOSER[opening[0]]):
            return False
    if last == start and not _LONE.fullmatch(text):
        return False
    if not silent:
        token = state.push("carried", "", 0)
        token.map = [start, last + 1]
        state.line = last + 1
    return True


def _indented(state: "StateBlock", start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """Carry the first line of an admonition or tab; what is indented below it is Markdown."""
    if state.is_code_block(start) or not _INDENTED.match(_line(state, start)):
        return False
    if silent:
        return True
    last = start + 1
    while last < end and (state.isEmpty(last) or state.sCount[last] >= state.blkIndent + 4):
        last += 1
    token = state.push("carried", "", 0)
    token.map = [start, start + 1]
    line_max, parent = state.lineMax, state.parentType
    state.lineMax, state.blkIndent = last, state.blkIndent + 4
    state.level += 1
    state.md.block.tokenize(state, start + 1, last)
    state.level -= 1
    state.lineMax, state.blkIndent, state.parentType, state.line = line_max, state.blkIndent - 4, parent, last
    return True


def _line(state: "StateBlock", number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _call(state: "StateInline", silent: bool) -> bool:  # noqa: FBT001
    if state.src[state.pos] != "{" or state.src.find("}", state.pos) < 0:
        return False
    match = _INLINE_CALL.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        state.append_pending(match[0])
    state.pos = match.end()
    return True


def _heard(name: str, rule: "Rule") -> "Rule":
    def run(state: "StateInline", silent: bool) -> bool:  # noqa: FBT001
        start = state.pos
        if name == "footnote_ref" and not _NOTE.match(state.src, start, state.posMax):
            return False  # the rule itself looks for the end of a note as far as the text goes
        # An image is parsed for its extent alone: its words would take a recursion for every image within an image.
        is_found = rule(state, silent or name == "image")
        listener = state.env.get("listener")
        if is_found and not silent and listener and listener.state is state:
            end, opening, closing = state.pos, start, start
            if name in {"link", "image"}:
                opening = start + (2 if name == "image" else 1)
                state.pos = start
                closing = state.md.helpers.parseLinkLabel(state, opening - 1, name == "link")
                state.pos = end
            listener.spans.append(Span(name, start, opening, closing, end))
        return is_found

    return run


def _heard_delimiters(rule: "Rule") -> "Rule":
    def run(state: "StateInline", silent: bool) -> bool:  # noqa: FBT001
        start, known = state.pos, len(state.delimiters)
        is_found = rule(state, silent)
        listener = state.env.get("listener")
        if is_found and listener and listener.state is state and len(state.delimiters) > known:
            added = state.delimiters[known:]
            width = 2 if state.src[start] == "~" else 1
            first = state.pos - width * len(added)
            for number, delimiter in enumerate(added):
                listener.places[id(delimiter)] = (first + width * number, width)
            listener.delimiters[id(state.delimiters)] = state.delimiters
        return is_found

    return run


def _pairs(delimiters: "list[Delimiter]", places: dict[int, tuple[int, int]]) -> list[Span]:
    pairs = []
    for delimiter in delimiters:
        if delimiter.end >= 0:
            start, width = places[id(delimiter)]
            closing, _ = places[id(delimiters[delimiter.end])]
            pairs.append(Span("emphasis", start, start + width, closing, closing + width))
    return pairs


def _merge(text: str, pairs: list[Span]) -> list[Span]:
    """Make `**` of two asterisks that pair with two."""
    merged: list[Span] = []
    remaining = {(span.start, span.end): span for span in pairs}
    for span in sorted(remaining.values(), key=lambda span: -span.start):
        if (span.start, span.end) not in remaining:
            continue
        outer = remaining.pop((span.start - 1, span.end + 1), None)
        if outer and text[outer.start] != text[span.start]:
            remaining[outer.start, outer.end] = outer
            outer = None
        merged.append(Span("emphasis", outer.start, span.open, span.close, outer.end) if outer else span)
    return merged
