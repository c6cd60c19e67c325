from typing import Any

from django import forms
from django.http import QueryDict

from voisoadmin.accounts.models import User
from voisoadmin.campaigns.models import Campaign
from voisoadmin.feeds.models import WRITINGS, Feed
from voisoadmin.phones.writing import Writing, countries_of_fixed_length

KNOWN = [("", "Leave them out"), ("on", "Send them again")]


class CampaignChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # no class has its type at runtime
    def label_from_instance(self, campaign: Campaign) -> str:
        return f"{campaign} ({campaign.connection})"


class FeedForm(forms.Form):
    """A feed as an administrator edits it. Its campaign is chosen once."""

    name = forms.CharField(label="Source", max_length=80, help_text="What posts the leads, for example Website form.")
    campaign = CampaignChoice(queryset=Campaign.objects.none(), empty_label="Choose a campaign")
    writing = forms.ChoiceField(
        label="Digits without + or 00",
        choices=WRITINGS,
        initial=Writing.REFUSE.value,
        help_text="Numbers with + or 00 are always read. A wrong choice here calls strangers.",
    )
    country = forms.ChoiceField(
        required=False, help_text="Of the national numbers. Countries whose numbers have many lengths are not offered."
    )
    resends_known = forms.ChoiceField(
        label="Numbers already in the campaign",
        required=False,
        choices=KNOWN,
        help_text="One that the feed itself added is sent again from the next day on.",
    )

    def __init__(self, data: QueryDict | None = None, *, user: User, feed: Feed | None = None, campaign: str = "") -> None:
        super().__init__(data, initial=_initial(feed) if feed else {"campaign": campaign})
        for chosen in ("country", "resends_known"):
            self.fields[chosen].is_always_set = True  # type: ignore[attr-defined]  # for its label
        country = self.fields["country"]
        assert isinstance(country, forms.ChoiceField)
        country.choices = [("", "–"), *countries_of_fixed_length().items()]
        if feed is not None:
            del self.fields["campaign"]
            return
        field = self.fields["campaign"]
        assert isinstance(field, CampaignChoice)
        visible = Campaign.objects.visible_to(user).filter(missing_since=None).exclude(live=False)
        field.queryset = visible.select_related("connection").order_by("name", "pk")

    def clean_name(self) -> str:
        name = " ".join("".join(char if char.isprintable() else " " for char in self.cleaned_data["name"]).split())
        if not name:
            raise forms.ValidationError("Enter a name.")
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("writing") == Writing.NATIONAL and not cleaned.get("country") and "country" not in self.errors:
            self.add_error("country", "Choose the country of the national numbers.")
        return cleaned

    @property
    def wanted(self) -> dict[str, Any]:
        """For the service, besides the campaign."""
        cleaned = self.cleaned_data
        return {
            "name": cleaned["name"],
            "writing": cleaned["writing"],
            "country": cleaned["country"],
            "resends_known": bool(cleaned["resends_known"]),
        }


def _initial(feed: Feed) -> dict[str, str]:
    return {
        "name": feed.name,
        "writing": feed.writing,
        "country": feed.country,
        "resends_known": "on" if feed.inbox.resends_known else "",
    }
