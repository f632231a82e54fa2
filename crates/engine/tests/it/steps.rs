//! What each kind of step does.

use crate::fixture;
use crate::world::{World, check};
use insta::assert_snapshot;
use samovar_engine::{Awaits, Entry, Input, Values};
use serde_json::json;

const SAY: &str = r#"
key = "t"
locale = "ru"
triggers = [{ on = "start", goto = "hello" }]
edges = { hello = "photo" }
[steps.hello]
kind = "say"
text = "Цены:"
buttons = [{ label = "Сайт «{{ business.name }}»", url = "https://example.com/{{ contact.city }}" }]
[steps.photo]
kind = "say"
text = ""
media = { key = "file/fil_1" }
once = true
"#;

#[test]
fn say() {
    assert_snapshot!(check(SAY, &["fact contact.city \"msk\"", "/start"]), @r#"
    > fact contact.city "msk"
    > /start
    < Цены:
      [Сайт «Зерно» → https://example.com/msk]
    <  (once)
      (Photo file/fil_1)
      (ended)
    "#);
}

#[test]
fn an_address_that_came_out_wrong_is_left_out() {
    assert_snapshot!(check(SAY, &["fact contact.city \"две беды\"", "/start"]), @r#"
    > fact contact.city "две беды"
    > /start
      * note template: hello: https://example.com/две беды is not an address
    < Цены:
    <  (once)
      (Photo file/fil_1)
      (ended)
    "#);
}

const CHOOSE: &str = r#"
key = "t"
locale = "ru"
help = "help"
triggers = [{ on = "start", goto = "menu" }]
[steps.menu]
kind = "choose"
text = "Что выбрать, {{ contact.messenger_name }}?"
anytime = true
choices = [
  { key = "tea", label = "☕ Чай", set = { "vars.drink" = "чай", "contact.city" = "{{ business.name }}" } },
  { key = "cake", label = "Торт для {{ contact.messenger_name|first_name }}", set = { "vars.drink" = "торт" } },
]
[steps.sure]
kind = "choose"
text = "Точно {{ vars.drink }}?"
again = "Да или нет?"
choices = [{ key = "yes", label = "Да" }, { key = "no", label = "Нет" }]
[steps.done]
kind = "say"
text = "Несём {{ vars.drink }} в {{ contact.city }}."
[steps.help]
kind = "say"
text = "Помогаем."
[edges]
"menu.tea" = "sure"
"menu.cake" = "sure"
"sure.yes" = "done"
sure = "menu"
"#;

#[test]
fn choose_by_button_number_label_and_token() {
    let token = fixture::scenario(CHOOSE).token("menu", "tea").map(str::to_owned).unwrap_or_default();
    let story = check(CHOOSE, &["/start", "press ☕ Чай", "2.", "торт для анна", "Нет!", &token, "1"]);
    assert_snapshot!(story.replace(&token, "TOKEN"), @r#"
    > /start
    < Что выбрать, Анна К.?
      [☕ Чай]
      [Торт для Анна]
    > press ☕ Чай
      * contact.city = "Зерно"
    < Точно чай?
      [Да]
      [Нет]
    > 2.
    < Что выбрать, Анна К.?
      [☕ Чай]
      [Торт для Анна]
    > торт для анна
    < Точно торт?
      [Да]
      [Нет]
    > Нет!
    < Что выбрать, Анна К.?
      [☕ Чай]
      [Торт для Анна]
    > TOKEN
      * contact.city = "Зерно"
    < Точно чай?
      [Да]
      [Нет]
    > 1
    < Несём чай в Зерно.
      (ended)
    "#);
}

#[test]
fn three_misunderstood_answers_lead_to_help() {
    assert_snapshot!(check(CHOOSE, &["/start", "1", "может быть", "3", "0"]), @r#"
    > /start
    < Что выбрать, Анна К.?
      [☕ Чай]
      [Торт для Анна]
    > 1
      * contact.city = "Зерно"
    < Точно чай?
      [Да]
      [Нет]
    > может быть
    < Да или нет?
      [Да]
      [Нет]
    > 3
    < Да или нет?
      [Да]
      [Нет]
    > 0
    < Помогаем.
      (ended)
    "#);
}

#[test]
fn an_old_button_is_told_and_the_question_repeated() {
    let story = check(
        CHOOSE,
        &[
            "/start",
            "1",
            "press Да",
            "press Да",
            "token nothing-of-ours",
            "press ☕ Чай",
            "press Торт для Анна",
            "token x",
        ],
    );
    assert_snapshot!(story, @r#"
    > /start
    < Что выбрать, Анна К.?
      [☕ Чай]
      [Торт для Анна]
    > 1
      * contact.city = "Зерно"
    < Точно чай?
      [Да]
      [Нет]
    > press Да
    < Несём чай в Зерно.
      (ended)
    > press Да
    < Эта кнопка уже не действует.
      (ended)
    > token nothing-of-ours
    < Эта кнопка уже не действует.
      (ended)
    > press ☕ Чай
      * contact.city = "Зерно"
    < Точно чай?
      [Да]
      [Нет]
    > press Торт для Анна
    < Точно торт?
      [Да]
      [Нет]
    > token x
    < Эта кнопка уже не действует.

      Точно торт?
      [Да]
      [Нет]
    "#);
}

const LOST: &str = r#"
key = "t"
locale = "en"
tries = 2
triggers = [{ on = "start", goto = "menu" }]
[steps.menu]
kind = "choose"
text = "Tea?"
choices = [{ key = "yes", label = "Yes" }]
[steps.person]
kind = "hand_off"
reason = "lost"
[steps.back]
kind = "say"
text = "I am back."
[edges]
"menu.yes" = "menu"
"menu.lost" = "person"
person = "back"
"#;

#[test]
fn those_who_are_lost_get_a_person_and_the_bot_is_silent() {
    let mut world = World::new(fixture::scenario(LOST));
    for doing in ["/start", "hm", "hm", "anyone?", "photo"] {
        world.act(doing);
    }
    assert_eq!(world.session.awaits(), Awaits::Operator);
    world.act("given back");
    assert_eq!(world.session.awaits(), Awaits::Nothing);
    assert_snapshot!(world.story, @r#"
    > /start
    < Tea?
      [Yes]
    > hm
    < Sorry, I did not get that. Please choose one of the options.
      [Yes]
    > hm
    < I am passing your question to our team. They will answer right here.
      * calls a person: lost
    > anyone?
    > photo
    > given back
    < I am back.
      (ended)
    "#);
}

#[test]
fn a_person_may_take_over_at_any_moment() {
    assert_snapshot!(check(LOST, &["/start", "taken over", "yes", "event-less words", "given back", "yes"]), @r#"
    > /start
    < Tea?
      [Yes]
    > taken over
    > yes
    > event-less words
    > given back
    < Tea?
      [Yes]
    > yes
    < Tea?
      [Yes]
    "#);
}

const ASK: &str = r#"
key = "t"
locale = "ru"
triggers = [{ on = "start", goto = "age" }]
[steps.age]
kind = "ask"
expects = "number"
into = "vars.age"
text = "Сколько вам лет?"
again = "Число от 18 до 99."
min = 18
max = 99
retries = 2
skip = "Не скажу"
[steps.photo]
kind = "ask"
expects = "photo"
into = "vars.photo"
text = "Пришлите фото."
[steps.mail]
kind = "ask"
expects = "email"
into = "contact.email"
text = "Почта?"
suggest = "{{ contact.email }}"
skip = "Пропустить"
[steps.failed]
kind = "say"
text = "Не получилось."
[steps.done]
kind = "say"
text = "{{ vars.age }} {{ vars.photo.vendor_id }} {{ contact.email }}"
[edges]
age = "photo"
"age.failed" = "failed"
photo = "mail"
mail = "done"
"#;

#[test]
fn ask() {
    let story = check(
        ASK,
        &[
            "/start",
            "сто",
            "44",
            "44",
            "file",
            "photo",
            "2",
            "no",
            "fact contact.email \"a@b.ru\"",
            "/start",
            "1",
            "a@b",
            "c@d.ru",
        ],
    );
    assert_snapshot!(story, @r#"
    > /start
    < Сколько вам лет?
      [Не скажу]
    > сто
    < Число от 18 до 99.
      [Не скажу]
    > 44
    < Пришлите фото.
    > 44
    < Пришлите, пожалуйста, фотографию.
    > file
    < Пришлите, пожалуйста, фотографию.
    > photo
    < Почта?
      [Пропустить]
    > 2
    < Не похоже на адрес почты. Напишите его, например, так: name@example.com.
      [Пропустить]
    > no
    < Не похоже на адрес почты. Напишите его, например, так: name@example.com.
      [Пропустить]
    > fact contact.email "a@b.ru"
    > /start
    < Сколько вам лет?
      [Не скажу]
    > 1
    < Число от 18 до 99.
      [Не скажу]
    > a@b
    < Не получилось.
      (ended)
    > c@d.ru
    < Я пока не умею отвечать на такие сообщения.
      (ended)
    "#);
}

#[test]
fn ask_fails_skips_and_suggests() {
    let story = check(
        ASK,
        &[
            "/start",
            "17",
            "100",
            "fact contact.email \"a@b.ru\"",
            "/start",
            "Не скажу",
            "photo",
            "press a@b.ru",
        ],
    );
    assert_snapshot!(story, @r#"
    > /start
    < Сколько вам лет?
      [Не скажу]
    > 17
    < Число от 18 до 99.
      [Не скажу]
    > 100
    < Не получилось.
      (ended)
    > fact contact.email "a@b.ru"
    > /start
    < Сколько вам лет?
      [Не скажу]
    > Не скажу
    < Пришлите фото.
    > photo
    < Почта?
      [a@b.ru]
      [Пропустить]
    > press a@b.ru
      * contact.email = "a@b.ru"
    <  f1 a@b.ru
      (ended)
    "#);
}

const PHONE: &str = r#"
key = "t"
locale = "en"
triggers = [{ on = "start", goto = "phone" }]
[steps.phone]
kind = "ask"
expects = "phone"
into = "contact.phone"
text = "Your phone?"
again = "Once more?"
share_phone = "Share"
typed = true
[steps.forged]
kind = "say"
text = "Not yours."
[edges]
phone = "phone"
"phone.refused" = "forged"
"#;

#[test]
fn a_forged_contact_is_refused() {
    assert_snapshot!(check(PHONE, &["/start", "abc", "+7 916 123 45 67", "forge +79161234567"]), @r#"
    > /start
    < Your phone?
      [Share ☎]
    > abc
    < Once more?
      [Share ☎]
    > +7 916 123 45 67
      * contact.phone = "+79161234567"
    < Your phone?
      [Share ☎]
    > forge +79161234567
    < Not yours.
      (keyboard cleared)
      (ended)
    "#);
}

const LOGIC: &str = r#"
key = "t"
locale = "ru"
triggers = [{ on = "start", goto = "count" }]
[steps.count]
kind = "set"
values = { "vars.name" = "{{ contact.messenger_name|upper }}", "contact.city" = "Тула", "vars.n" = 5 }
add_tags = ["vip", "new"]
remove_tags = ["new"]
[steps.branch]
kind = "branch"
cases = [
  { port = "vip", when = { all = [
    { field = "contact.tags", op = "contains", value = "vip" },
    { not = { field = "contact.tags", op = "contains", value = "new" } },
    { any = [{ field = "vars.n", op = "gt", value = 9 }, { field = "contact.city", op = "in", value = ["Тула"] }] },
  ] } },
]
[steps.yes]
kind = "say"
text = "{{ vars.name }} из города {{ contact.city }}: {{ contact.tags|join(', ') }}"
[steps.no]
kind = "say"
text = "нет"
[steps.spend]
kind = "act"
action = "test.spend"
params = { points = "{{ vars.n }}" }
[steps.spent]
kind = "say"
text = "Осталось {{ outcome.left|points }}, на счёте {{ loyalty.balance|points }}."
[steps.refused]
kind = "goto"
scenario = "shop"
[edges]
count = "branch"
"branch.vip" = "yes"
"branch.else" = "no"
yes = "spend"
no = "spend"
"spend.done" = "spent"
"spend.refused" = "refused"
"#;

#[test]
fn set_branch_act_and_goto() {
    assert_snapshot!(check(LOGIC, &["fact loyalty.balance 12", "/start", "/start", "/start"]), @r#"
    > fact loyalty.balance 12
    > /start
      * contact.city = "Тула"
      * tag +vip
      * tag +new
      * tag -new
    < АННА К. из города Тула: vip
      * test.spend {"points":5}
    < Осталось 7 баллов, на счёте 7 баллов.
      (ended)
    > /start
      * contact.city = "Тула"
      * tag +vip
      * tag +new
      * tag -new
    < АННА К. из города Тула: vip
      * test.spend {"points":5}
    < Осталось 2 балла, на счёте 2 балла.
      (ended)
    > /start
      * contact.city = "Тула"
      * tag +vip
      * tag +new
      * tag -new
    < АННА К. из города Тула: vip
      * test.spend {"points":5}
      (goes to shop)
    "#);
}

#[test]
fn fields_of_the_company_are_written_and_read() {
    let draft = r#"
key = "t"
locale = "ru"
triggers = [{ on = "start", goto = "size" }]
edges = { size = "set", set = "said" }
[steps.size]
kind = "ask"
into = "contact.fields.size"
text = "Размер?"
[steps.set]
kind = "set"
values = { "contact.fields.colour" = "синий, {{ contact.fields.size }}" }
[steps.said]
kind = "say"
text = "{{ contact.fields.size }}, {{ contact.fields.colour }}, {{ contact.name|default('без имени') }}"
"#;
    assert_snapshot!(check(draft, &["/start", "XL"]), @r#"
    > /start
    < Размер?
    > XL
      * contact.fields.size = "XL"
      * contact.fields.colour = "синий, XL"
    < XL, синий, XL, без имени
      (ended)
    "#);
}

const SHOW: &str = r#"
key = "t"
locale = "ru"
triggers = [{ on = "start", goto = "orders" }]
[steps.orders]
kind = "show"
screen = "test.orders"
choices = [{ key = "new", label = "Новый заказ" }]
[steps.picked]
kind = "say"
text = "Выбран."
[steps.balance]
kind = "show"
screen = "loyalty.balance"
[steps.end]
kind = "end"
[edges]
"orders.new" = "balance"
"orders.picked" = "picked"
balance = "end"
"#;

#[test]
fn show_wraps_the_buttons_of_a_screen() {
    let story = check(
        SHOW,
        &[
            "/start",
            "press Заказ 6",
            "что?",
            "press Заказ 7",
            "press Заказ 6",
            "/start",
            "заказ 7",
            "/start",
            "3",
        ],
    );
    assert_snapshot!(story, @r#"
    > /start
    < [test.orders, нажато None]
      [Заказ 6]
      [Заказ 7]
      [Новый заказ]
    > press Заказ 6
    < [test.orders, нажато Some("order-6")]
      [Заказ 6]
      [Заказ 7]
      [Новый заказ]
      (in place of m1)
    > что?
    < Не получилось понять ответ. Выберите, пожалуйста, один из вариантов.
      [Новый заказ]
    > press Заказ 7
    < Выбран.
      (ended)
    > press Заказ 6
    < Эта кнопка уже не действует.
      (ended)
    > /start
    < [test.orders, нажато None]
      [Заказ 6]
      [Заказ 7]
      [Новый заказ]
    > заказ 7
    < Выбран.
      (ended)
    > /start
    < [test.orders, нажато None]
      [Заказ 6]
      [Заказ 7]
      [Новый заказ]
    > 3
    < [баланс: 0]
      (ended)
    "#);
}

const WAIT: &str = r#"
key = "t"
locale = "ru"
triggers = [{ on = "start", goto = "short" }]
[steps.short]
kind = "wait"
for = "2h"
[steps.morning]
kind = "wait"
until = "10:00"
[steps.day]
kind = "wait"
until = "{{ vars.day }} 09:30"
[steps.set]
kind = "set"
values = { "vars.day" = "2026-12-01" }
[steps.good]
kind = "say"
text = "Доброе утро!"
[edges]
short = "morning"
morning = "good"
good = "set"
set = "day"
day = "good_day"
[steps.good_day]
kind = "say"
text = "Декабрь."
"#;

#[test]
fn wait() {
    let story = check(WAIT, &["/start", "ау", "pass 1h", "pass 20h", "taken over", "pass 20d", "given back"]);
    assert_snapshot!(story, @r#"
    > /start
      * timer wait:1 after 2h
    > ау
    < Я пока не умею отвечать на такие сообщения.
    > pass 1h
    > pass 20h
      * timer wait:2 after 20h
    > taken over
    > pass 20d
    > given back
    < Доброе утро!
      * timer wait:5 after 1s
    "#);
}

#[test]
fn a_circle_is_broken_and_a_person_called() {
    let draft = r#"
key = "t"
locale = "ru"
triggers = [{ on = "start", goto = "a" }]
edges = { "a.done" = "a", "a.refused" = "a" }
[steps.a]
kind = "act"
action = "test.spend"
params = { points = 0 }
"#;
    let mut world = World::new(fixture::scenario(draft));
    world.tells_effects = false;
    world.act("/start");
    assert_snapshot!(world.story, @r#"
    > /start
    < Что-то пошло не так. Мы уже разбираемся, вам ответит сотрудник.
    "#);
    assert!(world.session.operator);
}

#[test]
fn those_who_hurry_too_much_are_slowed_down() {
    let mut world = World::new(fixture::scenario(&format!("inputs_per_minute = 3\n{LOST}")));
    for doing in ["/start", "yes", "yes", "yes", "yes", "yes", "pass 20s", "yes", "pass 2m", "yes"] {
        world.act(doing);
    }
    assert_snapshot!(world.story, @r#"
    > /start
    < Tea?
      [Yes]
    > yes
    < Tea?
      [Yes]
    > yes
    < Tea?
      [Yes]
    > yes
      * note flood: more than 3 a minute
    < Too many messages at once. Please wait a minute.
    > yes
      * note flood: more than 3 a minute
    > yes
      * note flood: more than 3 a minute
    > pass 20s
    > yes
    < Tea?
      [Yes]
    > pass 2m
    > yes
    < Tea?
      [Yes]
    "#);
}

#[test]
fn messages_to_one_who_never_answers_come_to_an_end() {
    let draft = r#"
key = "t"
locale = "ru"
triggers = [{ on = "start", goto = "a" }]
edges = { a = "b", b = "a" }
[steps.a]
kind = "say"
text = "Купите!"
[steps.b]
kind = "wait"
for = "1d"
"#;
    let mut world = World::new(fixture::scenario(draft));
    world.act("/start");
    world.pass("365d".parse().expect("a span"));
    assert_eq!(world.story.matches("Купите!").count(), 100);
    assert_eq!(world.session.awaits(), Awaits::Nothing);
}

#[test]
fn inputs_that_are_not_awaited_are_noted() {
    let mut world = World::new(fixture::scenario(LOST));
    world.run(Input::Facts);
    world.run(Input::Outcome { name: "done".into(), values: Values::new() });
    world.run(Input::Shown { body: samovar_base::message::Body::text("?"), more: false });
    world.run(Input::Due { key: "wait:7" });
    world.run(Input::GivenBack);
    world.run(Input::Enter { entry: Entry::Step("nowhere"), values: Values::new() });
    assert_snapshot!(world.story, @r#"
    * note unexpected_input: facts
    (ended)
    * note unexpected_input: outcome
    (ended)
    * note unexpected_input: shown
    (ended)
    * note old_timer: wait:7
    (ended)
    (ended)
    * note unexpected_input: Step("nowhere")
    (ended)
    "#);
}

#[test]
fn a_silence_trigger_covers_steps_without_their_own() {
    let draft = r#"
key = "t"
locale = "en"
triggers = [{ on = "start", goto = "q" }, { on = "silence", after = "10m", goto = "hint" }]
edges = { "q.yes" = "q", hint = "q" }
[steps.q]
kind = "choose"
text = "Tea?"
choices = [{ key = "yes", label = "Yes" }]
[steps.hint]
kind = "say"
text = "Still there?"
"#;
    assert_snapshot!(check(draft, &["/start", "pass 9m", "yes", "pass 9m", "pass 1m", "pass 1d", "yes", "pass 11m"]), @r#"
    > /start
    < Tea?
      [Yes]
      * timer silence:1 after 10m
    > pass 9m
    > yes
    < Tea?
      [Yes]
      * timer silence:2 after 10m
    > pass 9m
    > pass 1m
    < Still there?
    < Tea?
      [Yes]
    > pass 1d
    > yes
    < Tea?
      [Yes]
      * timer silence:5 after 10m
    > pass 11m
    < Still there?
    < Tea?
      [Yes]
    "#);
}

#[test]
fn opening_the_bot_again_repeats_the_question_when_no_trigger_is_for_it() {
    let draft = LOST.replace("on = \"start\"", "on = \"phrase\", phrases = [\"tea\"]");
    assert_snapshot!(check(&draft, &["tea", "/start", "/start src_a"]), @r#"
    > tea
    < Tea?
      [Yes]
    > /start
    < Tea?
      [Yes]
    > /start src_a
    < Tea?
      [Yes]
    "#);
}

#[test]
fn a_move_to_another_scenario_keeps_what_is_known_of_the_conversation() {
    let mut world = World::new(fixture::scenario(PHONE));
    world.act("/start");
    let moved = world.session.clone().moved_to(samovar_base::ScenarioId(2), 3);
    assert!(moved.keyboard_up && moved.step.is_none() && moved.mark == world.session.mark);
    assert_eq!((moved.scenario, moved.version), (samovar_base::ScenarioId(2), 3));
}

#[test]
fn a_session_is_compact() {
    let mut world = World::new(fixture::scenario(CHOOSE));
    world.act("/start");
    let json = serde_json::to_value(&world.session).expect("a session is JSON");
    assert_eq!(json["step"], json!("menu"));
    assert!(json.to_string().len() < 400, "{json}");
    world.act("1");
    assert!(serde_json::to_string(&world.session).is_ok_and(|json| json.len() < 250), "{:?}", world.session);
}

#[test]
fn a_screen_hears_words_numbers_contacts_and_pictures() {
    let draft = r#"
key = "t"
locale = "ru"
[[triggers]]
on = "start"
goto = "till"
[[triggers]]
on = "phrase"
phrases = ["меню"]
goto = "till"
interrupts = true
[[triggers]]
on = "phrase"
phrases = ["касса"]
goto = "done"
[steps.till]
kind = "show"
screen = "test.till"
choices = [{ key = "leave", label = "Закончить" }]
[steps.done]
kind = "say"
text = "Продано."
[steps.bye]
kind = "say"
text = "До встречи."
[edges]
"till.sold" = "done"
"till.leave" = "bye"
"#;
    let story = check(
        draft,
        &[
            "/start",
            "1",
            "касса",
            "share +79161234567",
            "file",
            "photo",
            "read till 1234",
            "read till",
            "меню",
            "1 500",
            "read till 1234",
            "/start",
            "закончить",
        ],
    );
    assert_snapshot!(story);
}
