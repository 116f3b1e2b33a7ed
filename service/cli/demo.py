"""``apresiasi demo``: staff and article to try things with, contributions on request."""

import sys
import time
from collections import Counter
from random import Random

import click
import requests
from flask.cli import with_appcontext

from service.cli.output import as_json, show
from service.db import db
from service.demo import seed
from service.errors import FeatureClosed, ProcessorUnavailable
from service.wiring import Wiring, current_wiring

_KEPT_IN = "demo-staff.json"


@click.command("demo")
@click.option("--contributions", default=0, help="How many to make, through the running service.")
@click.option("--seed", "number", default=None, type=int, help="Make the same choices again.")
@as_json
@with_appcontext
def demo(contributions: int, number: int | None, as_json: bool) -> None:
    """Set up demo staff and the demo article; not in production."""
    wiring = current_wiring()
    if wiring.settings.in_production:
        raise click.ClickException("there is no demo in production")
    key = seed.seed_article(db.session, wiring)
    logins = seed.seed_staff(db.session, wiring.settings.instance_folder / _KEPT_IN)
    made = _contribute(wiring, contributions, Random(number)) if contributions else {}
    url = wiring.settings.public_url
    if as_json:
        accounts = [
            {"role": login.role, "email": login.email, "password": login.password} for login in logins
        ]
        show({"article": key, "page": f"{url}/demo/article", "staff": accounts, "contributions": made}, True)
        return
    click.echo(f"\n  Read and give   {url}/demo/article\n  Staff sign in   {url}/desk\n")
    for login in logins:
        click.echo(f"    {login.role:10} {login.email:32} {login.password}")
    for outcome, count in sorted(made.items()):
        click.echo(f"  {outcome}: {count}")
    click.echo("")


def _contribute(wiring: Wiring, count: int, random: Random) -> dict[str, int]:
    giving = seed.give_many(db.session, wiring, count, random)
    try:
        with click.progressbar(giving, length=count, label="giving", file=sys.stderr) as bar:
            given = dict(bar)
    except (ProcessorUnavailable, requests.RequestException) as error:
        raise click.ClickException(
            f"the sandbox at {wiring.settings.sandbox_url} did not answer; is `make run` on?"
        ) from error
    except FeatureClosed as error:
        raise click.ClickException("the feature is closed; `apresiasi feature open` first") from error
    time.sleep(1)  # the last webhooks are on their way
    decided = seed.moderate(db.session, wiring, given, random)
    return {**Counter(given.values()), "decided": decided}


COMMANDS = [demo]
