#!/usr/bin/env python3
"""Counts a draw again, from docs/en/draws.md alone: check.py PROTOCOL LIST. Needs nothing but Python 3.8.

It does not look at the two signatures (the organiser's and the beacon's): `samovar draw verify` does.
"""
import hashlib
import json
import sys


def sha(data):
    return hashlib.sha256(data).hexdigest()


def value_of(randomness):
    if randomness["kind"] == "drand":
        return sha(bytes.fromhex(randomness["signature"]))
    return randomness[{"block": "hash", "reveal": "secret"}.get(randomness["kind"], "value")]


def draw(told, tickets, seed):
    out = {line.split(" ")[0] for line in told["exclude"]}
    once = told["one-prize"] == ["yes"]
    plan = [(int(p.split(" ")[0]), int(p.split(" ")[1])) for p in told["prize"]] + [(0, int(told["reserve"][0]))]
    may = [person for _, _, person, _ in tickets if person not in out]
    left = len(set(may)) if once else len(may)
    turn, places, people, drawn = 0, set(), set(), []
    for prize, count in plan:
        for _ in range(min(count, left)):
            left -= 1
            while True:
                turn += 1
                number = int.from_bytes(hashlib.sha256(seed + turn.to_bytes(8, "big")).digest()[:8], "big")
                if number >= 2**64 // len(tickets) * len(tickets):
                    continue
                place = number % len(tickets)
                ticket, _, person, name = tickets[place]
                if place not in places and person not in out and not (once and person in people):
                    break
            places.add(place)
            people.add(person)
            drawn.append(dict(prize=prize, turn=turn, place=place, number=int(ticket), person=person, name=name))
    return drawn


def main(protocol_file, list_file):
    protocol = json.load(open(protocol_file, encoding="utf-8"))
    listed = open(list_file, "rb").read()
    text = protocol["announcement"]
    told = {"prize": [], "exclude": []}
    for line in text.split("\n")[1:-1]:
        name, _, rest = line.partition(": ")
        told.setdefault(name, []).append(rest)
    tickets = [line.split("\t") for line in listed.decode().split("\n")[:-1]]
    announced = sha(text.encode())
    seed = hashlib.sha256(f"samovar-draw/1 seed\n{announced}\n{value_of(protocol['randomness'])}\n".encode()).digest()
    checks = {
        "list": [sha(listed)] == told["list"] and [str(len(tickets))] == told["tickets"],
        "announcement": announced == protocol["announced"],
        "seed": seed.hex() == protocol["seed"],
        "winners": draw(told, tickets, seed) == protocol["winners"] + protocol["reserve"],
    }
    for name, holds in checks.items():
        print(f"{name}: {'holds' if holds else 'BROKEN'}")
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
