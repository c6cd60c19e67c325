"""Everything with a simulated Voiso, by one command."""
