//! What the words of the counter are called where scenarios are built.

use samovar_engine::{FactSpec, Kind, Title};

/// A parameter, a value or an outcome in words.
pub(super) fn title_of(name: &str) -> Title {
    let (ru, en) = match name {
        "customer" => ("клиент", "customer"),
        "query" => ("что искать: имя, телефон, карта", "what to look for: name, phone, card"),
        "kind" => (
            "grant или deduct; у заказа success или failure",
            "grant or deduct; of an order success or failure",
        ),
        "order" => ("заказ", "order"),
        "open" => ("ждёт", "waits"),
        "items" => ("что заказано", "what was ordered"),
        "stage" => ("стадия", "stage"),
        "since" => ("когда заказано", "when it was ordered"),
        "phone" => ("телефон, по праву скрыт", "phone, masked by right"),
        "points" => ("сколько баллов", "how many points"),
        "comment" => ("за что, увидит клиент", "what for, shown to the customer"),
        "key" => ("ключ подготовленной операции", "key of the prepared operation"),
        "text" => ("текст", "text"),
        "photo" => ("фото из чата", "photo from the chat"),
        "picture" => ("картинка", "picture"),
        "name" => ("имя", "name"),
        "role" => ("роль", "role"),
        "role_title" => ("название роли", "the role in words"),
        "staff" => ("сотрудник", "colleague"),
        "disabled" => ("отключён", "disabled"),
        "link" => ("ссылка-приглашение", "link of the invitation"),
        "days" => ("сколько дней действует", "for how many days"),
        "setting" => ("настройка", "setting"),
        "value" => ("новое значение", "new value"),
        "revision" => ("версия, которую видели", "the version that was seen"),
        "title" => ("заголовок", "title"),
        "before" => ("сейчас", "now"),
        "after" => ("станет", "afterwards"),
        "hint" => ("как написать значение", "how to write the value"),
        "balance" => ("баланс", "balance"),
        "sum" => {
            ("сумма покупки: копейки на входе, слова на выходе", "sum of the purchase: cents in, words out")
        }
        "pay" => ("сколько баллами", "how much with points"),
        "most" => ("баллами можно не больше", "with points at most"),
        "pays" => ("оплачено баллами", "paid with points"),
        "to_pay" => ("осталось деньгами", "left to be paid with money"),
        "earns" => ("начислится", "earned"),
        "unread" => ("на фото нет кода", "no code in the picture"),
        "run" => ("начисление", "accrual"),
        "contacts" => ("сколько клиентов", "how many customers"),
        "total" => ("баллов вместе", "points together"),
        "moved" => ("баллов проведено", "points moved"),
        "undoes" => ("это отмена", "it undoes another"),
        "over" => ("закончено", "it is over"),
        "silent" => ("просили не писать", "asked for silence"),
        "unreachable" => ("некуда написать", "cannot be written to"),
        "told" => ("что прочитает клиент", "what the customer will read"),
        "reason" => ("почему отказано", "why it was refused"),
        "code" => ("код", "code"),
        "digits" => ("цифры кода", "digits of the code"),
        "left" => ("осталось попыток", "tries that are left"),
        "bought" => ("покупка проведена", "the purchase is booked"),
        "exhausted" => ("попытки кончились", "no tries are left"),
        "wrong" => ("код не подошёл", "the code does not fit"),
        "one" => ("нашёлся один", "one was found"),
        "many" => ("нашлось несколько", "several were found"),
        "none" => ("никто не нашёлся", "nobody was found"),
        "ready" => ("готово к подтверждению", "ready to be confirmed"),
        "done" => ("сделано", "done"),
        "already" => ("было сделано раньше", "was done before"),
        "chosen" => ("выбрано", "chosen"),
        _ => ("отказано", "refused"),
    };
    Title::new(ru, en)
}

/// A fact, or a value that is read like one.
pub(super) fn fact(path: &str, kind: Kind, ru: &str, en: &str) -> FactSpec {
    FactSpec { path: path.into(), kind, writable: false, title: Title::new(ru, en) }
}
