"""The job of a bulk of starts, pauses or stops: all its contact centres in turn, in one thread that has the database."""

from collections.abc import Sequence

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.bulk.bulk_job import BulkJob
from voisoadmin.campaigns.bulk.bulk_requests import Requests
from voisoadmin.connections.models import Connection
from voisoadmin.controls.bulk.changing_centre import ChangingCentre
from voisoadmin.controls.change_steps import ChangeSteps
from voisoadmin.controls.conflicts import sentences
from voisoadmin.lib.clock import scaled
from voisoadmin.operations.models import Operation

IDLE_SECONDS = 0.04  # between two looks at what is due


class ChangesJob(BulkJob):
    job = "voisoadmin.controls.tasks.run_bulk"

    @classmethod
    def problems_of(cls, children: Sequence[Operation], reader: User) -> dict[int, str]:
        return sentences(children, reader=reader)

    def work(self) -> None:
        with Requests() as requests:
            centres = self._centres(requests)
            while centres:
                rests = self.must_rest()
                if rests and not requests.open:
                    return
                if not rests:
                    for centre in centres.values():
                        centre.round()
                answer = requests.next_answer(scaled(IDLE_SECONDS))
                while answer is not None:
                    (connection_id, key), found = answer
                    centres[connection_id].answered(key, found)
                    answer = requests.next_answer(0)
                centres = {pk: centre for pk, centre in centres.items() if not centre.is_done}

    def close(self, child: Operation, why: str) -> None:
        steps = ChangeSteps(child)
        steps.resume()
        steps.close(why)

    def _centres(self, requests: Requests) -> dict[int, ChangingCentre]:
        waiting, begun = self.waiting(), self.begun()
        ids = {connection_id for _, connection_id in waiting} | {child.connection_ref or 0 for child in begun}
        found = Connection.objects.filter(pk__in=ids)
        centres = {connection.pk: ChangingCentre(connection, self, requests) for connection in found}
        for child_id, connection_id in waiting:
            centres[connection_id].add_waiting(child_id)
        for child in begun:
            centres[child.connection_ref or 0].add_begun(child)
        return centres
