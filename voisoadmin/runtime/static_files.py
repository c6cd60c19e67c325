"""Static files as the web server serves them."""

from django.core.management import call_command

UNUSED = [
    "django_htmx",  # every htmx version, for template tags that our pages don't use; ours is in static/vendor
    "board.png",  # the picture in README.md
]


def collect() -> None:
    """Collect and compress them in the data directory. Safe to repeat: each start does it, because a new version has
    other files."""
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED)
