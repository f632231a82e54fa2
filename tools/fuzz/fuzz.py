"""Fuzzes the REST API of a running `samovar demo`: `fuzz.py GREETING [--seed N] [--examples N] [--path REGEX]`.

GREETING is the file that holds what the program said when it began. Runs schemathesis once for each kind of caller and
ends with 1 when one of them found something. Started by `cargo xtask fuzz`.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import refused
from things import NAME, Things

BASE = "/api/v1"
# A stream of events.
ENDLESS = (f"{BASE}/live",)
ENDS_SESSION = ("sign_out", "end_other_sessions", "end_session")
# So many customers have points held.
HOLDING = 3
HERE = Path(__file__).resolve().parent
# Of a browser on which the console is open.
CONSOLE = {"x-samovar": "console", "sec-fetch-site": "same-origin"}
# Sees customers, but not their phones and names.
FEW_RIGHTS = [
    "contacts_read", "points_read", "scenarios_read", "channels_read", "conversations_read", "settings_read",
]  # fmt: skip


def main():
    asked = arguments()
    greeting = Path(asked.greeting).read_text()
    program = Program(greeting)
    folder = Path(asked.greeting).parent
    done, things = folder / "done", folder / "things"
    program.prepare().save(things)
    found = 0
    for caller in callers(program, asked):
        began = time.monotonic()
        print(f"--- {caller.name}", flush=True)
        own = {"FUZZ_OWN": " ".join(program.own()), "FUZZ_DONE": str(done), "FUZZ_THINGS": str(things)}
        environment = {**os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(HERE), **own}
        code = subprocess.run(command(program, caller, asked), cwd=HERE, env=environment).returncode
        print(f"--- {caller.name}: {time.monotonic() - began:.0f} s", flush=True)
        found |= code
    tell(done)
    sys.exit(1 if found else 0)


def tell(done):
    """An answer is judged only where an operation did what was asked; the rest was judged by its refusals."""
    reached = {}
    for line in done.read_text().splitlines():
        name, did = json.loads(line)
        reached[name] = reached.get(name, False) or did
    never = sorted(name for name, did in reached.items() if not did)
    print(f"{len(reached) - len(never)} of {len(reached)} operations did what was asked. Only refused:")
    print("\n".join(f"    {name}{why(name)}" for name in never))


def why(name):
    """Why an operation can only be refused here, where that is known."""
    found = next((reason for reason, names in refused.REASONS.items() if name in names), None)
    return f": {found}" if found else ""


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("greeting")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--examples", type=int, default=10)
    parser.add_argument("--path")
    return parser.parse_args()


class Program:
    """The running program, as its greeting tells of it."""

    def __init__(self, greeting):
        self.url = re.search(r"http://127\.0\.0\.1:\d+", greeting)[0]
        self.key = re.search(r"Bearer ([^\s)]+)", greeting)[1]
        self.enter = re.search(r"/enter/(\S+)", greeting)[1]

    def ask(self, method, path, headers, body=None):
        content = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json", **headers}
        with urlopen(Request(f"{self.url}{BASE}{path}", content, headers, method=method)) as answer:
            return json.loads(answer.read() or b"null"), answer.headers

    def by_key(self):
        return {"authorization": f"Bearer {self.key}"}

    def by_few_rights(self):
        made, _ = self.ask("POST", "/api-keys", self.by_key(), {"name": "few rights", "scopes": FEW_RIGHTS})
        return {"authorization": f"Bearer {made['token']}"}

    def by_session(self):
        _, headers = self.ask("POST", "/entry/link", CONSOLE, {"token": self.enter})
        return {"cookie": headers["set-cookie"].split(";")[0], **CONSOLE}

    def prepare(self):
        """What samples speak of, what only time would make, and whatever there is already."""
        description, _ = self.ask("GET", "/openapi.json", self.by_key())
        paths = description["paths"]
        samples = {name: schema.get("example") for name, schema in description["components"]["schemas"].items()}
        things = self.explore(paths)

        def make(method, path, body=None, **given):
            self.look(things, f"{BASE}{path}", given, method, body)

        make("PUT", "/catalogue/items/{key}", samples["NewItem"], key="haircut")
        make("POST", "/promotions", {**samples["NewPromotion"], "key": "not-begun"})
        make("POST", "/accruals", {**samples["AccrualRequest"], "points": 1000, "notify": False})
        self.until_rich()
        for contact in things.known[f"{BASE}/contacts/{{id}}"][:HOLDING]:
            make("POST", "/contacts/{id}/wallet/holds", {"points": 10}, **contact)
            make("POST", "/deals", {"title": "A set of brushes", "contact_id": contact["id"]})
        self.draw(make)
        return self.explore(paths)

    def draw(self, make):
        """Draws of the promotion that runs, as far as each of them may go."""
        promotions, _ = self.ask("GET", "/promotions", self.by_key())
        began = next(one for one in promotions["items"] if one["state"] == "running")
        first = datetime.fromisoformat(began["starts_at"]).date()
        for day, steps in enumerate([[], ["freeze"], ["freeze", "hold"], ["freeze", "hold", "publish"]]):
            start, end = (f"{first + timedelta(days=2 * day + more)}T00:00:00Z" for more in (1, 3))
            plan = {
                "name": f"draw {day}", "from": start, "until": end, "planned_at": end, "reserve": 2,
                "prizes": [{"name": "A kettle", "count": 3, "value": 500_000}], "source": {"kind": "reveal"},
            }  # fmt: skip
            made, _ = self.ask("POST", f"/promotions/{began['id']}/draws", self.by_key(), plan)
            for step in steps:
                body = {"without_waiting": True} if step == "freeze" else {}
                make("POST", f"/promotions/{{id}}/draws/{{draw}}/{step}", body, id=began["id"], draw=made["id"])
                self.until_frozen(f"/promotions/{began['id']}/draws/{made['id']}")

    def until_rich(self):
        for _ in range(50):
            runs, _ = self.ask("GET", "/accruals", self.by_key())
            if all(one["state"] == "done" for one in runs["items"]):
                return
            time.sleep(0.1)

    def until_frozen(self, draw):
        for _ in range(50):
            if self.ask("GET", draw, self.by_key())[0]["state"] != "freezing":
                return
            time.sleep(0.1)

    def explore(self, described):
        """Reads all that can be read, lists before what they lead to."""
        things = Things(described)
        paths = [path for path, operations in described.items() if "get" in operations]
        for path in sorted(paths, key=lambda path: path.count("/")):
            for given in [] if path in ENDLESS else things.some(path) if NAME.search(path) else [{}]:
                self.look(things, path, given)
        return things

    def look(self, things, path, given, method="GET", body=None):
        """Asks, and learns from the answer."""
        address = path.format_map({name: quote(str(value), safe="") for name, value in given.items()})
        key = {"idempotency-key": f"{method} {address}".replace(" ", "-")}
        try:
            answer, _ = self.ask(method, address.removeprefix(BASE), {**self.by_key(), **key}, body)
        except (HTTPError, ValueError):
            return
        things.learn(path, given, answer)

    def own(self):
        """Ids of keys and people: whoever signs the requests is among them."""
        keys, _ = self.ask("GET", "/api-keys", self.by_key())
        staff, _ = self.ask("GET", "/staff", self.by_key())
        return [one["id"] for one in keys + staff]


class Caller:
    """Who asks, and for what."""

    def __init__(self, name, headers, *filters):
        self.name, self.headers, self.filters = name, headers, filters


def callers(program, asked):
    # Those who change little come first: the last one leaves nothing as it was.
    yield Caller("a key with few rights", program.by_few_rights(), *(
        word for method in ("POST", "PUT", "PATCH", "DELETE") for word in ("--exclude-method", method)
    ))
    yield Caller(
        "a person in the console", program.by_session(),
        # Each ends the session by which the others are signed; tests of crates/http/tests/it/entry.rs.
        *(word for name in ENDS_SESSION for word in ("--exclude-operation-id", name)),
        # The rest of the API is the same for a person and a key.
        *(() if asked.path else ("--include-path-regex", "^/api/v1/(user|entry)")),
    )  # fmt: skip
    yield Caller("a key with all rights", program.by_key(), "--exclude-path-regex", "^/api/v1/user")


def command(program, caller, asked):
    schemathesis = Path(sys.executable).with_name("schemathesis")
    headers = [word for name, value in caller.headers.items() for word in ("--header", f"{name}: {value}")]
    filters = list(caller.filters)
    if asked.path:
        filters += ["--include-path-regex", asked.path]
    bounds = ["--seed", str(asked.seed), "--max-examples", str(asked.examples)]
    return [
        schemathesis, "--config-file", HERE / "schemathesis.toml", "run", f"{program.url}{BASE}/openapi.json",
        "--no-color", *bounds, *headers, *filters,
    ]  # fmt: skip


if __name__ == "__main__":
    main()
