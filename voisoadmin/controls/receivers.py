"""What lower layers are given at the start."""

from voisoadmin.campaigns.bulk.bulk_job import register
from voisoadmin.controls.bulk.changes_job import ChangesJob
from voisoadmin.controls.change_steps import KINDS

register(KINDS, ChangesJob)
