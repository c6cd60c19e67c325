"""Speaks both generations' HTTP as plainly as possible, to ask a sandbox what a client would."""

from typing import Any

import httpx

from tests.support.sandbox import ADDRESS, transport_to_sandbox
from voisoadmin.sandbox import Sandbox


class Caller:
    def __init__(self, sandbox: Sandbox, generation: str, *, address: str = ADDRESS) -> None:
        self.sandbox, self.generation = sandbox, generation
        self.key = sandbox.V4_KEY if generation == "v4" else sandbox.LEGACY_KEY
        self.http = httpx.Client(
            base_url=address,
            transport=transport_to_sandbox(address),
            headers={"Authorization": f"Bearer {self.key}"},
        )

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path)

    def post(self, path: str, body: Any = None) -> httpx.Response:
        return self.http.post(path, json=body)

    def delete(self, path: str) -> httpx.Response:
        return self.http.delete(path)

    def campaigns(self) -> httpx.Response:
        return self.get("/api/v4/campaigns" if self.generation == "v4" else f"/api/v1/{self.key}/campaigns")

    def statuses(self) -> dict[int, str]:
        data = self.campaigns().json()
        return {item["id"]: item["status"] for item in (data["campaigns"] if self.generation == "v4" else data)}

    def contacts(self, method: str, campaign: int, contacts: list[dict[str, Any]], *, key: str = "") -> httpx.Response:
        """`contacts`: `{"number": ..., "v4": {further fields}, "legacy": {further fields}}`."""
        key = key or self.key
        if self.generation == "v4":
            body = [{"phone_number": item["number"], **item.get("v4", {})} for item in contacts]
            headers = {"Authorization": f"Bearer {key}"}
            return self.http.request(method, f"/api/v4/campaigns/{campaign}/leads", json=body, headers=headers)
        wrapped = {"contacts": [{"phoneNumber": item["number"], **item.get("legacy", {})} for item in contacts]}
        return self.http.request(method, f"/api/v1/{key}/campaigns/{campaign}/contacts", json=wrapped)

    def add(self, campaign: int, *numbers: str, key: str = "") -> httpx.Response:
        return self.contacts("POST", campaign, [{"number": number} for number in numbers], key=key)

    def named(self, response: httpx.Response) -> tuple[list[str], list[str], list[str]]:
        """Created, duplicate, rejected."""
        data = response.json()
        if self.generation == "v4":
            data = data["leads_import"]
            return data["created"], data["duplicates"], data["rejected"]
        return data["contacts"], data["duplicate_numbers"], data["invalid_numbers"]

    def send_operation(self, campaign: int, change: str) -> httpx.Response:
        if self.generation == "v4":
            return self.post(f"/api/v4/campaigns/{campaign}/{change}")
        return self.post(f"/api/dialer/v1/campaigns/{campaign}/operation", {"operation": change})

    def operate(self, campaign: int, change: str) -> tuple[bool, str]:
        """Whether it was accepted, and the words of the refusal."""
        answer = self.send_operation(campaign, change)
        data = answer.json()
        if self.generation == "v4":
            words = [words for listed in data.get("errors", {}).values() for words in listed]
            return answer.status_code == 200, " ".join(words)
        return data["success"], " ".join(data.get("errors", []))

    def change_people(self, campaign: int, **lists: list[str]) -> httpx.Response:
        return self.http.patch(f"/api/dialer/v1/campaigns/{campaign}/agents", json=lists)
