"""What keeps a run on this machine and alive."""

import atexit
import json
import os
from urllib.parse import urlsplit

import schemathesis

# Ids whose end is the end of the run: the key that signs the requests, and its maker.
OWN = frozenset(os.environ.get("FUZZ_OWN", "").split())
# Where a messenger's API is, or the way to it. The program calls them at once.
OUTWARD = ("api_base", "proxy")
# Nobody listens there.
NOWHERE = "http://127.0.0.1:9"
# Operations that were asked, and whether they ever did it.
DONE = {}


@schemathesis.hook
def filter_path_parameters(context, path_parameters):
    """The run does not take away its own key. Everything else may be taken away."""
    if context.operation.method.upper() == "GET":
        return True
    return not any(value in OWN for value in (path_parameters or {}).values() if isinstance(value, str))


@schemathesis.hook
def map_body(context, body):
    """No request makes the program call another machine."""
    if not isinstance(body, dict):
        return body
    outward = {name: NOWHERE for name in OUTWARD if _is_elsewhere(body.get(name))}
    return {**body, **outward}


@schemathesis.serializer("application/toml")
def toml(context, value):
    """A text as it is: the description asks for no more."""
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


@schemathesis.hook
def after_call(context, case, response):
    """Notes which operations did what was asked at least once: only then their answers were judged."""
    if case.method.upper() == case.operation.method.upper():
        DONE[case.operation.label] = DONE.get(case.operation.label, False) or response.status_code < 300


@atexit.register
def tell():
    with open(os.environ["FUZZ_DONE"], "a", encoding="utf-8") as told:
        told.writelines(f"{json.dumps([name, done])}\n" for name, done in DONE.items())


def _is_elsewhere(value):
    if not isinstance(value, str):
        return False
    try:
        return urlsplit(value).hostname not in (None, "127.0.0.1")
    except ValueError:
        return False
