"""Faults planted into good translations, the same ones at every run, and how many of them the checks find.

`python tests/planted.py ../shared/eval/mt/flores-dev` prints the figures that README quotes. A fault counts as found
when the checks raise an error or a warning that they do not raise on the good pair.
"""

import random
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.checks import Problem, check_text
from pipeline.severity import Severity

PER_KIND = 100


@dataclass(frozen=True, slots=True)
class Case:
    """A good pair (markup may have been put on both sides), and a bad translation of the same source."""

    source: str
    good: str
    bad: str


@dataclass(frozen=True, slots=True)
class Text:
    """A pair of the corpus, and the translation of another one."""

    source: str
    target: str
    language: str
    other: str


Planter = Callable[[random.Random, Text], Case | None]


@dataclass(frozen=True, slots=True)
class Score:
    """How many faults of a kind were planted and found, and how often under a code that was expected."""

    kind: str
    planted: int
    found: int
    expected: int


def score_kinds(pairs: Sequence[tuple[str, str]], language: str, seed: int = 4) -> list[Score]:
    """Plant up to `PER_KIND` faults of every kind into (source, translation) pairs, and check them."""
    return [_score(kind, list(_plant(kind, pairs, language, seed)), language) for kind in KINDS]


def _plant(kind: str, pairs: Sequence[tuple[str, str]], language: str, seed: int) -> Iterator[Case]:
    rng = random.Random(f"{seed} {kind} {language}")  # noqa: S311 - the same faults every time
    order = rng.sample(range(len(pairs)), len(pairs))
    planted = 0
    for at, index in enumerate(order):
        source, target = (text.strip() for text in pairs[index])
        case = KINDS[kind][0](rng, Text(source, target, language, pairs[order[at - 1]][1].strip()))
        if case is not None and case.bad != case.good:
            yield case
            planted += 1
        if planted == PER_KIND:
            return


def _score(kind: str, cases: Sequence[Case], language: str) -> Score:
    found = expected = 0
    for case in cases:
        codes = {problem.code for problem in new_problems(case, language)}
        found += bool(codes)
        expected += not codes.isdisjoint(KINDS[kind][1].split())
    return Score(kind, len(cases), found, expected)


def new_problems(case: Case, language: str) -> list[Problem]:
    """Return the errors and warnings that the bad translation raises and the good one does not."""
    good = {(problem.code, problem.message) for problem in check_text(case.source, case.good, language)}
    bad = check_text(case.source, case.bad, language)
    serious = [problem for problem in bad if problem.severity is not Severity.NOTE]
    return [problem for problem in serious if (problem.code, problem.message) not in good]


def count_flagged(pairs: Sequence[tuple[str, str]], language: str) -> int:
    """Return how many good translations raise an error or a warning."""
    found = (check_text(source.strip(), target.strip(), language) for source, target in pairs)
    return sum(any(problem.severity is not Severity.NOTE for problem in problems) for problems in found)


def read_pairs(stem: Path, language: str) -> list[tuple[str, str]]:
    """Read the lines of `<stem>.fr` with those of `<stem>.<language>`."""
    texts = [Path(f"{stem}.{code}").read_text(encoding="utf-8").split("\n") for code in ("fr", language)]
    return [(source, target) for source, target in zip(*texts, strict=True) if source.strip() and target.strip()]


NUMBER = re.compile(r"(?<![\w.,-])\d+(?![\w.,]\d|\w)")
LONG_WORD = re.compile(r"(?<![\w-])[^\W\d_A-ZÀ-Ý]{5,}(?![\w’'-])")
NOT = {
    "en": re.compile(r" not\b|(?<=[a-z])n[’']t\b|\b(?:never|no) "),
    "es": re.compile(r"\b(?:[Nn]o|[Nn]unca) (?!obstante)"),
}
MONTHS = {
    "en": re.findall(r"\w+", "January February March April May June July August September October November December"),
    "es": re.findall(
        r"\w+", "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
    ),
}


def change_number(rng: random.Random, text: Text) -> Case | None:
    match = NUMBER.search(text.target)
    if match is None or match[0] not in text.source:
        return None
    digits = list(match[0])
    at = rng.randrange(len(digits))
    digits[at] = str((int(digits[at]) + rng.randint(1, 8)) % 10 or 9)
    return _replace(text, match, "".join(digits))


def drop_number(_: random.Random, text: Text) -> Case | None:
    match = NUMBER.search(text.target)
    return _replace(text, match, "") if match and match[0] in text.source else None


def change_decimal(rng: random.Random, text: Text) -> Case | None:
    match = re.search(r"(?<![\d.,])\d+[.,]\d{1,2}(?![\d.,]\d)", text.target)
    if match is None:
        return None
    return _replace(text, match, f"{match[0][:-1]}{(int(match[0][-1]) + rng.randint(1, 8)) % 10}")


def drop_percent(_: random.Random, text: Text) -> Case | None:
    match = re.search(r"\s?(?:%|percent|per cent|por ciento)", text.target)
    return _replace(text, match, "") if match and "%" in text.source and text.target.count(match[0]) == 1 else None


def change_month(rng: random.Random, text: Text) -> Case | None:
    months = MONTHS[text.language]
    match = re.search(rf"\b(?:{'|'.join(months)})\b", text.target)
    return _replace(text, match, rng.choice([month for month in months if month != match[0]])) if match else None


def change_unit(_: random.Random, text: Text) -> Case | None:
    swaps = {"km": "kg", "kilometres": "metres", "miles": "feet", "kilómetros": "metros", "metros": "kilómetros",
             "metres": "kilometres", "meters": "miles", "millas": "pies", "€": "$", "$": "€", "mm": "cm",
             "hours": "days", "horas": "días", "años": "meses", "years": "months", "minutes": "hours"}  # fmt: skip
    units = "|".join(map(re.escape, swaps))
    match = re.search(rf"(?<=\d)[ \u00a0]?({units})(?!\w)|({units})(?=\d)", text.target)
    if match is None or not re.search(r"\d", text.source):
        return None
    unit = match[1] or match[2]
    return _replace(text, match, match[0].replace(unit, swaps[unit]))


def leave_source(_: random.Random, text: Text) -> Case:
    return Case(text.source, text.target, text.source)


def empty(_: random.Random, text: Text) -> Case:
    return Case(text.source, text.target, " ")


def drop_half(rng: random.Random, text: Text) -> Case | None:
    words = text.target.split()
    if len(words) < 8:
        return None
    middle = len(words) // 2
    if rng.random() < 0.5:
        ending = re.search(r"[^\w\s]*$", text.target)
        half = " ".join(words[:middle]).rstrip(",;:.") + (ending[0] if ending else "")
    else:
        half = " ".join(words[middle:])
        half = half[:1].upper() + half[1:]
    return Case(text.source, text.target, half)


def add_sentence(_: random.Random, text: Text) -> Case:
    return Case(text.source, text.target, f"{text.target} {text.other}")


def loop(rng: random.Random, text: Text) -> Case | None:
    words = text.target.split()
    if len(words) < 8:
        return None
    size = rng.randint(2, 4)
    at = rng.randrange(len(words) - size)
    phrase = [word.rstrip(",.;:") for word in words[at : at + size]]
    return Case(
        text.source, text.target, " ".join([*words[: at + size], *phrase * rng.randint(2, 5), *words[at + size :]])
    )


def repeat_phrase(rng: random.Random, text: Text) -> Case | None:
    words = text.target.split()
    if len(words) < 10:
        return None
    size = rng.randint(3, 6)
    at = rng.randrange(len(words) - size)
    return Case(text.source, text.target, " ".join([*words[: at + size], *words[at:]]))


def double_word(rng: random.Random, text: Text) -> Case | None:
    matches = list(re.finditer(r"(?<![\w’'-])[^\W\d_A-ZÀ-Ý]{2,}(?![\w’'-])", text.target))
    match = rng.choice(matches) if matches else None
    return _replace(text, match, f"{match[0]} {match[0]}") if match else None


def drop_negation(_: random.Random, text: Text) -> Case | None:
    if not re.search(r"\b(?:ne |n[’'])\w+(?: \w+)? (?:pas|plus|jamais)\b", text.source):
        return None
    match = NOT[text.language].search(text.target)
    return _replace(text, match, "") if match else None


def leave_french_word(rng: random.Random, text: Text) -> Case | None:
    theirs = [word for word in LONG_WORD.findall(text.source) if word not in text.target.lower()]
    matches = list(LONG_WORD.finditer(text.target))
    return _replace(text, rng.choice(matches), rng.choice(theirs)) if theirs and matches else None


def leave_french_half(_: random.Random, text: Text) -> Case | None:
    theirs, ours = text.source.split(), text.target.split()
    half = " ".join([*ours[: len(ours) // 2], *theirs[len(theirs) // 2 :]])
    return Case(text.source, text.target, half) if len(ours) > 7 else None


def lose_acronym(_: random.Random, text: Text) -> Case | None:
    for match in re.finditer(r"(?<![\w-])[A-Z]{2,5}(?![\w-])", text.target):
        if re.search(rf"(?<![\w-]){match[0]}(?![\w-])", text.source) and text.target.count(match[0]) == 1:
            return _replace(text, match, "")
    return None


def lose_final_mark(_: random.Random, text: Text) -> Case | None:
    ended = text.source[-1:] in ".?!" and text.target[-1:] in ".?!"
    return Case(text.source, text.target, text.target[:-1]) if ended else None


def change_final_mark(_: random.Random, text: Text) -> Case | None:
    ended = text.source.endswith(".") and text.target.endswith(".")
    return Case(text.source, text.target, f"{text.target[:-1]}:") if ended else None


def space_before_mark(rng: random.Random, text: Text) -> Case | None:
    match = re.search(r"(?<=\w)[;:?!](?=\s|$)", text.target)
    return _replace(text, match, rng.choice(" \u00a0\u202f") + match[0]) if match else None


def leave_guillemets(_: random.Random, text: Text) -> Case | None:
    match = re.search(r"[\"“«]([^\"“”«»]+)[\"”»]", text.target)
    return _replace(text, match, f"«\u00a0{match[1]}\u00a0»") if match else None


def lose_quotation_mark(rng: random.Random, text: Text) -> Case | None:
    matches = list(re.finditer(r"[\"“«](?=[^\"“”«»]+[\"”»])", text.target))
    paired = text.source.count("«") == text.source.count("»") and text.source.count('"') % 2 == 0
    return _replace(text, rng.choice(matches), "") if matches and paired and text.target.count('"') % 2 == 0 else None


def lose_bracket(rng: random.Random, text: Text) -> Case | None:
    match = re.search(r"\(([^()]+)\)", text.target)
    return _replace(text, match, rng.choice([f"({match[1]}", f"{match[1]})"])) if match else None


def lose_opening_mark(_: random.Random, text: Text) -> Case | None:
    match = re.search("[¿¡]", text.target)
    return _replace(text, match, "") if match else None


def change_address(rng: random.Random, text: Text) -> Case:
    address = f"https://www.exemple{rng.randint(1, 99)}.fr/page-{rng.randint(1, 99)}.html"
    bad = rng.choice([address.replace("page", "pagina"), address.replace(".html", ""), address.replace("https://", "")])
    return _append(text, f"({address})", f"({bad})")


def change_mail(rng: random.Random, text: Text) -> Case:
    address = f"contact{rng.randint(1, 99)}@exemple.fr"
    return _append(
        text, f"({address})", f"({rng.choice([address.replace('.fr', '.com'), address.replace('@', ' @ ')])})"
    )


def lose_tag(rng: random.Random, text: Text) -> Case | None:
    tag = rng.choice(["b", "em", "strong", "i", "sup"])
    sign = rng.choice([f"<{tag}>", f"</{tag}>"])
    case = _wrap(rng, text, f"<{tag}>", f"</{tag}>")
    return Case(case.source, case.good, case.good.replace(sign, "")) if case else None


def lose_bold(rng: random.Random, text: Text) -> Case | None:
    return _wrap(rng, text, "**", "**")


def lose_italics(rng: random.Random, text: Text) -> Case | None:
    sign = rng.choice("*_")
    return _wrap(rng, text, sign, sign)


def lose_code_signs(rng: random.Random, text: Text) -> Case:
    code = f"{rng.choice(['git', 'make', 'apt'])} {rng.choice(['install', 'status', 'clean'])}"
    return _append(text, f"`{code}`", code)


def translate_code(rng: random.Random, text: Text) -> Case:
    return _append(
        text, f"`--{rng.choice(['file', 'text', 'name'])}`", f"`--{rng.choice(['fichero', 'texto', 'nombre'])}`"
    )


def change_link(rng: random.Random, text: Text) -> Case:
    page = rng.choice(["guide", "notes", "faq"])
    return _append(text, f"[1](/{page}/index.html)", rng.choice(["[1]", f"[1](/{page}/índice.html)", "[1] (/)"]))


def change_placeholder(rng: random.Random, text: Text) -> Case:
    holder = rng.choice(["{name}", "%(total)s", "${USER}", "{0}"])
    return _append(text, holder, rng.choice([holder.upper() if holder != "{0}" else "{ 0 }", "", "{nombre}"]))


def leave_stand_in(rng: random.Random, text: Text) -> Case | None:
    matches = list(LONG_WORD.finditer(text.target))
    return _replace(text, rng.choice(matches), chr(rng.randrange(0xA000, 0xA48D))) if matches else None


def leave_mark(rng: random.Random, text: Text) -> Case | None:
    matches = list(LONG_WORD.finditer(text.target))
    match = rng.choice(matches) if matches else None
    return _replace(text, match, rng.choice("*#@") + match[0]) if match else None


def _replace(text: Text, match: re.Match[str], new: str) -> Case:
    return Case(text.source, text.target, text.target[: match.start()] + new + text.target[match.end() :])


def _append(text: Text, good: str, bad: str) -> Case:
    source, target = (
        re.sub(r"([.?!…]?)$", r" {}\1", side.replace("{", "").replace("}", ""), count=1)
        for side in (text.source, text.target)
    )
    return Case(source.replace("{}", good), target.replace("{}", good), target.replace("{}", bad))


def _wrap(rng: random.Random, text: Text, opening: str, closing: str) -> Case | None:
    """Put a word of both sides between two signs, which the bad translation has not."""
    ours, theirs = (list(LONG_WORD.finditer(side)) for side in (text.source, text.target))
    if not ours or not theirs:
        return None
    a, b = rng.choice(ours), rng.choice(theirs)
    source = text.source[: a.start()] + opening + a[0] + closing + text.source[a.end() :]
    return Case(source, text.target[: b.start()] + opening + b[0] + closing + text.target[b.end() :], text.target)


# Each kind with what plants it, and the codes that it should be found under.
KINDS: dict[str, tuple[Planter, str]] = {
    "number changed": (change_number, "number"),
    "number dropped": (drop_number, "number"),
    "decimal changed": (change_decimal, "number"),
    "per cent dropped": (drop_percent, "percent"),
    "month changed": (change_month, "date"),
    "unit changed": (change_unit, "unit"),
    "untranslated": (leave_source, "untranslated"),
    "empty": (empty, "empty"),
    "half missing": (drop_half, "short"),
    "extra sentence": (add_sentence, "long"),
    "loop": (loop, "loop"),
    "phrase repeated": (repeat_phrase, "loop"),
    "word doubled": (double_word, "doubled"),
    "negation dropped": (drop_negation, "negation"),
    "French word left": (leave_french_word, "french"),
    "French half left": (leave_french_half, "untranslated french"),
    "acronym lost": (lose_acronym, "acronym"),
    "final mark lost": (lose_final_mark, "ending"),
    "final mark changed": (change_final_mark, "ending"),
    "French space": (space_before_mark, "typography"),
    "guillemets left": (leave_guillemets, "typography"),
    "quotation mark lost": (lose_quotation_mark, "quote"),
    "bracket lost": (lose_bracket, "bracket"),
    "¿ lost": (lose_opening_mark, "typography"),
    "URL changed": (change_address, "url"),
    "e-mail changed": (change_mail, "email"),
    "tag lost": (lose_tag, "tag"),
    "bold lost": (lose_bold, "emphasis"),
    "italics lost": (lose_italics, "emphasis"),
    "code signs lost": (lose_code_signs, "code"),
    "code translated": (translate_code, "code"),
    "link changed": (change_link, "link"),
    "placeholder changed": (change_placeholder, "placeholder"),
    "stand-in left": (leave_stand_in, "leftover"),
    "engine’s mark left": (leave_mark, "leftover"),
}


def main(stem: str) -> None:
    """Print the figures for a corpus."""
    for language in ("en", "es"):
        pairs = read_pairs(Path(stem), language)
        flagged = count_flagged(pairs, language)
        sys.stdout.write(
            f"{language}: {flagged} of {len(pairs)} good pairs flagged ({100 * flagged / len(pairs):.1f} %)\n"
        )
        scores = [score for score in score_kinds(pairs, language) if score.planted]
        for score in scores:
            share, expected = (100 * number / score.planted for number in (score.found, score.expected))
            sys.stdout.write(
                f"  {score.kind:22} {score.planted:4} planted {share:6.1f} % found {expected:6.1f} % as expected\n"
            )
        mean = sum(score.found / score.planted for score in scores) / len(scores)
        sys.stdout.write(f"  mean {100 * mean:.1f} % of {len(scores)} kinds\n")


if __name__ == "__main__":
    main(sys.argv[1])
