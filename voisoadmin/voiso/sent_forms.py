"""How priority and active are written in our requests: the documentation contradicts itself (voiso-api.md, C2 and C3)."""

from dataclasses import dataclass
from enum import StrEnum

from voisoadmin.voiso.payloads import Generation


class Field(StrEnum):
    PRIORITY = "priority"
    ACTIVE = "active"


class Form(StrEnum):
    INTEGER = "integer"
    TEXT = "text"
    BOOLEAN = "boolean"


# The documented form of each field, then the other one.
FORMS: dict[Generation, dict[Field, tuple[Form, Form]]] = {
    Generation.LEGACY: {Field.PRIORITY: (Form.INTEGER, Form.TEXT), Field.ACTIVE: (Form.INTEGER, Form.BOOLEAN)},
    Generation.V4: {Field.PRIORITY: (Form.INTEGER, Form.TEXT), Field.ACTIVE: (Form.BOOLEAN, Form.INTEGER)},
}


@dataclass(frozen=True, slots=True)
class SentForms:
    """The form in which each field is sent; None is the documented one."""

    priority: Form | None = None
    active: Form | None = None


DOCUMENTED = SentForms()


def spelt(value: int, form: Form) -> int | str | bool:
    """A value in this form."""
    match form:
        case Form.TEXT:
            return str(int(value))
        case Form.BOOLEAN:
            return bool(value)
    return int(value)


@dataclass(frozen=True, slots=True)
class Types:
    """What a refusal says about the type of a field."""

    wanted: frozenset[Form] = frozenset()
    refused: frozenset[Form] = frozenset()

    def __or__(self, other: "Types") -> "Types":
        return Types(self.wanted | other.wanted, self.refused | other.refused)

    def __bool__(self) -> bool:
        return bool(self.wanted or self.refused)

    def require(self, other: Form, *, instead_of: Form) -> bool:
        """Whether `other` should be sent instead of the form that was refused."""
        if instead_of in self.wanted:
            return False
        return other in self.wanted or (not self.wanted and instead_of in self.refused)
