//! The words of the counter: what its scenarios may do, show and ask about.

use super::titles::{fact, title_of};
use crate::capability::Words;
use samovar_engine::{ActionSpec, Kind, OutcomeSpec, ParamSpec, ScreenSpec, Title};

/// A name with its kind.
type Named = (&'static str, Kind);

struct Form {
    name: &'static str,
    ru: &'static str,
    en: &'static str,
    params: &'static [(&'static str, Kind, bool)],
    outcomes: &'static [(&'static str, &'static [Named])],
    changes: &'static [&'static str],
}

const REFUSED: (&str, &[Named]) = ("refused", &[("reason", Kind::Text), ("code", Kind::Text)]);
const MOVED: &[Named] = &[("points", Kind::Points), ("balance", Kind::Points)];
const CUSTOMER: (&str, Kind, bool) = ("customer", Kind::Text, true);
const POINTS: (&str, Kind, bool) = ("points", Kind::Points, true);
const COMMENT: (&str, Kind, bool) = ("comment", Kind::Text, false);
const CODE: (&str, Kind, bool) = ("code", Kind::Text, true);
const KEY: (&str, Kind, bool) = ("key", Kind::Text, true);
const TEXT: (&str, Kind, bool) = ("text", Kind::Text, true);
const PICTURE: (&str, Kind, bool) = ("picture", Kind::Text, false);
const SUM: (&str, Kind, bool) = ("sum", Kind::Number, true);
const PAY: (&str, Kind, bool) = ("pay", Kind::Number, false);
const BOUGHT: &[Named] = &[
    ("sum", Kind::Text),
    ("pays", Kind::Points),
    ("to_pay", Kind::Text),
    ("earns", Kind::Points),
    ("balance", Kind::Points),
];
const ASKED: &[(&str, &[Named])] = &[("done", &[("code", Kind::Text), ("points", Kind::Points)]), REFUSED];
const RUN: &[Named] = &[
    ("run", Kind::Text),
    ("points", Kind::Points),
    ("done", Kind::Number),
    ("contacts", Kind::Number),
    ("moved", Kind::Points),
    ("undoes", Kind::Flag),
    ("over", Kind::Flag),
];
const ORDER: &[Named] = &[
    ("order", Kind::Text),
    ("revision", Kind::Number),
    ("title", Kind::Text),
    ("customer", Kind::Text),
    ("name", Kind::Text),
    ("phone", Kind::Text),
    ("items", Kind::Text),
    ("points", Kind::Points),
    ("stage", Kind::Text),
    ("since", Kind::Text),
];
const FOUND: &[(&str, &[Named])] = &[
    ("one", &[("customer", Kind::Text), ("query", Kind::Text)]),
    ("many", &[("query", Kind::Text)]),
    ("none", &[("query", Kind::Text)]),
    ("unread", &[]),
    REFUSED,
];
const COLLEAGUE: &[Named] =
    &[("name", Kind::Text), ("role", Kind::Text), ("role_title", Kind::Text), ("disabled", Kind::Flag)];

const ACTIONS: &[Form] = &[
    Form {
        name: "find",
        ru: "найти клиента",
        en: "find a customer",
        params: &[("query", Kind::Text, true)],
        outcomes: &[
            ("one", &[("customer", Kind::Text), ("query", Kind::Text)]),
            ("many", &[("query", Kind::Text)]),
            ("none", &[("query", Kind::Text)]),
            REFUSED,
        ],
        changes: &["customer"],
    },
    Form {
        name: "prepare",
        ru: "подготовить начисление или списание",
        en: "prepare an accrual or a write-off",
        params: &[CUSTOMER, ("kind", Kind::Text, true), POINTS, COMMENT],
        outcomes: &[
            (
                "ready",
                &[
                    ("key", Kind::Text),
                    ("points", Kind::Points),
                    ("balance", Kind::Points),
                    ("after", Kind::Points),
                    ("told", Kind::Text),
                ],
            ),
            REFUSED,
        ],
        changes: &[],
    },
    Form {
        name: "grant",
        ru: "начислить клиенту",
        en: "accrue to the customer",
        params: &[CUSTOMER, POINTS, COMMENT, KEY],
        outcomes: &[("done", MOVED), ("already", MOVED), REFUSED],
        changes: &["customer"],
    },
    Form {
        name: "deduct",
        ru: "списать у клиента",
        en: "write off from the customer",
        params: &[CUSTOMER, POINTS, COMMENT, KEY],
        outcomes: &[("done", MOVED), ("already", MOVED), ("code", &[]), REFUSED],
        changes: &["customer"],
    },
    Form {
        name: "ask_code",
        ru: "послать клиенту код",
        en: "send the customer a code",
        params: &[CUSTOMER, POINTS, COMMENT, KEY],
        outcomes: ASKED,
        changes: &[],
    },
    Form {
        name: "ask_to_pay",
        ru: "послать клиенту код для оплаты баллами",
        en: "send the customer a code to pay with points",
        params: &[CUSTOMER, SUM, PAY, KEY],
        outcomes: ASKED,
        changes: &[],
    },
    Form {
        name: "cancel_code",
        ru: "отозвать код клиента",
        en: "take the customer's code back",
        params: &[CODE],
        outcomes: &[("done", &[]), ("already", &[]), REFUSED],
        changes: &[],
    },
    Form {
        name: "redeem",
        ru: "провести по коду клиента",
        en: "do it by the customer's code",
        params: &[CODE, ("digits", Kind::Text, true), POINTS],
        outcomes: &[
            ("done", MOVED),
            ("already", MOVED),
            ("bought", BOUGHT),
            ("wrong", &[("left", Kind::Number)]),
            ("exhausted", &[("reason", Kind::Text)]),
            REFUSED,
        ],
        changes: &["customer"],
    },
    Form {
        name: "quote",
        ru: "посчитать покупку",
        en: "count a purchase",
        params: &[CUSTOMER, SUM, PAY],
        outcomes: &[
            (
                "ready",
                &[
                    ("key", Kind::Text),
                    ("sum", Kind::Text),
                    ("most", Kind::Points),
                    ("pays", Kind::Points),
                    ("to_pay", Kind::Text),
                    ("earns", Kind::Points),
                    ("balance", Kind::Points),
                    ("after", Kind::Points),
                    ("told", Kind::Text),
                ],
            ),
            REFUSED,
        ],
        changes: &[],
    },
    Form {
        name: "purchase",
        ru: "провести покупку",
        en: "book a purchase",
        params: &[CUSTOMER, SUM, PAY, KEY],
        outcomes: &[("done", BOUGHT), ("already", BOUGHT), ("code", &[]), REFUSED],
        changes: &["customer"],
    },
    Form {
        name: "order",
        ru: "посмотреть заказ",
        en: "look at an order",
        params: &[("order", Kind::Text, true)],
        outcomes: &[("open", ORDER), ("over", ORDER), REFUSED],
        changes: &[],
    },
    Form {
        name: "close_order",
        ru: "выполнить заказ или отказать",
        en: "complete or refuse an order",
        params: &[
            ("order", Kind::Text, true),
            ("revision", Kind::Number, true),
            ("kind", Kind::Text, true),
            ("reason", Kind::Text, false),
        ],
        outcomes: &[("done", ORDER), ("over", ORDER), REFUSED],
        changes: &["customer"],
    },
    Form {
        name: "preview_all",
        ru: "посчитать начисление всем",
        en: "count an accrual to everybody",
        params: &[POINTS, COMMENT],
        outcomes: &[
            (
                "ready",
                &[
                    ("key", Kind::Text),
                    ("points", Kind::Points),
                    ("contacts", Kind::Number),
                    ("total", Kind::Points),
                    ("told", Kind::Text),
                ],
            ),
            REFUSED,
        ],
        changes: &[],
    },
    Form {
        name: "start_all",
        ru: "начислить всем",
        en: "accrue to everybody",
        params: &[POINTS, COMMENT, KEY],
        outcomes: &[("done", RUN), REFUSED],
        changes: &[],
    },
    Form {
        name: "progress_all",
        ru: "как идёт начисление всем",
        en: "how far the accrual to everybody came",
        params: &[("run", Kind::Text, true)],
        outcomes: &[("done", RUN), REFUSED],
        changes: &[],
    },
    Form {
        name: "undo_all",
        ru: "отменить начисление всем",
        en: "undo the accrual to everybody",
        params: &[("run", Kind::Text, true)],
        outcomes: &[("done", RUN), REFUSED],
        changes: &[],
    },
    Form {
        name: "reach_all",
        ru: "посчитать, до кого дойдёт сообщение всем",
        en: "count whom a message to everybody reaches",
        params: &[TEXT],
        outcomes: &[
            (
                "ready",
                &[
                    ("text", Kind::Text),
                    ("contacts", Kind::Number),
                    ("silent", Kind::Number),
                    ("unreachable", Kind::Number),
                ],
            ),
            REFUSED,
        ],
        changes: &[],
    },
    Form {
        name: "message_all",
        ru: "написать всем",
        en: "write to everybody",
        params: &[TEXT, PICTURE],
        outcomes: &[("done", &[]), REFUSED],
        changes: &[],
    },
    Form {
        name: "backup",
        ru: "прислать резервную копию",
        en: "send a backup",
        params: &[],
        outcomes: &[("done", &[]), REFUSED],
        changes: &[],
    },
    Form {
        name: "export",
        ru: "прислать клиентов таблицей",
        en: "send the customers as a table",
        params: &[],
        outcomes: &[("done", &[]), REFUSED],
        changes: &[],
    },
    Form {
        name: "picture",
        ru: "взять фото из чата",
        en: "take a photo from the chat",
        params: &[("photo", Kind::Text, true)],
        outcomes: &[("done", &[("picture", Kind::Text)])],
        changes: &[],
    },
    Form {
        name: "message",
        ru: "написать клиенту",
        en: "write to the customer",
        params: &[CUSTOMER, TEXT, PICTURE],
        outcomes: &[("done", &[]), REFUSED],
        changes: &[],
    },
    Form {
        name: "answer",
        ru: "ответить клиенту в переписке",
        en: "answer the customer's conversation",
        params: &[CUSTOMER, TEXT],
        outcomes: &[("done", &[]), REFUSED],
        changes: &["counter"],
    },
    Form {
        name: "give_back",
        ru: "вернуть переписку боту",
        en: "give the conversation back to the bot",
        params: &[CUSTOMER],
        outcomes: &[("done", &[]), REFUSED],
        changes: &["counter"],
    },
    Form {
        name: "invite",
        ru: "пригласить сотрудника",
        en: "invite a colleague",
        params: &[("name", Kind::Text, true), ("role", Kind::Text, true)],
        outcomes: &[
            (
                "done",
                &[
                    ("link", Kind::Text),
                    ("name", Kind::Text),
                    ("role_title", Kind::Text),
                    ("days", Kind::Number),
                ],
            ),
            REFUSED,
        ],
        changes: &[],
    },
    Form {
        name: "colleague",
        ru: "посмотреть сотрудника",
        en: "look at a colleague",
        params: &[("staff", Kind::Text, true)],
        outcomes: &[("done", COLLEAGUE), REFUSED],
        changes: &[],
    },
    Form {
        name: "set_role",
        ru: "сменить роль сотрудника",
        en: "change a colleague's role",
        params: &[("staff", Kind::Text, true), ("role", Kind::Text, true)],
        outcomes: &[("done", COLLEAGUE), REFUSED],
        changes: &["staff"],
    },
    Form {
        name: "disable",
        ru: "отключить сотрудника",
        en: "disable a colleague",
        params: &[("staff", Kind::Text, true)],
        outcomes: &[("done", COLLEAGUE), REFUSED],
        changes: &["staff"],
    },
    Form {
        name: "enable",
        ru: "включить сотрудника",
        en: "enable a colleague",
        params: &[("staff", Kind::Text, true)],
        outcomes: &[("done", COLLEAGUE), REFUSED],
        changes: &["staff"],
    },
    Form {
        name: "setting",
        ru: "посмотреть настройку",
        en: "look at a setting",
        params: &[("setting", Kind::Text, true)],
        outcomes: &[
            ("done", &[("title", Kind::Text), ("before", Kind::Text), ("hint", Kind::Text)]),
            REFUSED,
        ],
        changes: &[],
    },
    Form {
        name: "try_setting",
        ru: "примерить настройку",
        en: "try a setting",
        params: &[("setting", Kind::Text, true), ("value", Kind::Text, true)],
        outcomes: &[
            (
                "ready",
                &[
                    ("title", Kind::Text),
                    ("before", Kind::Text),
                    ("after", Kind::Text),
                    ("revision", Kind::Number),
                ],
            ),
            REFUSED,
        ],
        changes: &[],
    },
    Form {
        name: "save_setting",
        ru: "сохранить настройку",
        en: "save a setting",
        params: &[
            ("setting", Kind::Text, true),
            ("value", Kind::Text, true),
            ("revision", Kind::Number, true),
        ],
        outcomes: &[("done", &[("title", Kind::Text), ("after", Kind::Text)]), REFUSED],
        changes: &["loyalty"],
    },
];

const TITLE: (&str, Kind, bool) = ("title", Kind::Text, false);

const SCREENS: &[Form] = &[
    Form {
        name: "search",
        ru: "кого ищем: слова, номер или фото карты",
        en: "whom to look for: words, a number, a photo of the card",
        params: &[TITLE],
        outcomes: FOUND,
        changes: &[],
    },
    Form {
        name: "found",
        ru: "найденные клиенты",
        en: "customers that were found",
        params: &[TITLE, ("query", Kind::Text, true)],
        outcomes: &[
            ("chosen", &[("customer", Kind::Text)]),
            ("one", &[("customer", Kind::Text), ("query", Kind::Text)]),
            ("many", &[("query", Kind::Text)]),
            ("none", &[("query", Kind::Text)]),
            ("unread", &[]),
            REFUSED,
        ],
        changes: &[],
    },
    Form {
        name: "lots",
        ru: "баллы клиента по срокам",
        en: "the customer's points by their ends",
        params: &[TITLE, CUSTOMER],
        outcomes: &[REFUSED],
        changes: &[],
    },
    Form {
        name: "history",
        ru: "операции клиента",
        en: "the customer's operations",
        params: &[TITLE, CUSTOMER],
        outcomes: &[REFUSED],
        changes: &[],
    },
    Form {
        name: "orders",
        ru: "заказы и сделки, которые ждут",
        en: "orders and deals that wait",
        params: &[TITLE],
        outcomes: &[("chosen", &[("order", Kind::Text)]), REFUSED],
        changes: &[],
    },
    Form {
        name: "receipts",
        ru: "чеки, которые ждут решения",
        en: "receipts that wait for a decision",
        params: &[TITLE],
        outcomes: &[REFUSED],
        changes: &[],
    },
    Form {
        name: "waiting",
        ru: "кто ждёт ответа",
        en: "who waits for an answer",
        params: &[TITLE],
        outcomes: &[("chosen", &[("customer", Kind::Text)]), REFUSED],
        changes: &[],
    },
    Form {
        name: "conversation",
        ru: "переписка с клиентом",
        en: "the conversation with the customer",
        params: &[TITLE, CUSTOMER],
        outcomes: &[REFUSED],
        changes: &[],
    },
    Form {
        name: "team",
        ru: "сотрудники",
        en: "the staff",
        params: &[TITLE],
        outcomes: &[("chosen", &[("staff", Kind::Text)]), REFUSED],
        changes: &[],
    },
    Form {
        name: "settings",
        ru: "настройки",
        en: "settings",
        params: &[TITLE],
        outcomes: &[("chosen", &[("setting", Kind::Text)]), REFUSED],
        changes: &[],
    },
];

const FACTS: &[(&str, Kind, &str, &str)] = &[
    ("customer.id", Kind::Text, "выбранный клиент", "the chosen customer"),
    ("customer.name", Kind::Text, "имя клиента", "the customer's name"),
    ("customer.phone", Kind::Text, "телефон, по праву скрыт", "phone, masked by right"),
    (
        "customer.birthday",
        Kind::Date,
        "день рождения, если видно по праву",
        "birthday, if the right is there",
    ),
    ("customer.tags", Kind::Text, "метки через запятую", "tags with commas between"),
    ("customer.card", Kind::Text, "номер карты", "card number"),
    ("customer.silent", Kind::Flag, "просил не писать", "asked for silence"),
    ("customer.balance", Kind::Points, "баланс вместе с резервом", "balance, held points included"),
    ("customer.available", Kind::Points, "можно потратить", "may be spent"),
    ("customer.held", Kind::Points, "в резерве", "on hold"),
    ("customer.expiring_points", Kind::Points, "сгорят следующими", "expire next"),
    ("customer.expiring_date", Kind::Date, "последний день этих баллов", "their last day"),
    ("customer.history", Kind::Text, "последние операции строками", "the last operations in lines"),
    (
        "counter.waiting",
        Kind::Number,
        "сколько клиентов ждут ответа",
        "how many customers wait for an answer",
    ),
];

/// All of them.
pub(super) fn words() -> Words {
    Words {
        actions: ACTIONS.iter().map(action).collect(),
        screens: SCREENS.iter().map(screen).collect(),
        facts: FACTS.iter().map(|(path, kind, ru, en)| fact(path, *kind, ru, en)).collect(),
        ..Words::default()
    }
}

fn action(form: &Form) -> ActionSpec {
    ActionSpec {
        name: format!("counter.{}", form.name),
        params: form.params(),
        outcomes: form.outcomes(),
        changes: form.changes.iter().map(|&changed| changed.to_owned()).collect(),
        title: Title::new(form.ru, form.en),
    }
}

fn screen(form: &Form) -> ScreenSpec {
    ScreenSpec {
        name: format!("counter.{}", form.name),
        params: form.params(),
        outcomes: form.outcomes(),
        hears: matches!(form.name, "search" | "found"),
        takes: false,
        title: Title::new(form.ru, form.en),
    }
}

impl Form {
    fn params(&self) -> Vec<ParamSpec> {
        let param = |&(name, kind, required): &(&'static str, Kind, bool)| ParamSpec {
            name: name.into(),
            kind,
            required,
            title: title_of(name),
        };
        self.params.iter().map(param).collect()
    }

    fn outcomes(&self) -> Vec<OutcomeSpec> {
        let value = |&(name, kind): &Named| {
            let Title { ru, en } = title_of(name);
            fact(name, kind, &ru, &en)
        };
        let outcome = |&(name, values): &(&'static str, &'static [Named])| OutcomeSpec {
            name: name.into(),
            values: values.iter().map(value).collect(),
            title: title_of(name),
        };
        self.outcomes.iter().map(outcome).collect()
    }
}
