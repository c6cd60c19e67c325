"""A simulated Voiso, both API generations, for tests, the demo and trying things out. Imports no other package of ours."""

from voisoadmin.sandbox.app import Sandbox, SeenRequest
from voisoadmin.sandbox.faults import ConnectionCut, Drip, Fault
from voisoadmin.sandbox.knobs import Knobs

__all__ = ["ConnectionCut", "Drip", "Fault", "Knobs", "Sandbox", "SeenRequest"]
