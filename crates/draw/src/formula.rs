//! The formula: from the announcement and the randomness to who wins.

use crate::{Announcement, FORMAT, List, Person};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// What the draw is counted from.
pub type Seed = [u8; 32];

/// A ticket that was drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Won {
    /// Which prize of the announcement, from 1; 0 in the reserve.
    pub prize: u32,
    /// The turn in which it was drawn.
    pub turn: u64,
    /// Its place in the list, from 0.
    pub place: u64,
    /// Its number.
    pub number: u64,
    /// Whose.
    pub person: Person,
    /// As strangers may see them.
    pub name: String,
}

/// Who won. There are fewer than announced when nobody is left who may win.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// In the order in which they were drawn.
    pub winners: Vec<Won>,
    /// Whose turn comes when a prize is refused, in order.
    pub reserve: Vec<Won>,
}

/// SHA-256 of `samovar-draw/1 seed`, a line feed, the hash of the announcement, a line feed, the value of the randomness
/// and a line feed.
pub fn seed(announced: &str, value: &str) -> Seed {
    Sha256::digest(format!("{FORMAT} seed\n{announced}\n{value}\n")).into()
}

/// Turn by turn, counted from 1: the first eight bytes of SHA-256(seed, turn as eight bytes), read as a number, the most
/// significant byte first. A number not below the largest multiple of the list's length that fits into 64 bits is passed
/// over, so that each place is as likely as any other; of the others the remainder is the place. A ticket that was
/// drawn already, whose person is left out, or, if a person wins once at most, has won, is passed over too. Prizes are
/// drawn in their order, the reserve after them.
pub fn draw(announcement: &Announcement, list: &List, seed: &Seed) -> Drawn {
    let mut drawing = Drawing::new(announcement, list, seed);
    let mut winners = Vec::new();
    for (prize, number) in announcement.prizes.iter().zip(1..) {
        for _ in 0..prize.count {
            winners.extend(drawing.next(number));
        }
    }
    let reserve = (0..announcement.reserve).filter_map(|_| drawing.next(0)).collect();
    Drawn { winners, reserve }
}

struct Drawing<'a> {
    list: &'a List,
    seed: &'a Seed,
    one_prize: bool,
    /// Numbers from here on are passed over.
    end: u128,
    turn: u64,
    excluded: HashSet<Person>,
    won: HashSet<Person>,
    drawn: HashSet<u64>,
    /// Tickets, or people when each wins once at most, that can still win.
    left: u64,
}

impl<'a> Drawing<'a> {
    fn new(announcement: &Announcement, list: &'a List, seed: &'a Seed) -> Self {
        let excluded: HashSet<Person> = announcement.excluded.iter().map(|one| one.person).collect();
        let may_win = list.tickets().map(|ticket| ticket.person).filter(|person| !excluded.contains(person));
        let left = if announcement.one_prize {
            may_win.collect::<HashSet<_>>().len() as u64
        } else {
            may_win.count() as u64
        };
        let length = u128::from(list.len().max(1));
        Self {
            list,
            seed,
            one_prize: announcement.one_prize,
            end: (1_u128 << 64) / length * length,
            turn: 0,
            excluded,
            won: HashSet::new(),
            drawn: HashSet::new(),
            left,
        }
    }

    fn next(&mut self, prize: u32) -> Option<Won> {
        if self.left == 0 {
            return None;
        }
        loop {
            self.turn += 1;
            let Some(place) = self.place() else { continue };
            let Some(ticket) = self.list.ticket(place) else { continue };
            let taken = self.drawn.contains(&place)
                || self.excluded.contains(&ticket.person)
                || (self.one_prize && self.won.contains(&ticket.person));
            if taken {
                continue;
            }
            self.left -= 1;
            self.drawn.insert(place);
            self.won.insert(ticket.person);
            return Some(Won {
                prize,
                turn: self.turn,
                place,
                number: ticket.number,
                person: ticket.person,
                name: ticket.name.to_owned(),
            });
        }
    }

    fn place(&self) -> Option<u64> {
        let digest = Sha256::new().chain_update(self.seed).chain_update(self.turn.to_be_bytes()).finalize();
        let first = digest.first_chunk::<8>().copied().unwrap_or_default();
        let number = u64::from_be_bytes(first);
        (u128::from(number) < self.end).then(|| number % self.list.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::announcement::tests::sample;
    use crate::{Excluded, Ticket, write_line};
    use proptest::prelude::*;

    fn list(people: &[u64]) -> List {
        let mut text = String::new();
        for (person, number) in people.iter().zip(1..) {
            write_line(&mut text, &Ticket { number, arrived: 0, person: Person(*person), name: "—" });
        }
        List::read(text.into_bytes()).unwrap()
    }

    proptest! {
        #[test]
        fn what_the_rules_promise_holds(
            people in prop::collection::vec(0_u64..12, 0..60), one_prize: bool, seed: [u8; 32],
            out in prop::collection::btree_set(0_u64..12, 0..5),
        ) {
            let list = list(&people);
            let excluded = out.iter().map(|one| Excluded { person: Person(*one), why: "staff".into() }).collect();
            let told = Announcement { one_prize, excluded, ..sample(&list) };
            let Drawn { winners, reserve } = draw(&told, &list, &seed);
            let all: Vec<&Won> = winners.iter().chain(&reserve).collect();
            let may: Vec<u64> = people.iter().copied().filter(|one| !out.contains(one)).collect();
            let can = if one_prize { may.iter().collect::<HashSet<_>>().len() } else { may.len() };
            prop_assert_eq!(all.len(), can.min(6));
            prop_assert_eq!(winners.len(), can.min(4));
            prop_assert_eq!(all.iter().map(|one| one.number).collect::<HashSet<_>>().len(), all.len());
            prop_assert!(all.iter().all(|one| people[usize::try_from(one.place).unwrap()] == one.person.0 && !out.contains(&one.person.0)));
            prop_assert!(all.windows(2).all(|two| two[0].turn < two[1].turn));
            if one_prize {
                prop_assert_eq!(all.iter().map(|one| one.person).collect::<HashSet<_>>().len(), all.len());
            }
            prop_assert!(winners.iter().all(|one| one.prize > 0) && reserve.iter().all(|one| one.prize == 0));
        }
    }

    #[test]
    fn each_ticket_is_as_likely_as_any_other() {
        let list = list(&[1, 2, 3, 4, 5, 6, 7]);
        let told = Announcement { excluded: Vec::new(), ..sample(&list) };
        let mut wins = [0_i32; 7];
        for round in 0_u32..14_000 {
            let seed = seed("trial", &round.to_string());
            wins[usize::try_from(draw(&told, &list, &seed).winners[0].place).unwrap()] += 1;
        }
        // 2000 each; a hundredth of one per cent of fair draws would be further off than that.
        assert!(wins.iter().all(|count| (count - 2_000).abs() < 170), "{wins:?}");
    }
}
