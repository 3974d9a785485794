"""What a package says of itself (`metadata.json`), and the files that it must have."""

import json
import re
from collections.abc import Collection

TOKENIZERS = ("sentencepiece.model", "bpe.model")  # in argostranslate's order of preference

_CODE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,31}")
_VOCABULARIES = ("shared_vocabulary", "target_vocabulary")


def is_language(text: str) -> bool:
    """Tell whether a text is written like a language's code."""
    return bool(_CODE.fullmatch(text))


def order_version(version: str) -> list[int]:
    """Return what versions are ordered by: their numbers, 1.10 after 1.9."""
    return [int(number) for number in re.findall(r"[0-9]+", version)]


def parse_metadata(content: bytes) -> tuple[str, str, str] | None:
    """Return a `metadata.json`'s source, target and version, or None for a package that does not translate.

    ValueError says in a few words what is wrong with it.
    """
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("metadata.json is not JSON") from None
    return check_metadata(fields)


def check_metadata(fields: object) -> tuple[str, str, str] | None:
    """Do the same with a `metadata.json` that has been read."""
    if not isinstance(fields, dict):
        raise ValueError("metadata.json is not a JSON object")  # noqa: TRY004 (one error for all that is wrong)
    if fields.get("type", "translate") != "translate":
        return None
    source, target = fields.get("from_code"), fields.get("to_code")
    version, prefix = fields.get("package_version", "0"), fields.get("target_prefix", "")
    for name, code in (("from_code", source), ("to_code", target)):
        if not isinstance(code, str) or not is_language(code):
            raise ValueError(f"metadata.json has {name} {code!r:.40}, not a language code")
    if source == target:
        raise ValueError(f"metadata.json translates {source!r} to itself")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise ValueError(f"metadata.json has package_version {version!r:.40}, not a version")
    if not isinstance(prefix, str):
        raise ValueError(f"metadata.json has target_prefix {prefix!r:.40}, not text")  # noqa: TRY004
    return str(source), str(target), version


def check_parts(names: Collection[str]) -> None:
    """Raise ValueError unless the files of a package (relative names) hold a model, its vocabulary and a tokenizer."""
    if "model/model.bin" not in names:
        raise ValueError("model/model.bin is missing")
    if not any(name.startswith(f"model/{stem}.") for name in names for stem in _VOCABULARIES):
        raise ValueError("the model's vocabulary is missing")
    if not any(name in names for name in TOKENIZERS):
        raise ValueError(f"the tokenizer ({' or '.join(TOKENIZERS)}) is missing")
