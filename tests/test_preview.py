"""`passerelle preview`: a real server, a real browser's requests, catalogs saved while it runs."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Newsroom

_PATIENCE = 30  # seconds, for a machine that is busy with other tests


@pytest.fixture
def port(newsroom: "Newsroom") -> Iterator[int]:
    newsroom.add_article("essai", "Le titre\n\nUn chat.\n", en={"Le titre": "The title", "Un chat.": "A cat."})
    command = [sys.executable, "-u", "-m", "pipeline", "preview", "--port", "0", "--workspace", str(newsroom.path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert process.stdout is not None
    address = next(found for line in process.stdout if (found := re.match(r"http://127\.0\.0\.1:(\d+)/", line)))
    yield int(address[1])
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=_PATIENCE)
    assert process.returncode == 0


def _get(port: int, path: str, host: str = "localhost") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    connection.request("GET", path, headers={"Host": host})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def _wait_for(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_page_is_made_anew_when_its_catalog_is_saved(newsroom: "Newsroom", port: int) -> None:
    assert "The title" in _get(port, "/essai/en.html")[1]
    newsroom.write_catalog("essai", "en", {"Le titre": "Another title", "Un chat.": "A cat."})
    _wait_for(lambda: "Another title" in _get(port, "/essai/en.html")[1])
    newsroom.configure("half-typed")
    time.sleep(1)
    newsroom.configure('[site]\nname = "Le Journal"')
    _wait_for(lambda: "Le Journal" in _get(port, "/essai/en.html")[1])


def test_only_the_site_is_served_and_only_to_this_machine(newsroom: "Newsroom", port: int) -> None:
    assert _get(port, "/")[0] == 200
    assert [_get(port, path)[0] for path in ("/assets/", "/../site.json", "/%2e%2e/site.json")] == [404, 404, 404]
    assert _get(port, "/", host="rebound.example")[0] == 403
    taken = [sys.executable, "-m", "pipeline", "preview", "--port", str(port), "--workspace", str(newsroom.path)]
    result = subprocess.run(taken, capture_output=True, text=True, check=False, env=os.environ, timeout=_PATIENCE)
    assert result.returncode == 1
    assert f"port {port}: address already in use; choose another with --port" in result.stderr
