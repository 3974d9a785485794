"""`translate --cluster` with a real Dask scheduler and real workers, each a process of its own on loopback."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner
from distributed import Client

from pipeline.cli import main
from pipeline.cluster import open_cluster
from pipeline.engines import Request
from pipeline.engines.argos import open_argos
from pipeline.errors import ClusterError
from pipeline.models import install_package

MODELS = Path(__file__).parent / "models"
WORDS = ("le chat", "la maison", "mon père", "cette femme", "le train")
MARKED = 'Je vois **{}** *numéro* [{}](note.html "Je vois un chat"), mais je ne comprends pas `pourquoi`.'
PATIENCE = 60  # seconds for a process to be there
# How often a worker has loaded the model, counted in the worker.
COUNT_MODELS = "sum(type(each).__name__ == 'Model' for each in __import__('gc').get_objects())"


@dataclass
class Processes:
    """A scheduler and its workers, which end with the test."""

    folder: Path
    address: str = ""
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, program: str, *arguments: str, **environment: str) -> subprocess.Popen[bytes]:
        log = self.folder / f"{program}-{len(self.running)}.log"
        command = [sys.executable, "-m", f"distributed.cli.dask_{program}", "--host", "127.0.0.1", "--no-dashboard"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*command, *arguments], cwd=self.folder, env=os.environ | environment, stdout=output, stderr=output
            )
        self.running.append(process)
        return process

    def start_scheduler(self) -> subprocess.Popen[bytes]:
        file = self.folder / f"scheduler-{len(self.running)}.json"
        process = self.start("scheduler", "--port", "0", "--scheduler-file", str(file))
        wait_until(file.exists)
        self.address = json.loads(file.read_text())["address"]
        return process

    def start_worker(self, packages: Path) -> subprocess.Popen[bytes]:
        scratch = ("--local-directory", str(self.folder / "scratch"))
        options = ("--no-nanny", "--nthreads", "1", *scratch)
        return self.start("worker", self.address, *options, ARGOS_PACKAGES_DIR=str(packages))

    def end(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cluster") / "packages"
    install_package(MODELS / "translate-fr_en-0_1.argosmodel", folder)
    return folder


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    folder = tmp_path / "dask"
    folder.mkdir()
    processes = Processes(folder)
    yield processes
    processes.end()


@pytest.fixture
def client(processes: Processes, packages: Path) -> Iterator[Client]:
    """Start a scheduler and two workers, and return a client that looks at them."""
    processes.start_scheduler()
    for _ in range(2):
        processes.start_worker(packages)
    with Client(processes.address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=PATIENCE)
        yield client


@pytest.fixture(scope="module")
def articles(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return short articles, of which no two share a sentence; a tenth of them with markup."""
    folder = tmp_path_factory.mktemp("articles")
    paths = [folder / f"note-{number:03}.{'md' if number % 10 == 1 else 'txt'}" for number in range(100)]
    for number, path in enumerate(paths):
        form = MARKED if path.suffix == ".md" else "Je vois {} numéro {}, mais je ne comprends pas pourquoi."
        sentences = (form.format(word, number) for word in WORDS)
        path.write_text("\n".join(sentences) + "\n", encoding="utf-8")
    return paths


def start_translation(workspace: Path, articles: list[Path], packages: Path, *options: str) -> subprocess.Popen[str]:
    """Start a translation in windows of ten articles for each machine."""
    workspace.mkdir(exist_ok=True)
    program = "import pipeline.translation as it; it.WINDOW = 10; from pipeline.cli import main; main()"
    command = [sys.executable, "-c", program, "translate", "--engine", "argos", "--to", "en", "--no-cache", "--json"]
    return subprocess.Popen(
        [*command, *options, *map(str, articles)],
        cwd=workspace,
        env=os.environ | {"ARGOS_PACKAGES_DIR": str(packages)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def contents(workspace: Path) -> dict[str, bytes]:
    return {str(p.relative_to(workspace)): p.read_bytes() for p in sorted(workspace.rglob("*")) if p.is_file()}


def test_a_killed_worker_and_a_new_one_change_no_byte(
    client: Client, processes: Processes, articles: list[Path], packages: Path, tmp_path: Path
) -> None:
    local = start_translation(tmp_path / "local", articles, packages)
    said = local.communicate()
    remote = start_translation(tmp_path / "remote", articles, packages, "--cluster", processes.address)
    catalogs = tmp_path / "remote" / "translations"
    wait_until(lambda: any(catalogs.glob("*/en.po")))
    pids = client.run(os.getpid)
    wait_until(lambda: any(client.processing().values()))
    victim = next(worker for worker, tasks in client.processing().items() if tasks)
    assert client.run(eval, COUNT_MODELS, workers=[victim]) == {victim: 1}
    os.kill(pids[victim], signal.SIGKILL)
    assert len(list(catalogs.glob("*/en.po"))) < len(articles)
    new = processes.start_worker(packages)
    assert remote.communicate() == said
    assert (local.returncode, remote.returncode, new.poll()) == (0, 0, None)
    assert len(json.loads(said[0])["articles"]) == len(articles)
    assert contents(tmp_path / "remote") == contents(tmp_path / "local")
    page = (tmp_path / "remote" / "out" / "drafts" / "note-001" / "en.md").read_text(encoding="utf-8")
    assert page.startswith("I see **the cat** ")
    assert '](note.html "I see a cat")' in page
    assert set(client.run(eval, COUNT_MODELS).values()) <= {0, 1}


def test_a_worker_that_would_draft_otherwise_is_refused(
    client: Client, processes: Processes, packages: Path, articles: list[Path], tmp_path: Path
) -> None:
    other_packages = shutil.copytree(packages, tmp_path / "packages")
    with (other_packages / "translate-fr_en-0_1" / "model" / "model.bin").open("ab") as model:
        model.write(b"\0")
    engine = open_argos("fr", "en", packages)
    requests = [Request(f"Je vois {word} numéro {n}.") for word in WORDS for n in range(60)]
    with ExitStack() as stack:
        stack.enter_context(pytest.MonkeyPatch.context()).setenv("ARGOS_PACKAGES_DIR", str(packages))
        cluster = stack.enter_context(open_cluster(processes.address))
        hired = cluster.hire(engine, "en")
        before = set(client.nthreads())
        processes.start_worker(other_packages)
        client.wait_for_workers(3, timeout=PATIENCE)
        (unfit,) = set(client.nthreads()) - before
        expected = engine.translate(requests)
        while not cluster.warnings:  # until the new worker has been given something
            assert hired.translate(requests) == expected
        fact = f"worker {unfit} has “argos fr→en 0.1 "
        (warning,) = cluster.warnings
        assert warning.startswith(fact)
        assert warning.endswith(f"this machine has “{engine.signature}”; install the same packages and the same "
                                "Passerelle on it, and restart it; others did its work")  # fmt: skip
    run = start_translation(tmp_path / "remote", articles, packages, "--cluster", processes.address)
    stdout, stderr = run.communicate()
    assert (run.returncode, stdout, stderr.count("\n")) == (1, "", 1)
    assert stderr.startswith(f"passerelle: error: {fact}")
    assert contents(tmp_path / "remote") == {}


def test_without_any_worker_a_run_ends(
    client: Client, processes: Processes, packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(packages))
    monkeypatch.setattr("pipeline.cluster._GLANCE", 0.1)
    monkeypatch.setattr("pipeline.cluster._PATIENCE", 1)
    with open_cluster(processes.address) as cluster:
        hired = cluster.hire(open_argos("fr", "en", packages), "en")
        for worker in processes.running[1:]:
            worker.kill()
        wait_until(lambda: not client.nthreads())
        with pytest.raises(ClusterError, match="no fit worker any more; start some, run again"):
            hired.translate([Request("Merci.")])


def test_a_scheduler_that_goes_away_is_one_line_and_what_was_written_stays(
    client: Client, processes: Processes, articles: list[Path], packages: Path, tmp_path: Path
) -> None:
    run = start_translation(tmp_path / "remote", articles, packages, "--cluster", processes.address)
    catalogs = tmp_path / "remote" / "translations"
    wait_until(lambda: any(catalogs.glob("*/en.po")))
    processes.running[0].kill()
    stdout, stderr = run.communicate()
    hint = "the scheduler went away; start it again, then run again to go on"
    assert (run.returncode, stderr) == (1, f"passerelle: error: {processes.address}: {hint}\n")
    assert 0 < len(json.loads(stdout)["articles"]) < len(articles)
    assert client.status


def test_ctrl_c_ends_with_130_and_one_line(
    client: Client, processes: Processes, articles: list[Path], packages: Path, tmp_path: Path
) -> None:
    run = start_translation(tmp_path / "remote", articles, packages, "--cluster", processes.address)
    wait_until(lambda: any(client.processing().values()))
    run.send_signal(signal.SIGINT)
    message = "passerelle: interrupted; what was written is whole, run again to go on\n"
    assert (run.communicate()[1], run.returncode) == (message, 130)
    wait_until(lambda: not any(client.processing().values()))


def greet(server: socket.socket) -> None:
    with server.accept()[0] as connection:
        connection.sendall(b"SSH-2.0-OpenSSH_9.2")


@pytest.mark.parametrize("listener", ["nothing", "a stranger", "a talker", "no worker", "no address", "no certificate"])
def test_a_cluster_that_is_none_is_one_line(
    listener: str, processes: Processes, articles: list[Path], packages: Path, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        if listener == "nothing":
            server.close()
        elif listener == "a talker":
            Thread(target=greet, args=(server,), daemon=True).start()
        elif listener == "no address":
            address = "somewhere"
        elif listener == "no certificate":
            address = address.replace("tcp:", "tls:")
        elif listener == "no worker":
            processes.start_scheduler()
            address = processes.address
        run = start_translation(tmp_path / "remote", articles, packages, "--cluster", address)
        stdout, stderr = run.communicate(timeout=PATIENCE)
    fact = "the cluster has no worker; " if listener == "no worker" else "no Dask scheduler answers ("
    assert stderr.startswith(f"passerelle: error: {address}: {fact}")
    assert (run.returncode, stdout, stderr.count("\n")) == (1, "", 1)
    assert contents(tmp_path / "remote") == {}


def test_without_dask_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    command = ["translate", "--cluster", "tcp://127.0.0.1:8786", "--workspace", str(tmp_path), "note.txt"]
    result = CliRunner().invoke(main, command)
    assert result.stderr == "passerelle: error: --cluster needs Dask; pip install passerelle[cluster]\n"
    assert result.exit_code == 1
