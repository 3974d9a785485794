"""Make Argos packages of one or more checkpoints, whose weights are averaged: one package a language.

    python -m training.export ~/mt/last.pt --tokenizer fr16k.model --to en es --output ~/mt --credits SOURCES.tsv

A second time, with `--scores` (what `passerelle evaluate --json` printed of the first), the README has those too. The
same files make the same bytes.
"""

import argparse
import json
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

import sentencepiece

from training.checkpoint import load_average
from training.convert import write_model
from training.corpus import LANGUAGES, tag
from training.model import Transformer
from training.readme import NAMES, write_readme

SOURCE = "fr"
_ARGOS_VERSION = "1.9.0"  # whose format it is
_DATE = (2026, 1, 1, 0, 0, 0)  # of all files, so that nothing depends on the clock


def export_package(model: Transformer, language: str, arguments: argparse.Namespace) -> Path:
    """Write the package of a language; return its file."""
    name = f"translate-{SOURCE}_{language}-{arguments.version.replace('.', '_')}"
    file: Path = arguments.output / f"{name}.argosmodel"
    processor = sentencepiece.SentencePieceProcessor(model_file=str(arguments.tokenizer))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / name
        write_model(model, [processor.id_to_piece(n) for n in range(processor.get_piece_size())], folder / "model")
        shutil.copyfile(arguments.tokenizer, folder / "sentencepiece.model")
        metadata = describe(language, arguments.version, arguments.licence)
        (folder / "metadata.json").write_text(json.dumps(metadata, indent=2) + "\n", encoding="utf-8")
        readme = write_readme(language, arguments.version, arguments.scores, arguments.credits)
        (folder / "README.md").write_text(readme, encoding="utf-8")
        _pack(folder, file)
    return file


def describe(language: str, version: str, licence: str | None) -> dict[str, str]:
    """Return the metadata of a package, as Argos Translate reads it."""
    licensed = {"license": licence} if licence else {}
    return {
        "package_version": version,
        "argos_version": _ARGOS_VERSION,
        "from_code": SOURCE,
        "from_name": NAMES[SOURCE],
        "to_code": language,
        "to_name": NAMES[language],
        "target_prefix": tag(language),
        **licensed,
    }


def _pack(folder: Path, file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder.parent).as_posix(), _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("checkpoints", type=Path, nargs="+", help="their weights are averaged")
    add("--tokenizer", type=Path, required=True, help="that the model was trained with")
    add("--to", nargs="+", choices=LANGUAGES, default=LANGUAGES, help="languages (default: all)")
    add("--output", type=Path, required=True, help="folder of the packages")
    add("--version", default="0.1", help="of the packages (default: %(default)s)")
    add("--licence", help="of the packages, for metadata.json")
    add(
        "--scores", type=Path, nargs="*", default=[], help="what passerelle evaluate --json printed: NAME.LANGUAGE.json"
    )
    add("--credits", type=Path, help="table of the corpus' sources: SOURCES.tsv")
    return parser.parse_args()


def main() -> None:
    """Make the packages; print their files."""
    arguments = _parse_arguments()
    model = load_average(arguments.checkpoints)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for language in arguments.to:
        file = export_package(model, language, arguments)
        sys.stdout.write(f"{file} {file.stat().st_size}\n")


if __name__ == "__main__":
    main()
