"""Inline markup on its way through a translation: taken out of a sentence, and put back around the same words."""

import re
from collections import Counter
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.article import Kind, Markup
from pipeline.draft import Passage, draft_passages, prepare_passages
from pipeline.engines import Engine, Link
from pipeline.engines.apertium import open_apertium
from pipeline.engines.argos import open_argos
from pipeline.engines.tokens import follow_spans
from pipeline.formats import SUFFIXES, read_article
from pipeline.formats.marks import find_marks
from pipeline.markup import Bare, strip_markup
from pipeline.models import install_package
from pipeline.projection import project_markup
from pipeline.segment import Segment, segment_article
from pipeline.termbase import read_glossary
from pipeline.titles import find_titles, write_titles

ROOT = Path(__file__).parents[1]
MARKDOWN, HTML = Markup.MARKDOWN, Markup.HTML


def project(source: str, draft: str, words: str, markup: Markup = MARKDOWN) -> str:
    """Project the markup of a source; `words` names for each word of the draft the number of its source word, or -."""
    bare = strip_markup(source, markup)
    links = []
    for (start, end), word in zip(spans_of_words(draft), words.split(), strict=True):
        if word != "-":
            links.append(Link(spans_of_words(bare.text)[int(word)], (start, end)))
    return project_markup(bare, draft, links)


def spans_of_words(text: str) -> list[tuple[int, int]]:
    spans, at = [], 0
    for word in text.split():
        start = text.index(word, at)
        at = start + len(word)
        spans.append((start, at))
    return spans


@pytest.mark.parametrize(
    ("source", "bare", "markup"),
    [
        ("Le **grand _chat_ noir** dort.", "Le grand chat noir dort.", MARKDOWN),
        ("Voir [la page](https://a.org/b_c), note[^1].", "Voir la page, note.", MARKDOWN),
        ("Tapez `ls -l` puis `cd` ou `ls -l`.", "Tapez X1 puis X2 ou X1.", MARKDOWN),
        ("X1 et `x`", "X1 et X2", MARKDOWN),
        ("Tapez <kbd>5</kbd> puis <span translate='no'>*a*</span> ou `x`5", "Tapez X1 puis X2 ou X3 5", MARKDOWN),
        (r"5 \* 3 &lt; 20 \& <br> fin", "5 * 3 < 20 & fin", MARKDOWN),
        ("Une <img src='a' alt='b'> image et <a id='c'></a> <b>fin</b>", "Une image et fin", HTML),
        ("AT&amp;T &lt;3 \\* x<br>y", "AT&T <3 \\* x y", HTML),
        # Raised and lowered numbers belong to what they touch, but for those between letters.
        ('Le mot<sup>1</sup> dit<a href="#n"><sup>[2]</sup></a>, 5 m<sup>2</sup>', "Le mot dit, 5 m", HTML),
        ("Le H<sub>2</sub>O, <sup>3</sup> et le XXI<sup>e</sup>", "Le H2O, 3 et le XXIe", HTML),
    ],
)
def test_engines_see_a_sentence_without_its_markup(source: str, bare: str, markup: Markup) -> None:
    assert strip_markup(source, markup).text == bare


@pytest.mark.parametrize(
    ("source", "draft", "words", "expected"),
    [
        # Words change places, and what stands around them goes along.
        ("Le **chat** *noir* dort.", "The black cat sleeps.", "0 2 1 3", "The *black* **cat** sleeps."),
        ("La [page *web*](u) de Marie", "Marie's web page", "3 2 1", "Marie's [*web* page](u)"),
        # What is all of a sentence stays so, its punctuation too, or not.
        ("**Le chat dort.**", "The cat sleeps.", "0 1 2", "**The cat sleeps.**"),
        ("**Le chat dort**.", "The cat sleeps.", "- - -", "**The cat sleeps**."),
        ("**Attention :** il dort", "Warning: he sleeps", "0 2 3", "**Warning:** he sleeps"),
        ("Le « *chat* » dort", "The “cat” sleeps", "0 2 4", "The “*cat*” sleeps"),
        ("Le *« chat »* dort", "The “cat” sleeps", "0 2 4", "The *“cat”* sleeps"),
        ("**Dort-il ?** Oui", "¿Duerme? Sí", "0 2", "**¿Duerme?** Sí"),
        # Between two words that come from within there may be another; a word of unknown origin ends nothing.
        ("Le **grand chat** noir", "The big black cat", "0 1 3 2", "The **big black cat**"),
        ("Le **chat** dort", "The little cat of sleeps", "0 - 1 - 2", "The little **cat** of sleeps"),
        # Notes and line breaks keep to the word before them.
        ("Un chat[^1] noir.[^2]", "A black cat.", "0 2 1", "A black cat[^1].[^2]"),
        ("Un mot.<br>Deux mots", "One word. Two words", "0 1 2 3", "One word.<br>Two words"),
        ("Un ![](a.png) chat", "A cat", "0 1", "A ![](a.png) cat"),
        # The description of an image is none of the sentence's words, nor is a link around it.
        ("[![Le logo](a.png)](u) Le chat", "The cat", "0 1", "[![Le logo](a.png)](u) The cat"),
        ("![Un chat](a.png)", "", "", "![Un chat](a.png)"),
        # Code comes through as its name, or goes where it would be.
        ("Avec `ls` et `cd`", "With X2 and X1", "0 3 2 1", "With `cd` and `ls`"),
        ("Avec `ls` ici", "With here", "0 2", "With `ls` here"),
        ("Le [code `ls`](u) ici", "Here the X1 code", "3 0 2 1", "Here the [`ls` code](u)"),
        # Articles and prepositions stay outside where the source has none inside; stops, where it has none.
        ("L’*objet* de Marie", "El objeto de María", "0 0 1 2", "El *objeto* de María"),
        ("*Le chat* dort", "The cat sleeps", "0 1 2", "*The cat* sleeps"),
        ("*Le « chat »* dort", "The “cat, sleeps", "0 2 4", "*The “cat*, sleeps"),
        ("Le dossier *.config* ici", "The folder .config here", "0 1 2 3", "The folder *.config* here"),
        # What is written alike keeps the markup inside of words.
        ("Au XXI<sup>e</sup> siècle", "In the XXIe century", "0 0 1 2", "In the XXI<sup>e</sup> century"),
        ("Au XXI<sup>e</sup> siècle", "En el siglo XXI", "0 0 2 1", "En el siglo XXI<sup></sup>"),
        ("Le 1<sup>er</sup> mai", "The 1st of May", "0 1 1 2", "The 1<sup>st</sup> of May"),
        ("Le n<sup>o</sup> 5", "The number 5", "0 1 2", "The number<sup></sup> 5"),
        ("L’eau H<sub>2</sub>O", "H2O water", "1 0", "H<sub>2</sub>O water"),
        ("Un **anti**mythe ici", "An antimyth here", "0 1 2", "An **anti**myth here"),
        # A draft in the words of the source has the markup of the source.
        ("Un *chat* noir : [oui](u)", "Un chat noir: oui", "- - - -", "Un *chat* noir: [oui](u)"),
        # Words that the draft leaves out leave their markup behind, where they would be.
        ("Le **très** grand *chat*", "The big cat", "0 2 3", "The **big** *cat*"),
        ("**Oui** *oui*", "Yes", "0", "***Yes***"),
        # A part of a word, in one that stays and in one that does not.
        ("Avec T<sub>E</sub>X et *so*nner", "ring with TEX", "3 0 1", "*ring* with T<sub>E</sub>X"),
        # What would be taken for markup is escaped.
        ("2 * 3 = **six** * un", "2*3*1 = six *", "0 4 -  5", None),
    ],
)
def test_markup_stands_around_the_words_that_it_stood_around(
    source: str, draft: str, words: str, expected: str | None
) -> None:
    written = project(source, draft, words)
    assert written == (expected or written)
    assert marks(written, MARKDOWN) == marks(source, MARKDOWN)


def marks(text: str, markup: Markup) -> Counter[str]:
    return Counter(text[mark.start : mark.end] for mark in find_marks(text, markup))


def test_html_is_escaped_as_html() -> None:
    source = "Le <b>chat</b> &lt;3 <i>Q&amp;R</i> &copy;"
    assert project(source, "<3 the cat Q&A &copy;", "2 0 1 3 4", HTML) == (
        "&lt;3 the <b>cat</b> <i>Q&amp;A</i> &amp;copy;"
    )


PIECES = st.sampled_from(
    [
        *("**", "*", "_", "`", "[", "](u)", "](u 'Un mot')", "![", "~~", "<b>", "</b>", "<br>", "<i>", "</i>", "[^1]"),
        *(" ", " ", " ", "mot", "Deux", "l’eau", ".", ", ", " : ", "« ", " »", "!", "\\*", "&amp;", "<a id='x'></a>"),
        *("`code`", "$x$", "<https://a.org>", "{{< x >}}", "<code>x</code>", "<!-- a -->", "<img alt='Un chat' src=x>"),
    ]
)


@given(st.lists(PIECES, max_size=20).map("".join), st.sampled_from([MARKDOWN, HTML]))
@example("*\\*](u)**", MARKDOWN)
@example("[&amp;](u)", MARKDOWN)
@example("**<br>`code`**<b>**", MARKDOWN)
def test_with_its_own_words_a_text_comes_back(text: str, markup: Markup) -> None:
    bare = strip_markup(text, markup)
    written = project_markup(bare, bare.text, [Link(span, span) for span in bare.stretches()])
    if bare.text.strip():
        assert marks(written, markup) == marks(text, markup)
        assert "".join(strip_markup(written, markup).text.split()) == "".join(bare.text.split())


@given(
    st.lists(PIECES, max_size=20).map("".join),
    st.sampled_from([MARKDOWN, HTML]),
    st.lists(st.sampled_from(["word", "X1", "X2", "a*b", "<", "“fin”.", "¿", "[x]"]), max_size=8).map(" ".join),
    st.lists(st.tuples(st.integers(0, 40), st.integers(1, 9), st.integers(0, 30), st.integers(1, 9)), max_size=8),
)
def test_any_draft_gets_each_mark_exactly_once(
    text: str, markup: Markup, draft: str, spans: list[tuple[int, int, int, int]]
) -> None:
    bare = strip_markup(text, markup)
    links = sorted((Link((a, a + b), (c, c + d)) for a, b, c, d in spans), key=lambda link: link.target)
    written = project_markup(bare, draft, links)
    assert marks(written, markup) == (marks(text, markup) if draft.strip() or not bare.text.strip() else Counter())


def test_titles_are_found_and_written_as_their_markup_writes_them() -> None:
    assert find_titles("![Un \\[chat\\]](a.png)", MARKDOWN) == ("Un [chat]",)
    text = 'Voir [la page](u "La \\"page\\"") et <img src="a" alt="Un &lt;chat&gt;"> `<a title="non">`'
    assert find_titles(text, MARKDOWN) == ('La "page"', "Un <chat>")
    assert write_titles(text, MARKDOWN, {'La "page"': 'The "page"', "Un <chat>": "A <cat> & dog"}) == (
        'Voir [la page](u "The \\"page\\"") et <img src="a" alt="A &lt;cat&gt; &amp; dog"> `<a title="non">`'
    )


def test_spans_are_followed_through_another_version_of_a_text() -> None:
    old, new = "the  3,5 GPU are « here »", "The 3.5 graphics cards are “here”!"
    spans = [(0, 3), (5, 8), (9, 12), (19, 23), (7, 7)]
    assert [new[slice(*span)] for span in follow_spans(spans, old, new)] == [
        "The",
        "3.5",
        "graphics cards",
        "here",
        "",
    ]


READABLE = re.compile(
    r"""\s+(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\)$|\s(?:alt|title|aria-label|placeholder)="[^"]*\""""
)


def real_passages(count: int) -> list[Passage]:
    """Return sentences with markup, as real articles of others have them (tests/cases)."""
    found: dict[str, Segment] = {}
    for path in sorted(ROOT.glob("tests/cases/*/real/*")):
        if path.suffix in SUFFIXES:
            article = read_article(path, path.stem)
            found |= {s.text: s for s in segment_article(article) if find_marks(s.text, s.markup)}
    segments = sorted(found.values(), key=lambda segment: sha256(segment.text.encode()).digest())[:count]
    assert len(segments) == count
    return list(prepare_passages(segments, read_glossary(ROOT / "glossary")))


def unread(text: str, markup: Markup) -> Counter[str]:
    """Count the marks of a text without what people read in them, and the addresses between them."""
    found: Counter[str] = Counter()
    for mark, count in marks(text, markup).items():
        found[READABLE.sub("", mark)] += count
    return found + Counter(re.findall(r"https?://[^\s<>()\"]+", strip_markup(text, markup).text))


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("argos")
    for file in sorted((ROOT / "tests" / "models").glob("*.argosmodel")):
        install_package(file, folder)
    return folder


@pytest.mark.parametrize("name", ["apertium", "argos"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_drafts_keep_the_markup_of_real_sentences(name: str, language: str, packages: Path) -> None:
    """Of 500 sentences of each engine, all keep their tags, addresses and code, and the words are as without any."""
    engine: Engine = open_apertium("fr", language) if name == "apertium" else open_argos("fr", language, packages)
    passages = real_passages(500)
    drafts = draft_passages(passages, engine, language)
    broken = [
        (passage.segment.text, draft.text)
        for passage, draft in zip(passages, drafts, strict=True)
        if unread(passage.segment.text, passage.segment.markup) != unread(draft.text, passage.segment.markup)
    ]
    assert broken == []
    plain = [
        Passage(replace(p.segment, text=p.text, markup=Markup.NONE), Bare(p.text, p.text), p.matches)
        for p in passages
        if not p.bare.names()
    ]
    alone = iter(draft_passages(plain, engine, language))
    same = [
        strip_markup(draft.text, passage.segment.markup).text.split() == next(alone).text.split()
        for passage, draft in zip(passages, drafts, strict=True)
        if not passage.bare.names()
    ]
    assert sum(same) >= 0.9 * len(same) > 200


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "L’**IA** des `GPU`, *German Gref* et [Sberbank](u).",
            "La **IA** de los `GPU`, *German Gref* y [Sberbank](u).",
        ),
        ("Voir les unités de traitement graphique **de German Gref**, là.", "**de German Gref**,"),
        ("Le coût est de <kbd>5</kbd> euros, soit `x`5 euros.", "<kbd>5</kbd> euros, sea `x` 5 euros."),
    ],
)
def test_terms_and_code_take_their_markup_along(source: str, expected: str) -> None:
    glossary = read_glossary(ROOT / "glossary")
    passages = prepare_passages([Segment(0, Kind.PARAGRAPH, source, 0, "", markup=MARKDOWN)], glossary)
    assert expected in draft_passages(passages, open_apertium("fr", "es"), "es")[0].text
