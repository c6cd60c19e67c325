#!/usr/bin/env python
"""The command line of VoisoAdmin in a checkout: `manage.py help` lists all commands."""

from voisoadmin.__main__ import main

if __name__ == "__main__":
    main()
