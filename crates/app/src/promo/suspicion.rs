//! How much a receipt looks like cheating: points for each sign, and the signs in words. Pure.
//!
//! No sign proves anything, and none refuses a receipt: from a score that the terms set on, a person looks.

use serde::{Deserialize, Serialize};

/// The most that can be.
pub const MOST: i64 = 100;

/// What is known of a receipt, of who sent it and of those beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scene {
    /// Receipts of the person in the ten minutes before it arrived.
    pub in_ten_minutes: i64,
    /// In the day before.
    pub in_a_day: i64,
    /// Other people who sent the very same picture.
    pub same_picture: i64,
    /// Receipts of the person whose documents of this drive lie within a few of this one.
    pub in_a_row: i64,
    /// All receipts of the person, this one apart.
    pub of_person: i64,
    /// Of those, from this drive.
    pub of_person_here: i64,
    /// On how many days of the tills they were bought.
    pub days_here: i64,
    /// Receipts of this drive bought on that day that anybody sent.
    pub of_till_day: i64,
    /// How many people sent them.
    pub people_till_day: i64,
    /// Of the person's receipts, those of the very same sum.
    pub same_sum: i64,
    /// The hour of the purchase by the till.
    pub hour: i8,
    /// Minutes from the purchase to the arrival; negative when the till's clock is ahead.
    pub minutes_after: i64,
    /// Hours since the person was first seen.
    pub known_hours: i64,
}

macro_rules! signs {
    ($($(#[$doc:meta])* $name:ident $code:literal $ru:literal $en:literal;)*) => {
        /// What looks odd.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Sign { $($(#[$doc])* $name,)* }

        impl Sign {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
            /// The name in tables and answers.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
            /// For the staff; `#` stands for the count.
            pub fn title(self, locale: &str) -> &'static str {
                match (self, locale.starts_with("ru")) {
                    $((Self::$name, true) => $ru, (Self::$name, false) => $en,)*
                }
            }
        }
    };
}

signs! {
    /// Many receipts at once.
    Speed "speed" "Прислано подряд за десять минут: #" "Sent within ten minutes: #";
    /// Very many in a day.
    Flood "flood" "Прислано за сутки: #" "Sent within a day: #";
    /// Others sent the same picture.
    SamePicture "same_picture" "Тот же снимок прислали другие люди: #" "Other people sent the same picture: #";
    /// Numbers of one drive in a row.
    InARow "in_a_row" "Чеки одной кассы с соседними номерами: #" "Receipts of one till with numbers side by side: #";
    /// As a cashier would who keeps what customers leave.
    Cashier "cashier" "Почти все чеки человека с одной кассы, за разные дни: #" "Nearly all receipts of the person are of one till, over several days: #";
    /// Many of one till and day.
    OneTill "one_till" "С этой кассы за тот же день прислали чеков: #" "Receipts of this till and day that were sent: #";
    /// Bought when shops are closed.
    OddHour "odd_hour" "Покупка ночью, в # ч" "Bought at night, at # h";
    /// Sums alike.
    SameSum "same_sum" "Чеки человека на ту же сумму: #" "Receipts of the person with the same sum: #";
    /// Sent before or at the very minute of the purchase, again and again.
    AtTheTill "at_the_till" "Прислан в минуту покупки, и такое уже не раз" "Sent in the minute of the purchase, and not for the first time";
    /// The account is new.
    NewAccount "new_account" "Человек появился меньше часа назад и уже прислал чеков: #" "The person appeared within the hour and already sent: #";
}

/// A sign that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// Which.
    pub sign: Sign,
    /// What it adds to the score.
    pub points: i64,
    /// The number it is about.
    pub count: i64,
}

impl Found {
    /// In words.
    pub fn text(&self, locale: &str) -> String {
        self.sign.title(locale).replace('#', &self.count.to_string())
    }
}

/// How much it looks like cheating, 0 to 100, and why: the weightiest first.
pub fn score(scene: &Scene) -> (i64, Vec<Found>) {
    let mut found = Vec::new();
    let mut add = |sign, points: i64, count| {
        if points > 0 {
            found.push(Found { sign, points, count });
        }
    };
    // A family photographs its receipts of a week at once: up to five in ten minutes say nothing.
    add(Sign::Speed, ((scene.in_ten_minutes - 5) * 5).clamp(0, 30), scene.in_ten_minutes);
    add(Sign::Flood, (scene.in_a_day - 19).clamp(0, 20), scene.in_a_day);
    add(Sign::SamePicture, (scene.same_picture * 50).clamp(0, 70), scene.same_picture);
    // Two side by side happen when a purchase is paid in two parts.
    add(Sign::InARow, ((scene.in_a_row - 1) * 20).clamp(0, 60), scene.in_a_row);
    let (all, here) = (scene.of_person, scene.of_person_here);
    if here >= 5 && here * 10 >= all * 8 && scene.days_here >= 2 {
        add(Sign::Cashier, (15 + (here - 5) * 3).clamp(0, 40), here);
    }
    if scene.people_till_day <= 2 {
        add(Sign::OneTill, ((scene.of_till_day - 4) * 5).clamp(0, 30), scene.of_till_day);
    }
    if (1..6).contains(&scene.hour) {
        add(Sign::OddHour, 5, i64::from(scene.hour));
    }
    add(Sign::SameSum, ((scene.same_sum - 2) * 8).clamp(0, 30), scene.same_sum);
    if scene.minutes_after <= 1 && here >= 3 {
        add(Sign::AtTheTill, 15, here);
    }
    if scene.known_hours < 1 {
        add(Sign::NewAccount, ((scene.of_person - 4) * 4).clamp(0, 20), scene.of_person);
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.points));
    (found.iter().map(|one| one.points).sum::<i64>().clamp(0, MOST), found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(scene: Scene) -> (i64, Vec<Sign>) {
        let (score, found) = score(&scene);
        (score, found.into_iter().map(|one| one.sign).collect())
    }

    const HONEST: Scene = Scene {
        in_ten_minutes: 1,
        in_a_day: 2,
        same_picture: 0,
        in_a_row: 0,
        of_person: 7,
        of_person_here: 3,
        days_here: 3,
        of_till_day: 40,
        people_till_day: 38,
        same_sum: 0,
        hour: 18,
        minutes_after: 90,
        known_hours: 200,
    };

    #[test]
    fn honest_people_have_no_signs() {
        assert_eq!(of(HONEST), (0, Vec::new()));
        // A week of one family's receipts, photographed in the evening.
        assert_eq!(of(Scene { in_ten_minutes: 5, known_hours: 0, of_person: 4, ..HONEST }), (0, Vec::new()));
        // Somebody who buys bread at the same price in the shop beside the house.
        assert_eq!(of(Scene { same_sum: 2, of_person_here: 4, ..HONEST }).0, 0);
    }

    #[test]
    fn each_sign_has_its_price() {
        assert_eq!(of(Scene { same_picture: 1, ..HONEST }), (50, vec![Sign::SamePicture]));
        assert_eq!(of(Scene { in_a_row: 4, ..HONEST }), (60, vec![Sign::InARow]));
        assert_eq!(of(Scene { in_ten_minutes: 9, ..HONEST }), (20, vec![Sign::Speed]));
        assert_eq!(of(Scene { hour: 3, ..HONEST }), (5, vec![Sign::OddHour]));
        let cashier = Scene { of_person: 10, of_person_here: 9, days_here: 4, minutes_after: 0, ..HONEST };
        assert_eq!(of(cashier), (42, vec![Sign::Cashier, Sign::AtTheTill]));
        // One person, one till, one day: what a bag of left receipts looks like.
        let bag = Scene { in_ten_minutes: 12, in_a_row: 3, of_till_day: 12, people_till_day: 1, ..HONEST };
        assert_eq!(of(bag).0, MOST);
    }

    #[test]
    fn the_score_grows_with_every_count_and_stays_in_its_bounds() {
        for more in 0..500 {
            let scene = Scene {
                in_ten_minutes: more,
                in_a_day: more,
                same_picture: more,
                in_a_row: more,
                of_till_day: more,
                same_sum: more,
                people_till_day: 1,
                ..HONEST
            };
            let (now, _) = score(&scene);
            let (next, found) = score(&Scene { in_a_row: more + 1, ..scene });
            assert!((0..=MOST).contains(&now) && next >= now, "{more}");
            assert!(found.is_sorted_by_key(|one| std::cmp::Reverse(one.points)));
        }
    }

    #[test]
    fn signs_are_told_with_their_numbers() {
        let found = Found { sign: Sign::InARow, points: 40, count: 3 };
        assert_eq!(found.text("ru"), "Чеки одной кассы с соседними номерами: 3");
        assert_eq!(found.text("en"), "Receipts of one till with numbers side by side: 3");
        for sign in Sign::ALL {
            assert_eq!(serde_json::to_value(sign).expect("a name"), sign.as_str());
        }
    }
}
