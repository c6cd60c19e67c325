"""The forms that an answer to contacts may have where the documentation is silent, derived from the documented one."""

import re
from collections.abc import Callable
from typing import Any

from voisoadmin.sandbox.exchange import Answer

Lists = dict[str, list[str]]
SAID = {
    "created": "created",
    "updated": "updated",
    "contacts": "created",
    "duplicates": "already in the campaign",
    "duplicate_numbers": "already in the campaign",
    "rejected": "not a number in use",
    "invalid_numbers": "not a number in use",
}
ACCEPTED = ("created", "updated", "contacts")
IMPORT_ID = 7731


def shaped(answer: Answer, form: str) -> Answer:
    """The answer in another form; a refusal isn't changed."""
    if form == "documented" or answer.status not in {200, 201} or not isinstance(answer.data, dict):
        return answer
    return FORMS[form](answer)


def echo(sent: Any, *, status: int, text: str, bare: bool) -> Answer:
    """A refusal that repeats what was sent, as some frameworks do: it looks like an answer that accepts it.

    `bare`: only the request, no message.
    """
    if bare:
        return Answer(status, sent)
    if isinstance(sent, dict):
        return Answer(status, {"error": text, **sent})
    return Answer(status, {"errors": {"base": [text]}, "leads": sent})


def _each(change: Callable[[str, list[str]], Any]) -> Callable[[Answer], Answer]:
    """Change the value of each list."""

    def form(answer: Answer) -> Answer:
        lists = {name: change(name, numbers) for name, numbers in _lists(answer).items()}
        return Answer(answer.status, {"leads_import": lists} if "leads_import" in answer.data else lists)

    return form


def _lists(answer: Answer) -> Lists:
    lists: Lists = answer.data.get("leads_import", answer.data)
    return lists


def _object(name: str, number: str) -> dict[str, str]:
    field = "phoneNumber" if name in {"contacts", "duplicate_numbers", "invalid_numbers"} else "phone_number"
    return {field: number, "name": "Ada Byron"}


def _with_reason(name: str, numbers: list[str]) -> list[Any]:
    return numbers if name in ACCEPTED else [{**_object(name, number), "reason": SAID[name]} for number in numbers]


def _camel(answer: Answer) -> Answer:
    lists = {_camelled(name): numbers for name, numbers in _lists(answer).items()}
    return Answer(answer.status, {"leadsImport": lists} if "leads_import" in answer.data else lists)


def _camelled(name: str) -> str:
    return re.sub("_([a-z])", lambda match: match[1].upper(), name)


def _wrapped(answer: Answer) -> Answer:
    return Answer(answer.status, {"success": True, "message": "Contacts were processed", "result": answer.data})


def _refused_by_lists(status: int, **verdict: object) -> Callable[[Answer], Answer]:
    """If nothing was accepted, a refusal with the documented lists; otherwise the documented answer."""

    def form(answer: Answer) -> Answer:
        lists = _lists(answer)
        if any(lists.get(name) for name in ACCEPTED):
            return answer
        return Answer(status, {"error": "No contacts were added", **verdict, **answer.data})

    return form


def _nothing(status: int, data: object) -> Callable[[Answer], Answer]:
    """It was processed, and the answer names no number."""
    return lambda answer: Answer(status, data)


FORMS: dict[str, Callable[[Answer], Answer]] = {
    "objects": _each(lambda name, numbers: [_object(name, number) for number in numbers]),
    "numbered": _each(lambda name, numbers: [{"number": at, "phone": number} for at, number in enumerate(numbers)]),
    "reasons": _each(_with_reason),
    "map": _each(lambda name, numbers: dict.fromkeys(numbers, SAID[name])),
    "camel": _camel,
    "wrapped": _wrapped,
    "blank": _each(lambda name, numbers: numbers or ""),
    "refusal": _refused_by_lists(400),
    "unsuccessful": _refused_by_lists(200, success=False),
    "import_id": _nothing(202, {"import_id": IMPORT_ID}),
    "message": _nothing(200, {"success": True, "message": "Contacts were accepted"}),
    "no_content": _nothing(204, None),
    "no_names": _each(lambda name, numbers: []),
    "counts": _each(lambda name, numbers: len(numbers)),
    "positions": _each(lambda name, numbers: [{"number": at} for at, _ in enumerate(numbers)]),
}
NAMELESS = ("import_id", "message", "no_content", "no_names", "counts", "positions")
