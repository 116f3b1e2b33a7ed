"""What readers do: give, send again, pay, look, go on, change their mind."""

from service.contributions import asking, give, queries, retry
from service.contributions.gift import Gift
from service.errors import Refusal
from service.money import Money
from tests.simulation.world import World

ARTICLES = (
    "https://kompas.com/kemensos/read/2020/03/01/di-era-digital",
    "https://money.kompas.com/read/2026/11/20/harga-beras",
)
MESSAGES = ("Terima kasih!", "Semangat terus, redaksi.", None, "Liputan yang jernih.", "Maju terus")


def give_something(world: World) -> None:
    """A reader sends the form, under a key of its own."""
    key = f"key-{len(world.gifts)}"
    world.gifts[key] = Gift(
        amount=Money.of_major(world.rng.choice((10_000, 25_000, 50_000, 12_345, 1_000_000)), "IDR"),
        article_url=world.rng.choice(ARTICLES),
        article_title=None,
        article_section=None,
        locale=world.rng.choice(("id", "en")),
        terms_version="2026-11",
        terms_accepted=True,
        message=world.rng.choice(MESSAGES),
        display_name=world.rng.choice(("Sri", None)),
        email=world.rng.choice(("sri@example.com", None, None)),
    )
    _send(world, key)


def send_again(world: World) -> None:
    """The same form again: a double click, an answer that was lost, a reader who comes back."""
    if world.gifts:
        _send(world, world.rng.choice(list(world.gifts)))


def _send(world: World, key: str) -> None:
    try:
        given = give.give(world.session, world.gifts[key], key, world.wiring)
    except Refusal as refusal:
        world.tell(f"give {key}: {refusal.code}")
        return
    id_ = str(given.answer["id"])
    world.tell(f"give {key}: {id_[:6]}")
    assert world.answers.setdefault(key, id_) == id_, "one key, two contributions"
    if given.answer["checkout_url"]:
        _know(world, str(given.answer["checkout_url"]))


def _know(world: World, url: str) -> None:
    if url not in world.pages:
        world.pages.append(url)


def look(world: World) -> None:
    """A reader opens the status page: the processor is asked."""
    if world.answers:
        contribution = queries.get(world.session, _some(world))
        try:
            asking.ask(world.session, contribution.latest_attempt.id, world.wiring)
        except Refusal as refusal:
            world.tell(f"look: {refusal.code}")


def go_on(world: World) -> None:
    """A reader wants to go on paying."""
    if not world.answers:
        return
    id_ = _some(world)
    try:
        added = retry.go_on(world.session, id_, None, world.wiring)
    except Refusal as refusal:
        world.tell(f"go on {id_[:6]}: {refusal.code}")
        return
    url = queries.get(world.session, id_).latest_attempt.checkout_url
    world.tell(f"go on {id_[:6]}: {'another attempt' if added else 'the same'}")
    if url:
        _know(world, url)


def abandon(world: World) -> None:
    """A reader replaces a contribution by another."""
    if world.answers:
        retry.abandon(world.session, _some(world), world.wiring)


def _some(world: World) -> str:
    return world.rng.choice(list(world.answers.values()))
