"""The settings as they are, but django-q2's guard, which looks at the schedule every 30 s, is through with its wait at once."""

from voisoadmin.settings import *  # noqa: F403
from voisoadmin.settings import Q_CLUSTER as AS_IT_IS

Q_CLUSTER = {**AS_IT_IS, "guard_cycle": 30}
