"""What a transaction writes: on SQLite all others wait until it ends."""

from django.test.utils import CaptureQueriesContext

MOST_WRITES = 100  # statements; a few hundredths of a second


def writes_by_transaction(queries: CaptureQueriesContext) -> list[int]:
    """How many statements wrote in each transaction; in a test that isn't committed, these are savepoints."""
    depth, found = 0, [0]
    for sql in (query["sql"] for query in queries):
        depth += sql.startswith("SAVEPOINT") - sql.startswith("RELEASE SAVEPOINT")
        if depth == 0:
            found.append(0)
        found[-1] += sql.startswith(("UPDATE", "INSERT", "DELETE"))
    return found
