"""What keeps a run on this machine and alive, and makes its requests be about things that there are."""

import atexit
import json
import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import schemathesis
from things import Things

# Ids whose end is the end of the run: the key that signs the requests, and its maker.
OWN = frozenset(os.environ.get("FUZZ_OWN", "").split())
# Where a messenger's API is, or the way to it. The program calls them at once.
OUTWARD = ("api_base", "proxy")
# Nobody listens there.
NOWHERE = "http://127.0.0.1:9"
# Operations that were asked, and whether they ever did it.
DONE = {}
# What there is, as far as answers told.
THINGS = Things.load(Path(os.environ["FUZZ_THINGS"]))
# The prefix of an id, as descriptions of parameters tell it: `con_…`.
PREFIX = re.compile(r"\b([a-z]{3})_…")
# One request of so many stays as it was thought up: most of these are about nothing.
AS_IT_WAS = 4
# After these there is less to be asked about.
ENDS = re.compile(r"^DELETE |/(archive|disable|finish|pause|revoke|stop)$")
ASKED = {}
# What makes a repeated request the same request.
KEY = "Idempotency-Key"


@schemathesis.hook
def filter_path_parameters(context, path_parameters):
    """The run does not take away its own key. Everything else may be taken away."""
    return _is_read(context.operation) or OWN.isdisjoint(map(str, (path_parameters or {}).values()))


@schemathesis.hook
def map_body(context, body):
    """No request makes the program call another machine."""
    if not isinstance(body, dict):
        return body
    outward = {name: NOWHERE for name in OUTWARD if _is_elsewhere(body.get(name))}
    return {**body, **outward}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Most requests are about something. What there is is taken away once, and stays for the others after that."""
    operation = case.operation
    label = operation.label
    ASKED[label] = ASKED.get(label, 0) + 1
    if ASKED[label] % AS_IT_WAS == 0 or (ENDS.search(label) and DONE.get(label)):
        return
    if KEY in (case.headers or {}):
        # The same key under another request is refused, and short ones are thought up again and again.
        case.headers[KEY] = f"{label} {ASKED[label]} {os.getpid()}".replace(" ", "-")
    without = frozenset() if _is_read(operation) else OWN
    if case.path_parameters:
        chosen = THINGS.parameters(operation.path, _prefixes(operation), without)
        case.path_parameters = {**case.path_parameters, **chosen}
    if isinstance(case.body, dict):
        case.body = THINGS.body(case.body, case.path_parameters or {}, without)


@schemathesis.serializer("application/toml")
def toml(context, value):
    """A text as it is: the description asks for no more."""
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


@schemathesis.hook
def after_call(context, case, response):
    """Notes which operations did what was asked at least once: only then their answers were judged."""
    if case.method.upper() != case.operation.method.upper():
        return
    did, given = response.status_code < 300, case.path_parameters or {}
    DONE[case.operation.label] = DONE.get(case.operation.label, False) or did
    if did and case.method.upper() == "DELETE" or response.status_code == 404 and _is_read(case.operation):
        THINGS.forget(case.operation.path, given)
    elif did and "json" in response.headers.get("content-type", [""])[0]:
        THINGS.learn(case.operation.path, given, response.json())


@atexit.register
def tell():
    with open(os.environ["FUZZ_DONE"], "a", encoding="utf-8") as told:
        told.writelines(f"{json.dumps([name, done])}\n" for name, done in DONE.items())


def _is_read(operation):
    return operation.method.upper() == "GET"


def _prefixes(operation):
    """Of the ids among the parameters of the address."""
    described = {one["name"]: one.get("description", "") for one in operation.definition.raw.get("parameters", [])}
    found = {name: PREFIX.search(text) for name, text in described.items() if f"{{{name}}}" in operation.path}
    return {name: match[1] for name, match in found.items() if match}


def _is_elsewhere(value):
    if not isinstance(value, str):
        return False
    try:
        return urlsplit(value).hostname not in (None, "127.0.0.1")
    except ValueError:
        return False
