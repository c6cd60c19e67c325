"""`python -m voisoadmin.runtime.cluster`: the queue's cluster as `manage.py work` runs it, ending when `work` does."""

from django_q.cluster import Cluster  # sets up Django, with the environment from `work`

from voisoadmin.runtime.children import end_with_parent

if __name__ == "__main__":
    end_with_parent()
    Cluster().start()
