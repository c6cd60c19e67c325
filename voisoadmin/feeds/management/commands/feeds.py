import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser
from django.urls import reverse
from django.utils import timezone

from voisoadmin.feeds.feed_check import problems_of
from voisoadmin.feeds.lead_json import MOST_BYTES, WrongShape, leads_of
from voisoadmin.feeds.lead_judging import Outcome, judge
from voisoadmin.feeds.lead_words import message_of
from voisoadmin.feeds.models import Feed
from voisoadmin.lib.commands import JsonCommand, bad_input, refused
from voisoadmin.phones.writing import Writing


class Command(JsonCommand):
    help = (
        "List the feeds, or test one: whether a lead that is posted now would reach its campaign. With a file of leads (- for "
        "standard input), also how each would be judged; nothing is stored or sent. Exit 1: something stops them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("do", choices=["list", "test"])
        parser.add_argument(
            "feed", nargs="?", metavar="FEED", help="of `test`: the feed's ID, or its name if it is the only one"
        )
        parser.add_argument("file", nargs="?", metavar="FILE", help="of `test`: JSON, one lead or an array")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["do"] == "list":
            if options["feed"]:
                raise bad_input("`feeds list` takes no feed.")
            self._list()
        else:
            self._test(_feed(options["feed"] or ""), options["file"])

    def _list(self) -> None:
        now = timezone.now()
        for feed in Feed.objects.for_pages():
            stops = [code for code, _ in problems_of(feed, at=now)]
            record = {
                "feed": feed.public_id,
                "name": feed.name,
                "campaign": feed.campaign.voiso_id,
                "connection": feed.campaign.connection.name,
                "address": reverse("feeds:leads", args=[feed.public_id]),
                "writing": feed.writing,
                "country": feed.country,
                "paused": feed.is_paused,
                "tokens": [token.last_four for token in feed.tokens.all() if token.revoked_at is None],
                "waiting": feed.inbox.waiting,
                "problems": stops,
            }
            state = ", ".join(stops) or "on"
            words = f"{feed.public_id}  {feed.name} to {feed.campaign}: {state}, {feed.inbox.waiting:,} waiting"
            self.emit(record, words=words)

    def _test(self, feed: Feed, file: str | None) -> None:
        found = problems_of(feed, at=timezone.now())
        record: dict[str, Any] = {
            "feed": feed.public_id,
            "problems": [{"code": code, "message": sentence} for code, sentence in found],
        }
        words = [sentence for _, sentence in found] or ["Leads that are posted now reach the campaign."]
        refusals = 0
        if file is not None:
            judged = _judged(feed, file)
            refusals = sum(line["outcome"] == Outcome.REFUSED for line in judged)
            record["leads"] = judged
            words += [f"Lead {line['index']}: {line['outcome']}. {line['message']}".strip() for line in judged]
        self.emit(record, words="\n".join(words))
        if found or refusals:
            raise refused("Leads would not reach the campaign." if found else f"{refusals} leads would be refused.")


def _feed(named: str) -> Feed:
    feeds = Feed.objects.for_pages()
    found = list(feeds.filter(public_id=named)) or list(feeds.filter(name=named)[:2])
    if len(found) != 1:
        why = "More than one feed has this name; use the ID." if found else "No feed has this ID or name."
        raise bad_input(f"{why} See `feeds list`.")
    return found[0]


def _judged(feed: Feed, file: str) -> list[dict[str, Any]]:
    try:
        body = sys.stdin.buffer.read(MOST_BYTES + 1) if file == "-" else Path(file).read_bytes()
    except OSError as problem:
        raise bad_input(f"Can't read the file: {problem.strerror}.") from None
    if len(body) > MOST_BYTES:
        raise bad_input("The file is larger than 1 MB.")
    try:
        leads = leads_of(body)
    except WrongShape as problem:
        raise bad_input(str(problem)) from None
    lowest = feed.campaign.connection.capabilities.priority_min
    judgement = judge(leads, writing=Writing(feed.writing), region=feed.country, lowest_priority=lowest)
    return [
        {"index": at, "outcome": lead.outcome.value, "code": lead.code, "message": message_of(lead.code)}
        for at, lead in enumerate(judgement.leads)
    ]
