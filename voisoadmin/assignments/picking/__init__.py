"""Agents and teams that are picked from the roster, for one campaign or several."""
