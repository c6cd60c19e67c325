"""A simulated Voiso, both API generations, for tests, the demo and trying things out. Imports no other package of ours."""

from voisoadmin.sandbox.app import Sandbox, SeenRequest
from voisoadmin.sandbox.behaviour import Behaviour
from voisoadmin.sandbox.faults import ConnectionCut, Drip, Fault

__all__ = ["Behaviour", "ConnectionCut", "Drip", "Fault", "Sandbox", "SeenRequest"]
