"""Forms of pages, filled in as a browser without JavaScript does: what stands there, and what is changed."""

from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path

import httpx
from tests.support.servers import PASSWORD

from salesml.jobs.runner import run_in_foreground
from salesml.services import jobs
from salesml.wiring import App


class Form(HTMLParser):
    """The fields of the form that posts to `action`; of each select, what can be chosen."""

    def __init__(self, html: str, action: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.choices: dict[str, list[str]] = {}
        self._action, self._inside, self._select, self._area = action, False, "", ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = told.get("action") == self._action
        elif not self._inside:
            return
        elif tag == "select":
            self._select = told["name"]
            self.choices[self._select] = []
        elif tag == "option":
            self.choices[self._select].append(told["value"])
            if "selected" in told or self._select not in self.fields:
                self.fields[self._select] = told["value"]
        elif tag == "textarea":
            self._area = told["name"]
            self.fields[self._area] = ""
        elif tag == "input" and told.get("type") != "file":
            is_off = told.get("type") == "checkbox" and "checked" not in told
            self.fields.update({} if is_off else {told["name"]: told.get("value", "")})

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data.removeprefix("\n")


class Importing:
    """The pages of imports, as an analyst works with them; jobs run when they are waited for."""

    def __init__(self, app: App, client: httpx.AsyncClient) -> None:
        self.app, self.client = app, client

    async def sign_in(self, email: str) -> None:
        answer = await self.client.post("/login", data={"email": email, "password": PASSWORD})
        assert answer.status_code == 303, answer.text

    async def upload(self, name: str, content: bytes | Path, **changes: str) -> httpx.Response:
        """Send the upload form with a file; changes are fields of the form."""
        form = Form((await self.client.get("/imports")).text, "/imports")
        assert changes.keys() <= form.fields.keys() | {"update"}, changes.keys() - form.fields.keys()
        raw = content if isinstance(content, bytes) else content.read_bytes()
        files = {"file": (name, raw)}
        return await self.client.post("/imports", data={**form.fields, **changes}, files=files)

    async def again(self, page: str, action: str, **changes: str) -> httpx.Response:
        """Send a form of a page with changes, each a field that stands there with that choice."""
        form = Form(page, action)
        for name, value in changes.items():
            assert value in form.choices.get(name, [value]), (name, form.choices[name])
            assert name in form.fields, (name, sorted(form.fields))
        return await self.client.post(action, data={**form.fields, **changes})

    async def shown(self, answer: httpx.Response) -> tuple[str, str]:
        """Work the preview off that an answer leads to; its address and its page."""
        assert answer.status_code == 303, answer.text
        address = answer.headers["location"].split("#")[0]
        self._work(address)
        page = await self.client.get(address)
        assert page.status_code == 200
        return address, page.text

    async def confirmed(self, address: str) -> str:
        """Import what a preview shows; the page of the import."""
        answer = await self.client.post(f"{address}/import")
        assert answer.status_code == 303
        self._work(answer.headers["location"])
        done = await self.client.get(answer.headers["location"])
        assert done.status_code == 303, done.text
        return (await self.client.get(done.headers["location"])).text

    def _work(self, address: str) -> None:
        job = self.app.tx.read(jobs.get, int(address.rpartition("/")[2]))
        if not job.result:
            run_in_foreground(self.app, job, lambda _: None)


def selected(page: str, action: str) -> Mapping[str, str]:
    """What stands in the fields of a form."""
    return Form(page, action).fields
