"""Draft many sentences with a package, or an engine, and count what must not be: nothing, half a sentence, a loop.

    python -m training.soundness translate-fr_en-0_1.argosmodel --to en sentences.fr… > found.tsv

Prints what the program's own checks find: the check, what it says, the sentence and its draft, between tabs; the counts
go to standard error. A sentence that the engine gave up, and left as it was, is `kept`.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.checks import check_text
from pipeline.draft import Draft, draft_passages
from pipeline.evaluation import open_system, prepare_sentences
from pipeline.glossary import Glossary

_FATAL = ("empty", "kept", "short", "long", "loop")


def draft_sentences(system: str, language: str, sentences: Sequence[str]) -> list[Draft]:
    """Draft sentences without a glossary, one draft a sentence."""
    with open_system(system, language) as engine:
        return draft_passages(prepare_sentences(sentences, Glossary()), engine, language)


def find_faults(sentence: str, draft: Draft, language: str) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a draft: the name of a check, and what it says."""
    if draft.text and not draft.confidence:
        yield "kept", "was given up"
    yield from ((problem.code, problem.message) for problem in check_text(sentence, draft.text, language))


def main() -> None:
    """Print the faults, and their counts."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("system", help="an .argosmodel file or an engine")
    parser.add_argument("files", type=Path, nargs="+", help="one sentence a line")
    parser.add_argument("--to", required=True, help="language of the drafts")
    arguments = parser.parse_args()
    lines = [line.strip() for file in arguments.files for line in file.read_text(encoding="utf-8").splitlines()]
    sentences = list(dict.fromkeys(line for line in lines if line))
    counts: Counter[str] = Counter()
    for sentence, draft in zip(sentences, draft_sentences(arguments.system, arguments.to, sentences), strict=True):
        for name, message in find_faults(sentence, draft, arguments.to):
            counts[name] += 1
            sys.stdout.write(f"{name}\t{message}\t{sentence}\t{draft.text}\n")
    sys.stderr.write(f"{len(sentences)} sentences\n")
    for name in sorted(counts, key=lambda name: (name not in _FATAL, -counts[name])):
        sys.stderr.write(f"{counts[name]:6} {name}\n")


if __name__ == "__main__":
    main()
