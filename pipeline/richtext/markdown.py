"""Markdown as HTML, parsed as `formats.commonmark` reads it; what comes out is not yet harmless."""

import re
from functools import cache
from html import escape
from typing import TYPE_CHECKING

from pipeline.formats.commonmark import CALLS, LONGEST, make_parser
from pipeline.formats.frontmatter import read_front_matter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token
    from markdown_it.utils import EnvType, OptionsDict

_TASK = re.compile(r"\[([ xX])\](?=([ \t\u1680]|\Z))")
_BOXES = {" ": "☐", "x": "☑", "X": "☑"}
_ALERT = re.compile(r"\[!([A-Za-z]+)\][+-]?[ \t]*\Z")


def render_html(source: str) -> str:
    """Return a Markdown article without its front matter as HTML.

    Shortcodes and formulas stand there as code; directives, which are layout, leave nothing.
    """
    body = source[read_front_matter(source).end :]
    lines = re.split(r"\r\n?|\n", body)
    return str(_parser().render(body, {"lines": lines}))


@cache
def _parser() -> "MarkdownIt":
    parser = make_parser(moves_notes=True)
    parser.core.ruler.at("inline", _parse_inline)
    parser.core.ruler.push("pages", _arrange)
    rules = dict(zip(parser.inline.ruler.get_active_rules(), parser.inline.ruler.getRules(""), strict=True))
    call = rules["call"]

    def keep_call(state: "StateInline", silent: bool) -> bool:  # noqa: FBT001 (as markdown-it calls it)
        start = state.pos
        if not call(state, True):  # noqa: FBT003
            return False
        if not silent:
            state.push("call", "", 0).content = state.src[start : state.pos]
        return True

    parser.inline.ruler.at("call", keep_call)
    for name in ("call", "math_inline", "math_inline_double"):
        parser.add_render_rule(name, _render_code)
    for name in ("carried", "math_block", "math_block_label", "amsmath"):
        parser.add_render_rule(name, _render_block)
    parser.add_render_rule("definition", lambda *_: "")
    parser.add_render_rule("footnote_block_open", lambda *_: '<section class="footnotes">\n<ol>\n')
    parser.render("")  # articles are drawn in two threads, and the first use of a parser completes it
    return parser


def _parse_inline(state: "StateCore") -> None:
    from markdown_it.token import Token  # noqa: PLC0415 (nothing heavy at import)

    for token in state.tokens:
        if token.type == "inline" and len(token.content) > LONGEST:
            token.children = [Token("text", "", 0, content=token.content)]
        elif token.type == "inline":
            token.children = token.children or []
            state.md.inline.parse(token.content, state.md, state.env, token.children)


def _arrange(state: "StateCore") -> None:
    """Write out what GitHub draws: boxes of tasks, the names of alerts; and alignment without styles."""
    from markdown_it.token import Token  # noqa: PLC0415 (nothing heavy at import)

    nothing = Token("", "", 0)
    for around, paragraph, token in zip(
        [nothing, nothing, *state.tokens], [nothing, *state.tokens], state.tokens, strict=False
    ):
        if token.type in {"th_open", "td_open"}:
            side = str(token.attrs.pop("style", "")).removeprefix("text-align:")
            token.attrs |= {"class": side} if side in {"right", "center"} else {}
        elif paragraph.type == "paragraph_open" and token.children:
            if around.type == "blockquote_open":
                _name_alert(token.children)
            elif around.type == "list_item_open" and (box := _TASK.match(token.children[0].content)):
                around.attrs["class"] = "task"
                # A box without words is that of a task that a person wants to publish nothing.
                shown = _BOXES[box[1]] if box[2] else ""
                token.children[0].content = shown + token.children[0].content[box.end() :]


def _name_alert(children: "list[Token]") -> None:
    match = _ALERT.match(children[0].content) if children[0].type == "text" else None
    if match:
        children[0].type, children[0].content = "html_inline", f"<strong>{match[1].capitalize()}</strong>"
        if len(children) > 1 and children[1].type == "softbreak":
            children[1].type = "hardbreak"


def _render_code(
    _renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _options: "OptionsDict", _env: "EnvType"
) -> str:
    token = tokens[index]
    if token.type == "call" and not token.content.startswith(CALLS):
        return ""
    return f'<code class="carried">{escape(token.markup + token.content + token.markup)}</code>'


def _render_block(
    _renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, _options: "OptionsDict", env: "EnvType"
) -> str:
    token = tokens[index]
    first, last = token.map or (0, 0)
    content = "\n".join(line.strip() for line in env["lines"][first:last])
    if token.type == "carried" and not content.startswith(CALLS):
        return ""
    return f'<pre><code class="carried">{escape(content)}</code></pre>\n'
