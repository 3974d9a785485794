"""The edge: help, output, exit codes; and that README knows every command."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import copytree

import click
import pytest
from click.testing import CliRunner

from pipeline.cli import main

ROOT = Path(__file__).parents[1]


def commands(group: click.Group = main, prefix: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", command


COMMANDS = list(commands())


@pytest.mark.parametrize(("name", "command"), COMMANDS, ids=[name for name, _ in COMMANDS])
def test_every_command_has_help_and_stands_in_readme(name: str, command: click.Command) -> None:
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{name} {parameter.name} has no help"
    assert f"passerelle {name}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme_shows_the_output_of_the_demo(tmp_path: Path) -> None:
    for folder in ("translations", "glossary"):
        copytree(ROOT / folder, tmp_path / folder)
    command = [sys.executable, "-m", "pipeline", "translate", "translations/russie-chine-ia/fr.txt"]
    result = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    blocks = (ROOT / "README.md").read_text(encoding="utf-8").split("```")
    shown = next(block for block in blocks if "russie-chine-ia.pot" in block).strip("\n").splitlines()
    # The last line counts what another version of Apertium may have changed.
    assert result.stdout.splitlines()[:-1] == shown[:-1]


def test_segment_prints_one_a_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Le titre\n\nUn chat. Un\nchien.\n", encoding="utf-8")
    runner = CliRunner()
    assert runner.invoke(main, ["segment", str(path)]).stdout == "Le titre\nUn chat.\nUn\nchien.\n"
    lines = runner.invoke(main, ["segment", "--json", str(path)]).stdout.splitlines()
    assert json.loads(lines[3]) == {"block": 2, "kind": "paragraph", "segment": 0, "line": 4, "text": "chien."}


def test_no_break_of_the_workspace_is_obeyed(tmp_path: Path) -> None:
    (tmp_path / "glossary").mkdir()
    (tmp_path / "glossary" / "no-break.txt").write_text("Yahoo! Actualités\n", encoding="utf-8")
    path = tmp_path / "a.txt"
    path.write_text("Il lit Yahoo! Actualités chaque jour. Elle aussi.\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["segment", "--workspace", str(tmp_path), str(path)])
    assert result.stdout.splitlines() == ["Il lit Yahoo! Actualités chaque jour.", "Elle aussi."]


def test_an_error_is_one_line_and_debug_shows_more(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["segment", str(tmp_path / "absent.txt")])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == f"passerelle: error: {tmp_path / 'absent.txt'}: no such file; check the path\n"
    assert CliRunner().invoke(main, ["segment", "--debug", str(tmp_path / "absent.txt")]).exception is not None


def test_output_that_cannot_be_written_is_an_error_of_one_line(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Un chat.\n" * 5000, encoding="utf-8")
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        command = [sys.executable, "-m", "pipeline", "segment", str(path)]
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr.splitlines()[0] == "passerelle: error: [Errno 28] No space left on device"


def test_a_user_without_a_home_and_apertium_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "bin").symlink_to("/usr/bin")
    (tmp_path / "note.txt").write_text("Le chat dort.\n", encoding="utf-8")
    program = (
        "import os, pwd; os.environ.pop('HOME', None); pwd.getpwuid = lambda _: {}[0]\n"
        "from pipeline.cli import main; main(['translate', 'note.txt', '--to', 'es', '--json'])"
    )
    environment = {"PATH": str(tmp_path / "bin")}
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_usage_errors_exit_2(tmp_path: Path) -> None:
    runner = CliRunner()
    assert runner.invoke(main, ["translate"]).exit_code == 2
    assert runner.invoke(main, ["translate", "--engine", "deepl", "a.txt"]).exit_code == 2
    assert runner.invoke(main, ["translate", "--name", "x", "a.txt", "b.txt"]).exit_code == 2
    assert runner.invoke(main, ["--workspace", str(tmp_path)]).exit_code == 2


@pytest.mark.parametrize("end", ["\n", "\r\n", "\0"])
def test_articles_from_a_list(tmp_path: Path, end: str) -> None:
    names = ["un.txt", "été deux.txt", "trois.txt"]
    for name in names:
        (tmp_path / name).write_text(f"Le chat {name[:4]}\n", encoding="utf-8")
    paths = [str(tmp_path / name) for name in names]
    listing = "".join(path + end for path in paths[1:]) + end
    command = ["translate", "--no-cache", "--workspace", str(tmp_path), "--engine", "apertium", "--files-from", "-"]
    result = CliRunner().invoke(main, [*command, paths[0]], input=listing.encode())
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in (tmp_path / "translations").iterdir()) == ["trois", "un", "été deux"]


def test_an_empty_list_is_no_error(tmp_path: Path) -> None:
    command = ["translate", "--workspace", str(tmp_path), "--engine", "apertium", "--no-cache"]
    assert CliRunner().invoke(main, [*command, "--files-from", "-"], input=b"").exit_code == 0
    assert CliRunner().invoke(main, command).exit_code == 2


def test_help_imports_nothing_heavy() -> None:
    # The time itself is measured in tests/benchmarks; what makes it short is asserted here.
    program = """
import sys
from pipeline.cli import main
try:
    main(["translate", "--help"])
except SystemExit:
    pass
heavy = {"polib", "jinja2", "translate", "ctranslate2", "argostranslate", "numpy", "sentencex"} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)


def test_ctrl_c_ends_with_130_and_one_line(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text(" ".join(f"La phrase numéro {number} est courte." for number in range(60_000)), encoding="utf-8")
    command = [sys.executable, "-m", "pipeline", "translate", "--workspace", str(tmp_path), str(path)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    time.sleep(2)
    process.send_signal(2)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert stderr == "passerelle: interrupted; what was written is whole, run again to go on\n"
