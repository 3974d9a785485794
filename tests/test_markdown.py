"""Markdown: what is text and what is not, how a catalog shows it, and how a translation is written back."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from pipeline.article import Article, Kind, Markup
from pipeline.cli import main
from pipeline.formats import parse_article
from pipeline.formats.markdown import read_blocks
from pipeline.formats.marks import Role, find_marks
from pipeline.formats.rebuild import rebuild
from pipeline.segment import segment_article

CASES = Path(__file__).parent / "cases" / "markdown"


def article_of(source: str) -> Article:
    blocks, languages = read_blocks(source)
    return Article("essai", source, blocks, languages=languages)


def texts_of(source: str) -> list[str]:
    return [segment.text for segment in segment_article(article_of(source))]


def translate(source: str, *texts: str) -> str:
    """Return the source with a text for each of its segments."""
    article = article_of(source)
    segments = segment_article(article)
    assert len(segments) == len(texts), [segment.text for segment in segments]
    return rebuild(article, zip(segments, texts, strict=True)).decode()


def test_segments_of_an_article() -> None:
    result = CliRunner().invoke(main, ["segment", "--json", str(CASES / "article.md")])
    assert result.output == (CASES / "article.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("Un *mot. Deux* là. Trois.", ["Un *mot. Deux* là.", "Trois."]),
        ("**Oui. Non.** Peut-être.", ["**Oui. Non.**", "Peut-être."]),
        ("**Une phrase. Deux** et trois. Quatre.", ["**Une phrase. Deux** et trois.", "Quatre."]),
        ("**M.** Dupont dort. Bien.", ["**M.** Dupont dort.", "Bien."]),
        ("[Un. Deux.](/u) Trois.", ["[Un. Deux.](/u)", "Trois."]),
        ("Lisez `a. B`. Puis dormez.", ["Lisez `a. B`.", "Puis dormez."]),
        ("Une note.[^1] Une autre.", ["Une note.[^1]", "Une autre."]),
        ("Un <b>mot. Deux</b> là. Trois.", ["Un <b>mot. Deux</b> là.", "Trois."]),
        ("Une ligne.  \nUne autre\\\nsuit", ["Une ligne.", "Une autre<br>suit"]),
        ("~~Faux. Oui.~~ ***Vrai. Non.*** Fin.", ["~~Faux. Oui.~~", "***Vrai. Non.***", "Fin."]),
    ],
)
def test_sentences_end_outside_markup(source: str, texts: list[str]) -> None:
    assert texts_of(source) == texts


@pytest.mark.parametrize(
    "source",
    [
        "    du code",
        "```\ndu code\n```",
        "<!-- un commentaire -->",
        "<script>\nvar un = 'mot';\n</script>",
        "$$\nx = mot\n$$",
        "{{< figure src=mot >}}",
        '{{< figure\n  title="mot" >}}',
        "{% include mot.html %}",
        "{% highlight python %}\nun mot\n{% endhighlight %}",
        "::: conseil Titre",
        '!!! note "Titre"',
        "{: .classe }",
        "[TOC]",
        "[lien]: https://exemple.fr/mot",
        "`du code` <https://exemple.fr/mot>",
        "https://exemple.fr/mot",
        "| 12 |\n|---|\n| 42 |",
        "---\ndate: mot\n---",
        "> [!NOTE]",
    ],
)
def test_what_is_no_text(source: str) -> None:
    assert texts_of(source) == []


@pytest.mark.parametrize(
    ("source", "texts", "expected"),
    [
        ("Une phrase\nsur deux lignes.\n", ["One line."], "One line.\n"),
        ("> Un\r\n> deux.\r\n> Trois.\r\n", ["One.", "Two."], "> One.\r\n> Two.\r\n"),
        ("- Un\n  deux  \n  trois\n", ["A<br>b"], "- A  \n  b\n"),
        ("- Un\n  deux  \n  trois\n", ["A"], "- A\n"),
        ("Voir [ici] et [là][].\n\n[ici]: /u\n[là]: /v\n", ["See [here][ici], [there][là]."], None),
        ("# Titre #\n", ["C #"], "# C \\# #\n"),
        ("| a | `b` |\n|---|---|\n| mot | 1 |\n", ["A|B", "c"], "| A\\|B | `b` |\n|---|---|\n| c | 1 |\n"),
        ("1986 fut une année.\n", ["1986. A year."], "1986\\. A year.\n"),
        ("Un point.\n", ["- No"], "\\- No\n"),
        ("Un point.\n", ["# No"], "\\# No\n"),
        ("Un point.\n", ["> No"], "\\> No\n"),
        ("Un point.\n", ["[No]: this"], "[No]\\: this\n"),
        ("Un point.\n", ["one\n\ntwo"], "one two\n"),
        ("Un\n===\n", ["---"], "\\---\n===\n"),
        ('[a]: /u "Un titre"\n', ['The "title"'], '[a]: /u "The \\"title\\""\n'),
        ("- [ ] Une tâche\n", ["A task"], "- [ ] A task\n"),
        ("Un&nbsp;mot&eacute;\n", ["A\u00a0word"], "A\u00a0word\n"),
    ],
)
def test_translations_are_written_as_what_they_say(source: str, texts: list[str], expected: str | None) -> None:
    written = translate(source, *texts)
    assert written == (expected or source.replace("Voir [ici] et [là][].", texts[0]))


@pytest.mark.parametrize(
    ("line", "text", "expected"),
    [
        ("title: Un titre", "A title", "title: A title"),
        ("title: Un titre", "A title: more", 'title: "A title: more"'),
        ("title: Un titre", "# 1", 'title: "# 1"'),
        ("title: Un titre", "yes", 'title: "yes"'),
        ("title: 'L''été'", "It's", "title: 'It''s'"),
        ('title: "Un \\"mot\\""', 'A "word"', 'title: "A \\"word\\""'),
        ("tags: [vélo]", "bike, car", 'tags: ["bike, car"]'),
        ("tags:\n- vélo", "bike", "tags:\n- bike"),
        ("summary: >-\n  Un mot\n  de plus", "One word", "summary: >-\n  One word"),
    ],
)
def test_yaml_front_matter(line: str, text: str, expected: str) -> None:
    assert translate(f"---\n{line}\nn: 1\n---\n", text) == f"---\n{expected}\nn: 1\n---\n"


@pytest.mark.parametrize(
    ("line", "text", "expected"),
    [
        ('title = "L\'été"', 'A "summer"', 'title = "A \\"summer\\""'),
        ("title = 'Un'", "One", "title = 'One'"),
        ("title = 'Un'", "It's", 'title = "It\'s"'),
        ('tags = ["vélo"]', "bike", 'tags = ["bike"]'),
    ],
)
def test_toml_front_matter(line: str, text: str, expected: str) -> None:
    source = '+++\n{}\nx = 1\n[params]\ntitle = "Non"\n+++\n'
    assert translate(source.format(line), text) == source.format(expected)


def test_front_matter_that_is_broken_or_evil_stays_as_it_is() -> None:
    assert texts_of("---\ntitle: Un : deux\n---\nMot") == ["Mot"]
    assert texts_of(f"---\na: {'[' * 5000}\n---\nMot") == ["Mot"]
    assert texts_of("---\ntitle: &a [*a]\n---\nMot") == ["Mot"]
    assert texts_of("---\nMot\n---\n") == ["Mot"]  # a heading under a rule
    assert texts_of("+++\ntitle =\n+++\nMot") == ["Mot"]
    assert texts_of(f"+++\ntitle = 'Un'\nx = {'9' * 5000}\n+++\nMot") == ["Mot"]
    assert texts_of("+++\nx = '''\ntitle = \"\\q\"\n'''\n+++\nMot") == ["Mot"]


def test_more_front_matter_keys() -> None:
    source = "---\nsubtitle: Un mot\n---\n"
    assert read_blocks(source)[0] == ()
    assert [block.text for block in read_blocks(source, ["subtitle"])[0]] == ["Un mot"]


def test_the_language_of_an_article_changes_with_it() -> None:
    article = article_of("---\nlang: fr\ntitle: Mot\n---\n")
    assert rebuild(article, [], "es").decode() == "---\nlang: es\ntitle: Mot\n---\n"


def test_title() -> None:
    assert article_of("# Un\n\n# Deux").title == "Un"
    assert [block.kind for block in article_of("---\ntitle: Un\n---\n# Deux").blocks] == [Kind.TITLE, Kind.HEADING]
    assert article_of("## Un\n\n# Deux").title == "essai"
    for matter in ("---\ntitle: “Un titre”\n---", '+++\ntitle = "Un titre"\n+++'):
        blocks = article_of(f"{matter}\n# Un *titre*\n\nMot.").blocks
        assert [block.kind for block in blocks] == [Kind.METADATA, Kind.TITLE, Kind.PARAGRAPH]
        assert blocks[0].key == "title"


def test_bytes_around_the_text_survive(tmp_path: Path) -> None:
    data = "\ufeff# Titre\r\n\r\nMot \t\r\n\tdeux".encode()
    article = parse_article(data, tmp_path / "a.md", "a")
    segments = segment_article(article)
    assert rebuild(article, [(segment, segment.text) for segment in segments]) == data
    assert rebuild(article, [(segments[0], "X")]) == data.replace(b"Titre", b"X")


def test_marks() -> None:
    text = 'Un [*lien*](/u "t") et `code`, <b>gras</b>[^1] ![alt](i.png) [a][b] [c]'
    found = [(mark.role, text[mark.start : mark.end], mark.partner) for mark in find_marks(text, Markup.MARKDOWN)]
    assert found == [
        (Role.OPEN, "[", 3),
        (Role.OPEN, "*", 2),
        (Role.CLOSE, "*", 1),
        (Role.CLOSE, '](/u "t")', 0),
        (Role.WORD, "`code`", 4),
        (Role.OPEN, "<b>", 6),
        (Role.CLOSE, "</b>", 5),
        (Role.SILENT, "[^1]", 7),
        (Role.OPEN, "![", 9),
        (Role.CLOSE, "](i.png)", 8),
        (Role.OPEN, "[", 11),
        (Role.CLOSE, "][b]", 10),
    ]


EXAMPLES = [example["markdown"] for example in json.loads((CASES / "commonmark-spec.json").read_text(encoding="utf-8"))]
LINES = st.sampled_from([line for example in EXAMPLES for line in example.splitlines()])
ANY = st.text(st.sampled_from("aé .\n*_`[]()<>!#-+|\\&;~$:\t\"'1^{}%=\r\0"), max_size=25) | st.text(max_size=10)


@given(st.lists(LINES | ANY, max_size=8), st.sampled_from(["\n", "\r\n", "\r", "\n\n"]))
def test_any_text_is_read_and_written_back(lines: list[str], newline: str) -> None:
    source = newline.join(lines)
    article = article_of(source)
    at = 0
    for block in article.blocks:
        assert at <= block.start < block.end <= len(source)
        at = block.end
    segments = segment_article(article)
    assert rebuild(article, [(segment, segment.text) for segment in segments]) == source.encode(
        errors="xmlcharrefreplace"
    )
    rebuild(article, [(segment, f"{segment.text} {segment.text}") for segment in segments])


WORDS = st.lists(st.sampled_from(["mot", "Deux", "été", "l’eau", "M.", "fin."]), min_size=1, max_size=6).map(" ".join)
WRAPPERS = st.sampled_from(["{}", "# {}", "- {}", "> {}", "1. {}", "**{}**", "[{}](/u)", "| {} |\n|---|", "{}\n==="])


@given(st.lists(st.tuples(WRAPPERS, WORDS), min_size=1, max_size=6))
def test_no_word_is_lost(pieces: list[tuple[str, str]]) -> None:
    source = "\n\n".join(wrapper.format(words) for wrapper, words in pieces)
    text = " ".join(texts_of(source))
    assert sorted(word for word in text.replace("**", " ").replace("[", " ").replace("](/u)", " ").split()) == sorted(
        word for _, words in pieces for word in words.split()
    )


UNITS = [
    "mot [lien](u) *gras*. Oui.\n\n ",
    ">",
    "[",
    "[a](",
    "*a ",
    "a**",
    "_a",
    "{{",
    "{{< a\n",
    "{% raw %}\n",
    "- ",
    "^[",
    "![",
    "<a ",
    "a  \n",
    "$a ",
    "[^a]: x\n",
    "| a |\n",
    "&eacute; ",
    "`a ",
    ":::\n",
    "a\n: b\n",
    "<div>\n",
]


@pytest.mark.parametrize("unit", UNITS)
def test_time_grows_with_length_alone(unit: str, is_linear: Callable[[Callable[[int], object], int], bool]) -> None:
    def read_and_rebuild(count: int) -> None:
        article = article_of(unit * count)
        rebuild(article, [(segment, "X") for segment in segment_article(article)])

    assert is_linear(read_and_rebuild, 300)


def test_depth_is_no_danger() -> None:
    for source in ("> " * 5000 + "a", "- " * 5000 + "a", "![" * 5000 + "a" + "](x)" * 5000, "[" * 5000 + "](x)" * 5000):
        assert rebuild(article_of(source), []).decode() == source
