from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from voisoadmin.campaigns.lookup import find_campaign
from voisoadmin.campaigns.models import Campaign
from voisoadmin.controls import change_job, services
from voisoadmin.lib.commands import JsonCommand, command_line_label, refused
from voisoadmin.operations.models import Operation
from voisoadmin.voiso import Change


class Command(JsonCommand):
    help = "Start, pause or stop a campaign, and wait until Voiso confirms or refuses. Exit 1 if not done."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("campaign", help="the campaign's ID in Voiso")
        parser.add_argument("change", choices=[change.value for change in Change])
        parser.add_argument("--connection", default="", help="the connection's name, if two connections list this campaign")

    def handle(self, *args: Any, **options: Any) -> None:
        campaign = find_campaign(options["campaign"], options["connection"])
        operation = services.request_change(
            campaign,
            Change(options["change"]),
            by=None,
            by_label=command_line_label(),
            at=timezone.now(),
            in_background=False,
            mirror_is_fresh=False,
        )
        if not operation.has_ended:
            change_job.ChangeJob.carry_out(operation)
            operation.refresh_from_db()
        status = Campaign.objects.get(pk=campaign.pk).status
        problem = _problem(operation)
        self.emit(
            {
                "campaign": campaign.id_as_told,
                "operation": operation.kind,
                "outcome": operation.status,
                "status": status or None,
                "problem": problem,
            },
            words=_words(campaign, operation, status),
        )
        if operation.status != Operation.Status.DONE:
            raise refused(problem)


def _problem(operation: Operation) -> str:
    """Voiso's own words, then what to do."""
    if operation.status == Operation.Status.DONE:
        return ""
    words = f"Voiso: “{operation.answer}”. " if operation.answer else ""
    return f"{words}{operation.problem}".strip() or "It didn't finish. Check in Voiso, then decide."


def _words(campaign: Campaign, operation: Operation, status: str) -> str:
    if operation.status == Operation.Status.DONE:
        return f"{campaign} is {status}."
    return f"{campaign}: {operation.kind} {operation.get_status_display().lower()}."
