"""Where the description of the endpoint is, in OpenAPI 3.1."""

from voisoadmin.lib.places import PACKAGE

DOCUMENT = PACKAGE / "feeds" / "openapi.json"
