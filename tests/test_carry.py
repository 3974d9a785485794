"""Sentences that changed, were cut or joined: a person's text follows them, fuzzy, and the old pair stays."""

import subprocess
from pathlib import Path

import pytest

from pipeline.carry import CUTOFF, carry_texts
from pipeline.catalog import Entry, parse_catalog
from pipeline.ledger import DraftRecord, Ledger, digest_draft
from pipeline.merge import Message, merge_messages
from pipeline.similarity import TextIndex

PATH = Path("es.po")
HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
PAIRS = [
    tuple(text.strip() for text in pair.split("---"))
    for pair in Path(__file__).with_name("cases").joinpath("similarity", "edits.txt").read_text("utf-8").split("===\n")
    if pair.strip()
]


def merge(text: str, *msgids: str, drafts: tuple[tuple[str, str], ...] = (), engine: bool = True) -> str:
    known = [*drafts, *((msgid, "Borrador.") for msgid in msgids)]
    ledger = Ledger().with_records(DraftRecord(digest_draft("es", *draft), "test", 0.5) for draft in known)
    messages = [Message(msgid, ("paragraph",), "Borrador." if engine else "", ("draft: test",)) for msgid in msgids]
    catalog = merge_messages(parse_catalog(text.encode(), PATH), messages, "fr.txt", ledger.owner("es"))
    data = catalog.render()
    check = ["msgfmt", "--check", "-o", "/dev/null", "-"]
    subprocess.run(check, input=data, check=True, capture_output=True)
    assert merge_messages(parse_catalog(data, PATH), messages, "fr.txt", ledger.owner("es")).render() == data
    return data.decode()


def entry(msgid: str, msgstr: str, lines: str = "") -> str:
    return f'{lines}msgid "{msgid}"\nmsgstr "{msgstr}"\n'


def gone(msgid: str, msgstr: str) -> Entry:
    return Entry("", 1, msgid, msgstr)


def test_realistic_edits_are_recognized_and_other_sentences_are_not(shared: Path) -> None:
    recognized = [bool(TextIndex([old]).search(new, CUTOFF)) for old, new in PAIRS]
    assert sum(recognized) == 18
    assert len(recognized) == 20
    sentences = (shared / "eval" / "mt" / "flores-dev.fr").read_text(encoding="utf-8").splitlines()
    index = TextIndex(sentences)
    assert [hit for text in sentences for hit in index.search(text, CUTOFF) if sentences[hit[1]] != text] == []


def test_a_changed_sentence_takes_its_text_fuzzy_and_the_old_pair_stays() -> None:
    old = entry("Le chat noir dort.", "El gato negro duerme.", "# Anne: vu\n")
    merged = merge(HEADER + old, "Le chat noir dormait.", "Rien de tel.")
    assert (
        "# Anne: vu\n#. paragraph\n#: fr.txt\n#, fuzzy\n"
        '#| msgid "Le chat noir dort."\nmsgid "Le chat noir dormait."\nmsgstr "El gato negro duerme."\n'
    ) in merged
    assert '# Anne: vu\n#~ msgid "Le chat noir dort."\n#~ msgstr "El gato negro duerme."\n' in merged
    assert 'msgid "Rien de tel."\nmsgstr "Borrador."\n' in merged


def test_a_draft_is_not_carried() -> None:
    old = entry("Le chat noir dort.", "El gato negro duerme.", "#, fuzzy\n")
    merged = merge(HEADER + old, "Le chat noir dormait.", drafts=(("Le chat noir dort.", "El gato negro duerme."),))
    assert 'msgid "Le chat noir dormait."\nmsgstr "Borrador."\n' in merged


def test_the_best_match_goes_first_and_each_text_to_one_sentence() -> None:
    old = [gone("Le chat noir dort.", "A"), gone("Le chat blanc dort.", "B")]
    carried = carry_texts(["Le chat blanc dort !", "Le chat noir dort ici.", "Le chat gris dort."], old)
    assert [text and text.msgstr for text in carried] == ["B", "A", None]


def test_a_sentence_edited_twice_leaves_the_original_pair_alone() -> None:
    once = merge(HEADER + entry("Le chat noir dort.", "El gato."), "Le chat noir dormait.")
    twice = merge(once, "Le chat noir dormait hier.")
    assert twice.count("El gato.") == 2
    assert '#| msgid "Le chat noir dort."\nmsgid "Le chat noir dormait hier."\nmsgstr "El gato."\n' in twice
    back = merge(twice, "Le chat noir dort.")
    assert back.count("El gato.") == 1
    assert '\nmsgid "Le chat noir dort."\nmsgstr "El gato."\n' in back


def test_a_text_corrected_in_between_stays() -> None:
    once = merge(HEADER + entry("Le chat noir dort.", "El gato."), "Le chat noir dormait.")
    twice = merge(
        once.replace('msgstr "El gato."\n\n#~', 'msgstr "El gato dormía."\n\n#~'), "Le chat noir dormait hier."
    )
    assert '#~ msgid "Le chat noir dormait."\n#~ msgstr "El gato dormía."\n' in twice
    assert '#~ msgid "Le chat noir dort."\n#~ msgstr "El gato."\n' in twice


def test_two_entries_that_name_each_other_both_stay() -> None:
    one = entry("Le chat noir dort.", "El gato.", '#, fuzzy\n#| msgid "Le chat noir dormait."\n')
    two = entry("Le chat noir dormait.", "El gato.", '#, fuzzy\n#| msgid "Le chat noir dort."\n')
    assert merge(f"{HEADER}{one}\n{two}", "Rien.").count("#~ msgid") == 2


@pytest.mark.parametrize(
    "parts", [("Il est parti hier soir.", "Elle est restée."), ("Oui.", "Elle est restée à Paris.")]
)
def test_a_sentence_that_is_cut_gives_its_text_to_both_parts(parts: tuple[str, str]) -> None:
    merged = merge(HEADER + entry(" ".join(parts), "El texto entero."), *parts)
    for part in parts:
        assert f'#| msgid "{" ".join(parts)}"\nmsgid "{part}"\nmsgstr "El texto entero."\n' in merged
    assert f'#~ msgid "{" ".join(parts)}"\n#~ msgstr "El texto entero."\n' in merged


@pytest.mark.parametrize("joint", ["{}. {}.", "{}, et {}."])
def test_sentences_that_are_joined_bring_both_texts(joint: str) -> None:
    one, two = "Il est parti hier soir", "elle est restée à Lyon"
    old = f"{entry(one + '.', 'Se fue.')}\n{entry(two.replace('elle', 'Elle') + '.', 'Se quedó.')}"
    merged = merge(HEADER + old, joint.format(one, two))
    assert f'msgid "{joint.format(one, two)}"\nmsgstr "Se fue. Se quedó."\n' in merged
    assert f'#| msgid "{one}.\\n{two.replace("elle", "Elle")}."\n' in merged
    assert merged.count("#~ msgid") == 2


def test_a_silent_text_is_carried_nowhere() -> None:
    old = f"{entry('Il est parti hier soir.', 'Se fue.')}\n{entry('Elle est restée à Lyon.', '<empty>')}"
    joined = merge(HEADER + old, "Il est parti hier soir. Elle est restée à Lyon.")
    assert 'msgstr "Se fue."\n' in joined.partition("#~")[0]
    silent = entry("Le chat noir dort.", "<empty>")
    assert "<empty>" not in merge(HEADER + silent, "Le chat noir dormait.").partition("#~")[0]
    assert merge(HEADER + silent, "Le chat noir dormait.").count("<empty>") == 1
    cut = merge(HEADER + entry("Oui. Elle est restée à Paris.", "<empty>"), "Oui.", "Elle est restée à Paris.")
    assert "<empty>" not in cut.partition("#~")[0]


def test_an_article_rewritten_keeps_everything_obsolete_and_brings_it_back() -> None:
    old = "\n".join(entry(old, f"Texto {number}.") for number, (old, _) in enumerate(PAIRS) if '"' not in old)
    first = merge(HEADER + old, *[old for old, _ in PAIRS if '"' not in old], engine=False)
    rewritten = merge(first, "Un tout autre sujet.", "Il pleuvra sur la Bretagne.", engine=False)
    assert rewritten.count("#~ msgid") == 19
    assert merge(rewritten, *[old for old, _ in PAIRS if '"' not in old], engine=False) == first


def test_plural_entries_are_not_carried() -> None:
    old = 'msgid "Le chat noir dort."\nmsgid_plural "Les chats"\nmsgstr[0] "El gato"\nmsgstr[1] "Los gatos"\n'
    merged = merge(
        HEADER.rstrip("\n") + '\n"Plural-Forms: nplurals=2; plural=n != 1;\\n"\n\n' + old, "Le chat noir dormait."
    )
    assert 'msgid "Le chat noir dormait."\nmsgstr "Borrador."\n' in merged
    assert '#~ msgstr[1] "Los gatos"' in merged
