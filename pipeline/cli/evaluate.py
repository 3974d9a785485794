"""`passerelle evaluate`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.edge import guarded, json_option, show_line, workspace_option
from pipeline.settings import load_settings

if TYPE_CHECKING:
    from pipeline.evaluation import Evaluation, Score


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("reference", type=click.Path(path_type=Path))
@click.option("--to", "target", metavar="LANG", required=True, help="The language of REFERENCE.")
@click.option(
    "--engine",
    metavar="SYSTEM",
    envvar="PASSERELLE_ENGINE",
    help="What to evaluate: auto, argos, passerelle, apertium, an .argosmodel file, the folder of a package, or one "
    "with several.  [default: auto]",
)
@click.option("--compare", "other", metavar="SYSTEM", help="A second one, to compare with the first.")
@json_option
@workspace_option
@guarded
def evaluate(
    source: Path,
    reference: Path,
    target: str,
    engine: str | None,
    *,
    other: str | None,
    workspace: Path,
    as_json: bool,
) -> None:
    """Translate SOURCE and score the drafts against REFERENCE, the same by people.

    Both are text files of one sentence a line. Prints BLEU, chrF and TER by sacrebleu with their signatures, the terms
    of glossary/ asked for and honoured, and segments a second, with the time to load models. With --compare, each
    score has half its 95 % confidence interval, and the second system's the difference to the first and the
    probability p of such a difference by chance (paired bootstrap, always of the same 1,000 samples).
    """
    from pipeline.evaluation import evaluate_systems, read_test_set  # noqa: PLC0415
    from pipeline.termbase import read_glossary  # noqa: PLC0415

    settings = load_settings(workspace, (target,))
    systems = [engine or settings.engine, *([other] if other else [])]
    test_set = read_test_set(source, reference)
    evaluations = evaluate_systems(systems, test_set, read_glossary(workspace / "glossary"), target)
    if as_json:
        click.echo(json.dumps([_to_json(each) for each in evaluations], ensure_ascii=False, indent=2))
        return
    for each in evaluations:
        click.echo(show_line(each.engine))
        click.echo(f"  {each.segments} segments, {each.segments / each.seconds:.1f} a second")
        if each.pins_asked:
            click.echo(f"  {each.pins_honoured} of {each.pins_asked} terms honoured")
        for score, first in zip(each.scores, evaluations[0].scores, strict=True):
            click.echo(f"  {_word(score, first)}")


def _word(score: "Score", first: "Score") -> str:
    interval = "" if score.interval is None else f" ± {score.interval:.1f}"
    chance = "" if score.p_value is None else f" ({score.value - first.value:+.1f}, p = {score.p_value:.3f})"
    return f"{score.metric:6}{score.value:.1f}{interval}{chance}  {score.signature}"


def _to_json(evaluation: "Evaluation") -> dict[str, Any]:
    return {
        "engine": evaluation.engine,
        "segments": evaluation.segments,
        "segments_per_second": round(evaluation.segments / evaluation.seconds, 1),
        "pins": {"asked": evaluation.pins_asked, "honoured": evaluation.pins_honoured},
        "scores": [
            {
                "metric": score.metric,
                "value": round(score.value, 2),
                "signature": score.signature,
                "interval": None if score.interval is None else round(score.interval, 2),
                "p_value": None if score.p_value is None else round(score.p_value, 4),
            }
            for score in evaluation.scores
        ],
    }
