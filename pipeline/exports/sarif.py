"""Findings as SARIF 2.1.0 (OASIS), which code hosts and CI systems show beside the lines of a file."""

import json
import os
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipeline.checks.catalogs import CheckReport, Finding
from pipeline.checks.lexicon import describe_codes

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render_sarif(report: CheckReport, workspace: Path) -> str:
    """Render a log of one run; files are named relative to the workspace, so that a log has no path of ours."""
    codes = sorted({finding.problem.code for finding in report.findings})
    described = describe_codes()
    failures = [
        {"level": "error", "message": {"text": _show(str(error).replace(f"{workspace}/", ""))}}
        for error in report.errors
    ]
    run = {
        "tool": {
            "driver": {
                "name": "passerelle",
                "version": version("passerelle"),
                "rules": [{"id": code, "shortDescription": {"text": described[code]}} for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": not failures, "toolExecutionNotifications": failures}],
        "results": [_render_result(finding, codes, workspace) for finding in report.findings],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _render_result(finding: Finding, codes: Sequence[str], workspace: Path) -> dict[str, Any]:
    uri = quote(os.fsencode(finding.path.relative_to(workspace).as_posix()))
    place = {"artifactLocation": {"uri": uri, "uriBaseId": "%SRCROOT%"}, "region": {"startLine": finding.line}}
    return {
        "ruleId": finding.problem.code,
        "ruleIndex": codes.index(finding.problem.code),
        "level": str(finding.problem.severity),
        "message": {"text": _show(finding.problem.message)},
        "locations": [{"physicalLocation": place}],
        "properties": {
            "article": _show(finding.article),
            "language": finding.language,
            "author": str(finding.author),
            "source": finding.source,
            "target": finding.target,
        },
    }


def _show(text: str) -> str:
    """Return valid Unicode: a file's name may hold bytes that are no text."""
    return text.encode(errors="backslashreplace").decode()
