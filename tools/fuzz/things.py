"""What there is in the running program, learnt from its answers: ids for requests to be about something."""

import json
import re

ID = re.compile(r"^([a-z]{3})_[0-7][0-9a-hjkmnp-tv-z]{12}$")
NAME = re.compile(r"\{(\w+)\}")
# One or more parameters in a row, at the end of a part of an address.
PARAMETERS = re.compile(r"((?:/\{\w+\})+)(?=/|$)")


# Of many things, those that are taken from either end: what the run makes soon outnumbers what it met.
FEW = 8


class Things:
    """Known values of the parameters of addresses, together with those before them, and ids by their prefix."""

    def __init__(self, templates):
        self.known = {part: [] for template in templates for part in parts(template)}
        self.ids = {}
        self.revisions = {}
        self.turn = 0

    def learn(self, template, given, answer):
        """From an answer of `template`, asked with the parameters `given`."""
        for one in _strings(answer):
            if found := ID.match(one):
                _add(self.ids.setdefault(found[1], []), one)
        for part in self.known:
            if not part.startswith(f"{template}/{{") or not PARAMETERS.fullmatch(part, len(template)):
                continue
            names = NAME.findall(part, len(template))
            for thing in _things(answer):
                values = {name: _value(thing, name) for name in names}
                if None not in values.values():
                    _add(self.known[part], {**given, **values})
                    self.revise({**given, **values}, thing)
        self.revise(given, answer)

    def revise(self, given, answer):
        """A change must name the revision of what it changes."""
        if given and isinstance(answer, dict) and isinstance(answer.get("revision"), int):
            self.revisions[_name(given)] = answer["revision"]

    def forget(self, template, given):
        """What an address named is gone."""
        if given in self.known.get(template, []):
            self.known[template].remove(given)

    def save(self, file):
        """For another process."""
        file.write_text(json.dumps([self.known, self.ids, self.revisions]))

    @classmethod
    def load(cls, file):
        """What another process saved."""
        things = cls([])
        things.known, things.ids, things.revisions = json.loads(file.read_text())
        return things

    def parameters(self, template, prefixes, without):
        """Values of all parameters of an address, as far as they are known. `prefixes`: of the ids among them."""
        for part in reversed(parts(template)):
            if allowed := [one for one in self.known[part] if without.isdisjoint(map(str, one.values()))]:
                chosen = dict(self._one(allowed))
                break
        else:
            chosen = {}
        for name, prefix in prefixes.items():
            if name not in chosen and (allowed := self._allowed(prefix, without)):
                chosen[name] = self._one(allowed)
        return chosen

    def some(self, template):
        """Values of all parameters of an address, of those known first and of those known last."""
        known = [one for part in parts(template)[-1:] for one in self.known[part]]
        return known[:2] + known[2:][-2:]

    def body(self, value, given, without):
        """The same body about things that there are, of their revision. `given`: the parameters of the address."""
        body = self._told(value, without)
        if isinstance(body.get("revision"), int) and _name(given) in self.revisions:
            return {**body, "revision": self.revisions[_name(given)]}
        return body

    def _told(self, value, without):
        if isinstance(value, dict):
            return {name: self._pointed(name, inner, without) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._told(inner, without) for inner in value]
        found = ID.match(value) if isinstance(value, str) else None
        allowed = self._allowed(found[1], without) if found else []
        return self._one(allowed) if allowed else value

    def _pointed(self, name, inner, without):
        key = self._key(name) if isinstance(inner, str) else None
        return key or self._told(inner, without)

    def _key(self, name):
        """One of the short names by which a field like `scenario` points to one of `/scenarios/{key}`."""
        known = [one for part, all in self.known.items() if part.endswith(f"/{name}s/{{key}}") for one in all]
        return self._one(known)["key"] if known else None

    def _allowed(self, prefix, without):
        return [one for one in self.ids.get(prefix, []) if one not in without]

    def _one(self, known):
        """Those known first and those learnt last by turns: what the run makes is in other states than what it met."""
        self.turn += 1
        at = self.turn // 2 % min(len(known), FEW)
        return known[-1 - at] if self.turn % 2 else known[at]


def parts(template):
    """The beginnings of an address that end with a parameter, shortest first."""
    return [template[: found.end()] for found in PARAMETERS.finditer(template)]


def _name(given):
    return " ".join(str(value) for value in given.values())


def _things(answer):
    """The things that an answer is about."""
    if isinstance(answer, dict):
        items = answer.get("items")
        answer = items if isinstance(items, list) else [answer]
    return [thing for thing in answer if isinstance(thing, dict)] if isinstance(answer, list) else []


def _value(thing, name):
    for field in (name, f"{name}_id", "id"):
        if isinstance(thing.get(field), str | int):
            return thing[field]
    return None


def _strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _strings(inner)


def _add(known, one):
    if one not in known:
        known.append(one)
