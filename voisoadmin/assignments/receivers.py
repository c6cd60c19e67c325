"""What lower layers are given at the start."""

from voisoadmin.assignments.people_bulk import PeopleBulkJob
from voisoadmin.campaigns.bulk.bulk_job import register
from voisoadmin.operations.models import Operation

register([Operation.Kind.ASSIGN], PeopleBulkJob)
