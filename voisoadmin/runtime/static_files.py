"""Static files as the web server serves them."""

from django.core.management import call_command

UNUSED = [
    "django_htmx",  # every htmx there is, for template tags that no page of ours has; our own lies in static/vendor
    "board.png",  # the picture in README.md
]


def collect() -> None:
    """Collect and compress them in the data directory. May be repeated, and is at each start: a new version has others."""
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED)
