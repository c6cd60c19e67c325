"""The normal settings, except that django-q2's guard, which checks the schedule every 30 s, doesn't wait."""

from voisoadmin.settings import *  # noqa: F403
from voisoadmin.settings import Q_CLUSTER as AS_IT_IS

Q_CLUSTER = {**AS_IT_IS, "guard_cycle": 30}
