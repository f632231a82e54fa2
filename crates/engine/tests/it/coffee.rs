//! The library bot: both languages compile without a problem and hold a whole conversation.

use crate::fixture;
use crate::world::{World, check};
use insta::assert_snapshot;

const RU: &str = include_str!("../../../../examples/coffee-loyalty/ru.toml");
const EN: &str = include_str!("../../../../examples/coffee-loyalty/en.toml");

#[test]
fn a_customer_joins_and_looks_around() {
    let story = check(
        RU,
        &[
            "/start avito",
            "press Согласен, начнём",
            "press Анна К.",
            "8 916 123-45-67",
            "forge +79990000000",
            "share 79161234567",
            "press Баланс",
            "2",
            "press История",
            "press Дальше →",
            "press Дальше →",
            "в меню",
            "День рождения",
            "1 января",
            "17 мая 1990",
            "стоп",
            "да, отписать",
            "ау",
        ],
    );
    assert_snapshot!(story, @r#"
    > /start avito
      * source avito
    < Здравствуйте! Это бот «Зерно».

      Здесь живёт ваша карта лояльности: баллы за каждую покупку, баланс и история всегда под рукой, пластик не нужен. За регистрацию — 100 баллов.

      Пишем только по делу: о ваших баллах и о том, что вы сами попросили. Никакого спама. Отписаться можно в любой момент: напишите «стоп».
    < Чтобы вести вашу карту, нам нужно согласие на обработку имени и телефона. Правила программы и политика: https://zerno.example/policy

      Согласны?
      [Согласен, начнём]
      [Не согласен]
      * timer silence:3 after 15m
    > press Согласен, начнём
      * consent.give {"purpose":"loyalty"}
    < Как вас зовут?
      [Анна К.]
      * timer silence:6 after 15m
    > press Анна К.
      * contact.name = "Анна К."
    < Анна, остался номер телефона: по нему бариста найдёт вашу карту. Нажмите кнопку под полем ввода.
      [Отправить мой номер ☎]
      * timer silence:8 after 15m
    > 8 916 123-45-67
    < Нажмите, пожалуйста, кнопку под полем ввода: так мы убедимся, что номер ваш.
      [Отправить мой номер ☎]
      * timer silence:9 after 15m
    > forge +79990000000
    < Это чужой контакт. Нажмите кнопку под полем ввода, чтобы отправить свой номер.
      [Отправить мой номер ☎]
      * timer silence:10 after 15m
    > share 79161234567
      * contact.phone = "+79161234567", proven
      * contact.register {}
      * loyalty.welcome {}
    < Готово, Анна! Карта заведена, приветственные баллы уже на ней. Показывайте её на кассе, и баллы будут копиться. (once)
      (keyboard cleared)
    < Анна, у вас 100 баллов.

      Что показать?
      [Баланс] [Моя карта]
      [История] [День рождения]
      [Помощь] [Отписаться]
    > press Баланс
    < [баланс: 100]
      [Показать карту]
      [В меню]
    > 2
    < Анна, у вас 100 баллов.

      Что показать?
      [Баланс] [Моя карта]
      [История] [День рождения]
      [Помощь] [Отписаться]
    > press История
    < [история, страница 1]
      [Дальше →]
      [В меню]
    > press Дальше →
    < [история, страница 2]
      [← Назад] [Дальше →]
      [В меню]
      (in place of m1)
    > press Дальше →
    < [история, страница 3]
      [← Назад]
      [В меню]
      (in place of m1)
    > в меню
    < Анна, у вас 100 баллов.

      Что показать?
      [Баланс] [Моя карта]
      [История] [День рождения]
      [Помощь] [Отписаться]
    > День рождения
    < Когда у вас день рождения? Напишите дату так: 17.05.1990. Поздравим баллами и больше ни для чего её не используем.
      [Не хочу говорить]
    > 1 января
    < Напишите, пожалуйста, дату так: 17.05.1990.
      [Не хочу говорить]
    > 17 мая 1990
      * contact.birthday = "1990-05-17"
    < Спасибо, запомнили!
    < Анна, у вас 100 баллов.

      Что показать?
      [Баланс] [Моя карта]
      [История] [День рождения]
      [Помощь] [Отписаться]
    > стоп
    < Отписать вас? Мы перестанем писать. Баллы останутся на карте, вернуться можно в любой момент.
      [Да, отписать]
      [Нет, остаюсь]
    > да, отписать
      * contact.stop {}
    < Готово, больше не пишем. Захотите вернуться — напишите «меню». Будем рады!
      (ended)
    > ау
    < Я пока не умею отвечать на такое. Напишите «помощь», и я подскажу, что здесь можно.
      (ended)
    "#);
}

#[test]
fn refusal_means_no_entry_but_one_may_come_back() {
    let story =
        check(RU, &["/start", "press Не согласен", "баланс", "press Не согласен", "press Согласен, начнём"]);
    assert_snapshot!(story, @r#"
    > /start
    < Здравствуйте! Это бот «Зерно».

      Здесь живёт ваша карта лояльности: баллы за каждую покупку, баланс и история всегда под рукой, пластик не нужен. За регистрацию — 100 баллов.

      Пишем только по делу: о ваших баллах и о том, что вы сами попросили. Никакого спама. Отписаться можно в любой момент: напишите «стоп».
    < Чтобы вести вашу карту, нам нужно согласие на обработку имени и телефона. Правила программы и политика: https://zerno.example/policy

      Согласны?
      [Согласен, начнём]
      [Не согласен]
      * timer silence:3 after 15m
    > press Не согласен
    < Понимаем. Без согласия карту завести нельзя. Передумаете — нажмите «Согласен, начнём» выше или напишите «меню».
      (ended)
    > баланс
    < Это есть у участников программы. Зарегистрироваться — меньше минуты.
    < Чтобы вести вашу карту, нам нужно согласие на обработку имени и телефона. Правила программы и политика: https://zerno.example/policy

      Согласны?
      [Согласен, начнём]
      [Не согласен]
      * timer silence:8 after 15m
    > press Не согласен
    < Понимаем. Без согласия карту завести нельзя. Передумаете — нажмите «Согласен, начнём» выше или напишите «меню».
      (ended)
    > press Согласен, начнём
      * consent.give {"purpose":"loyalty"}
    < Как вас зовут?
      [Анна К.]
      * timer silence:12 after 15m
    "#);
}

#[test]
fn a_member_gets_straight_to_the_menu() {
    let mut world = World::new(fixture::scenario(RU));
    for (path, value) in [
        ("contact.name", "Пётр Безухов".into()),
        ("contact.phone", "+79161234567".into()),
        ("contact.registered", true.into()),
        ("contact.consented", true.into()),
        ("loyalty.balance", 1_121.into()),
        ("loyalty.next_expiry_points", 21.into()),
        ("loyalty.next_expiry_date", "2026-12-01".into()),
    ] {
        world.knows(path, value);
    }
    for doing in ["/start", "Карта!", "что-то", "непонятное", "совсем", "сотрудник", "вы тут?", "given back"]
    {
        world.act(doing);
    }
    assert_snapshot!(world.story, @r#"
    > /start
    < Пётр, у вас 1 121 балл.
      1 декабря 2026 сгорит 21 балл.

      Что показать?
      [Баланс] [Моя карта]
      [История] [День рождения]
      [Помощь] [Отписаться]
    > Карта!
    < [loyalty.card, нажато None]
      (Photo card/con_1/tray)
      [В меню]
    > что-то
    < Не получилось понять ответ. Выберите, пожалуйста, один из вариантов.
      [В меню]
    > непонятное
    < Не получилось понять ответ. Выберите, пожалуйста, один из вариантов.
      [В меню]
    > совсем
    < Что здесь можно:
      • «баланс» — сколько у вас баллов и когда они сгорят;
      • «карта» — карта для кассы;
      • «история» — за что начислены и на что потрачены баллы;
      • «стоп» — отписаться.

      Не нашли нужного? Позовите сотрудника.
      [Продолжить]
      [Позвать сотрудника]
    > сотрудник
    < Зову сотрудника: он ответит вам здесь. А я пока помолчу.
      * calls a person: Просит ответа сотрудника
    > вы тут?
    > given back
    < Пётр, у вас 1 121 балл.
      1 декабря 2026 сгорит 21 балл.

      Что показать?
      [Баланс] [Моя карта]
      [История] [День рождения]
      [Помощь] [Отписаться]
    "#);
}

#[test]
fn one_hint_is_given_to_those_who_stop_halfway() {
    let story = check(
        RU,
        &["/start", "press Согласен, начнём", "pass 14m", "pass 2m", "pass 3h", "Анна", "pass 20m"],
    );
    assert_snapshot!(story, @r#"
    > /start
    < Здравствуйте! Это бот «Зерно».

      Здесь живёт ваша карта лояльности: баллы за каждую покупку, баланс и история всегда под рукой, пластик не нужен. За регистрацию — 100 баллов.

      Пишем только по делу: о ваших баллах и о том, что вы сами попросили. Никакого спама. Отписаться можно в любой момент: напишите «стоп».
    < Чтобы вести вашу карту, нам нужно согласие на обработку имени и телефона. Правила программы и политика: https://zerno.example/policy

      Согласны?
      [Согласен, начнём]
      [Не согласен]
      * timer silence:3 after 15m
    > press Согласен, начнём
      * consent.give {"purpose":"loyalty"}
    < Как вас зовут?
      [Анна К.]
      * timer silence:6 after 15m
    > pass 14m
    > pass 2m
    < Вы остановились на полпути: до карты и 100 баллов осталось меньше минуты. Продолжим?
    < Как вас зовут?
      [Анна К.]
    > pass 3h
    > Анна
      * contact.name = "Анна"
    < Анна, остался номер телефона: по нему бариста найдёт вашу карту. Нажмите кнопку под полем ввода.
      [Отправить мой номер ☎]
      * timer silence:11 after 15m
    > pass 20m
    < Вы остановились на полпути: до карты и 100 баллов осталось меньше минуты. Продолжим?
      (keyboard cleared)
    < Анна, остался номер телефона: по нему бариста найдёт вашу карту. Нажмите кнопку под полем ввода.
      [Отправить мой номер ☎]
    "#);
}

#[test]
fn a_channel_without_a_phone_button_takes_a_typed_number() {
    let story = check(
        EN,
        &[
            "fact channel.shares_phone false",
            "fact contact.messenger_name \"x_x_777\"",
            "/start",
            "1",
            "Anna O'Neil",
            "call me",
            "+44 20 7946 0958",
            "card",
            "1",
            "3",
            "birthday",
            "1",
            "stop",
            "1",
            "/menu",
            "yes, bring it back",
        ],
    );
    assert_snapshot!(story, @r#"
    > fact channel.shares_phone false
    > fact contact.messenger_name "x_x_777"
    > /start
    < Hello! This is the bot of Зерно.

      Your loyalty card lives here: points for every purchase, your balance and history always at hand, no plastic needed. You get 100 points for joining.

      We only write when it matters: about your points and what you asked for. No spam. You can leave at any moment: write “stop”.
    < To keep your card we need your consent to process your name and phone number. Rules of the programme and privacy policy: https://zerno.example/policy

      Do you agree?
      [I agree, let's start]
      [I do not agree]
      * timer silence:3 after 15m
    > 1
      * consent.give {"purpose":"loyalty"}
    < What is your name?
      * timer silence:6 after 15m
    > Anna O'Neil
      * contact.name = "Anna O'Neil"
    < Anna, the last thing is your phone number: the barista will find your card by it. Please write it, for example: +44 20 7946 0958.
      * timer silence:8 after 15m
    > call me
    < This does not look like a phone number. Please write it like this: +44 20 7946 0958.
      * timer silence:9 after 15m
    > +44 20 7946 0958
      * contact.phone = "+442079460958"
      * contact.register {}
      * loyalty.welcome {}
    < Done, Anna! Your card is ready, and the welcome points are already on it. Show it at the till to collect more. (once)
    < Anna, you have 100 points.

      What would you like to see?
      [Balance] [My card]
      [History] [Birthday]
      [Help] [Unsubscribe]
    > card
    < [loyalty.card, нажато None]
      (Photo card/con_1/tray)
      [To the menu]
    > 1
    < Anna, you have 100 points.

      What would you like to see?
      [Balance] [My card]
      [History] [Birthday]
      [Help] [Unsubscribe]
    > 3
    < [история, страница 1]
      [More →]
      [To the menu]
    > birthday
    < When is your birthday? Write the date like this: 17.05.1990 (day, month, year). We congratulate you with points and use it for nothing else.
      [I would rather not say]
    > 1
    < Anna, you have 100 points.

      What would you like to see?
      [Balance] [My card]
      [History] [Birthday]
      [Help] [Unsubscribe]
    > stop
    < Unsubscribe? We will stop writing. Your points stay on the card, and you can come back at any moment.
      [Yes, unsubscribe]
      [No, I stay]
    > 1
      * contact.stop {}
    < Done, we will not write any more. To come back, write “menu”. We would be glad!
      (ended)
    > /menu
    < Welcome back! You had unsubscribed, so we kept quiet. Shall we bring back your loyalty card and the messages about points?
      [Yes, bring it back]
      [Not now]
    > yes, bring it back
      * contact.resume {}
    < Anna, you have 100 points.

      What would you like to see?
      [Balance] [My card]
      [History] [Birthday]
      [Help] [Unsubscribe]
    "#);
}

#[test]
fn commands_are_offered_to_messengers() {
    let scenario = fixture::scenario(RU);
    let commands: Vec<String> =
        scenario.commands().iter().map(|command| format!("/{} {}", command.name, command.title)).collect();
    assert_snapshot!(commands.join("\n"), @r#"
    /menu Меню
    /balance Баланс
    /card Карта
    /history История
    /help Помощь
    /stop Стоп
    "#);
}
