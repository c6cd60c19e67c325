"""The migrations of `pushes`, on which those of other apps build; the first one is as it was in the first release."""

from voisoadmin.pushes import migrations

__path__ = [*__path__, *migrations.__path__]
