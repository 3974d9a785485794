"""The ledger of drafts, `drafts.tsv`: by it a draft that nobody touched is told from a person's text."""

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

# A text from memory has this, and the article it is from, in the place of an engine's signature.
MEMORY = "memory "
_HEADER = "# digest\tengine\tconfidence"
_RECORD = re.compile(r"([0-9a-f]{16})\t(.*)\t(\d+(?:\.\d+)?)\s*")
_NO_RECORD = re.compile(r"#|[<>|]{7}(?: |\s*$)|={7}\s*$")


@dataclass(frozen=True, slots=True)
class DraftRecord:
    """A draft that was written to a catalog: its digest, the engine's signature, and a confidence from 0 to 1."""

    digest: str
    signature: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Ledger:
    """All drafts that were ever written for an article; records are only added.

    `fault` says what is wrong with a file that could not be read (":3: is no record of a draft"). It is never
    rewritten, and has no records: every draft counts as a person's text until it is mended.
    """

    records: tuple[DraftRecord, ...] = ()
    fault: str = ""

    def owner(self, language: str) -> Callable[[str, str], bool]:
        """Return the function that tells whether (msgid, msgstr) is a draft of ours in a language."""
        known = {record.digest for record in self.records}
        return lambda msgid, msgstr: digest_draft(language, msgid, msgstr) in known

    def copies(self, language: str) -> Callable[[str, str], bool]:
        """Return the function that tells whether (msgid, msgstr) was filled in from memory, reviewed or not."""
        known = {record.digest for record in self.records if record.signature.startswith(MEMORY)}
        return lambda msgid, msgstr: bool(known) and digest_draft(language, msgid, msgstr) in known

    def with_records(self, records: Iterable[DraftRecord]) -> "Ledger":
        """Return the ledger with more records, a newer one in the place of the same draft's older one."""
        merged = {record.digest: record for record in (*self.records, *records)}
        return Ledger(tuple(merged[digest] for digest in sorted(merged)))

    def render(self) -> bytes:
        """Return the bytes of the file; sorted, so that two people's ledgers merge line by line."""
        lines = [f"{r.digest}\t{r.signature}\t{r.confidence:.2f}" for r in self.records]
        return "".join(f"{line}\n" for line in [_HEADER, *lines]).encode()


def digest_draft(language: str, msgid: str, msgstr: str) -> str:
    """Return sixteen hexadecimal digits for a draft: SHA-256 over language, source and draft."""
    return hashlib.sha256(f"{language}\0{msgid}\0{msgstr}".encode()).hexdigest()[:16]


def parse_ledger(data: bytes) -> Ledger:
    """Read the bytes of a ledger; a merge's conflict markers are passed over, since all records of both sides hold.

    A missing record only means that a draft counts as a person's text and is kept.
    """
    try:
        lines = data.decode("utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        before = data.count(b"\n", 0, error.start)
        return Ledger(fault=f":{before + 1}: is not UTF-8")
    records = []
    for number, line in enumerate(lines, 1):
        if match := _RECORD.fullmatch(line):
            records.append(DraftRecord(match[1], match[2], float(match[3])))
        elif line.strip() and not _NO_RECORD.match(line):
            return Ledger(fault=f":{number}: is no record of a draft")
    return Ledger().with_records(records)
