"""`passerelle segment`."""

import json
from pathlib import Path

import click

from pipeline.cli.edge import guarded, json_option, workspace_option


@click.command()
@click.argument("source", metavar="ARTICLE", type=click.Path(path_type=Path))
@click.option("--main", is_flag=True, help="Take only the article of a web page; lines are those of what is taken.")
@json_option
@workspace_option
@guarded
def segment(source: Path, workspace: Path, *, main: bool, as_json: bool) -> None:
    """Print the segments of ARTICLE (a file, or the name of an article of the workspace), one a line.

    With --json, each line is an object with block (number, from 0), kind, segment (number in its block, from 0),
    line (in the source, from 1) and text.
    """
    from pipeline.formats import parse_article, read_source  # noqa: PLC0415
    from pipeline.formats.scraped import extract_article  # noqa: PLC0415
    from pipeline.segment import read_no_break, segment_article  # noqa: PLC0415
    from pipeline.settings import load_settings  # noqa: PLC0415
    from pipeline.workspace import find_source, name_article  # noqa: PLC0415

    no_break = read_no_break(workspace / "glossary" / "no-break.txt")
    path = find_source(workspace, source)
    data = extract_article(read_source(path), path) if main else read_source(path)
    article = parse_article(data, path, name_article(path), load_settings(workspace).front_matter)
    number, block = 0, -1
    for item in segment_article(article, no_break):
        number, block = (number + 1 if item.block == block else 0), item.block
        fields = {"block": item.block, "kind": item.kind, "segment": number, "line": item.line, "text": item.text}
        click.echo(json.dumps(fields, ensure_ascii=False) if as_json else item.text)
