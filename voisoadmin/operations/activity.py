"""One page of operations, for the activity of everything and that of a campaign."""

from django.http import QueryDict

from voisoadmin.operations.forms import FilterForm
from voisoadmin.operations.models import OperationQuerySet
from voisoadmin.operations.presenting import line_of

PAGE = 50


def page_of(found: OperationQuerySet, form: FilterForm, query: QueryDict, *, campaign_name: str = "") -> dict[str, object]:
    """The page, and the address of the next: it starts after the last one shown, so nothing is counted."""
    narrowed = form.narrow(found)
    before = form.cleaned_data.get("before")
    operations = list(narrowed.after_in_list(before)[: PAGE + 1])
    shown, older, newest = operations[:PAGE], query.copy(), query.copy()
    if len(operations) > PAGE:
        older["before"] = str(shown[-1].pk)
    newest.pop("before", None)
    everything = newest.urlencode()
    return {
        "export_query": f"?{everything}" if everything else "",
        "lines": [line_of(operation, campaign_name=campaign_name) for operation in shown],
        "older": f"?{older.urlencode()}" if len(operations) > PAGE else "",
        "newest": f"?{newest.urlencode()}" if before else "",
        "form": form,
        "narrowed": form.narrows,
    }
