//! A purchase paid with points with the customer's consent, word for word: by a code, by a press, in both languages.

use crate::common::code_in;
use samovar_app::access::Role;
use samovar_app::codes::{self, CodeRules, Required};
use samovar_app::{guard, loyalty, staff};
use samovar_base::{Points, Rate};
use samovar_testkit::{Engine, Guest, Setting, TestApp, on_both};
use std::time::Duration;

/// A shop where 5 % come back and any number of points that pays needs the customer's code.
async fn shop(engine: Engine, locale: &'static str) -> TestApp {
    let app = TestApp::set(Setting { staff: true, locale, ..Setting::new(engine) }).await;
    let (services, owner) = (app.app(), app.owner());
    let mut programme = loyalty::programme(&services, &owner).await.expect("read").programme;
    programme.earning.percent_bp = Rate(500);
    programme.spending.on = true;
    programme.spending.max_percent_bp = Rate(3_000);
    loyalty::set_programme(&services, &owner, None, programme).await.expect("saved");
    let required = Required { purchase: Some(Points(0)), ..Required::default() };
    let rules = CodeRules { required, ..CodeRules::default() };
    codes::set_rules(&services, &owner, None, rules).await.expect("saved");
    app
}

on_both! {
    /// A purchase with percent, then spending with a code.
    async fn a_purchase_with_percent_then_spending_with_a_code(engine: Engine) {
        let app = shop(engine, "ru").await;
        let guest = app.telegram("Мария");
        guest.registers().await;
        let anna = app.member("Анна", Role::Cashier).await;
        anna.presses("Найти клиента").await;
        anna.says("мария").await;
        anna.presses("Покупка").await;
        anna.says("2 000").await;
        anna.presses("Без баллов").await;
        anna.presses("Провести покупку").await;
        anna.presses("К клиенту").await;
        anna.presses("Покупка").await;
        anna.says("600").await;
        anna.presses("Списать 180\u{a0}баллов").await;
        anna.presses("Провести покупку").await;
        let digits = code_in(&guest.looks().await);
        anna.says(&wrong(&digits)).await;
        anna.says(&digits).await;
        anna.presses("К клиенту").await;
        let phone = guest.person.phone();
        let story = |text: String| text.replace(&digits, "####").replace(&wrong(&digits), "****").replace(&phone[phone.len() - 4..], "0001");
        insta::assert_snapshot!("spending_with_a_code", story(anna.transcript().await));
        let seen = guest.transcript().await;
        insta::assert_snapshot!("spending_with_a_code_guest", story(seen.split("keyboard: away").nth(1).unwrap_or_default().to_owned()));
        app.finish().await;
    }

    async fn a_purchase_with_percent_then_spending_with_a_code_in_english(engine: Engine) {
        let app = shop(engine, "en").await;
        let guest = app.telegram("Mary");
        registers_in_english(&guest, "Mary").await;
        let ann = app.member("Ann", Role::Cashier).await;
        ann.presses("Find a customer").await;
        ann.says("mary").await;
        ann.presses("Purchase").await;
        ann.says("2,000").await;
        ann.presses("No points").await;
        ann.presses("Book the purchase").await;
        ann.presses("To the customer").await;
        ann.presses("Purchase").await;
        ann.says("600").await;
        ann.presses("Another number").await;
        ann.says("50").await;
        ann.presses("By the customer's code").await;
        let digits = code_in(&guest.looks().await);
        ann.says(&digits).await;
        ann.presses("To the customer").await;
        ann.presses("History").await;
        ann.says("find").await;
        ann.says("nobody").await;
        let phone = guest.person.phone();
        let story = |text: String| text.replace(&digits, "####").replace(&phone[phone.len() - 4..], "0001");
        insta::assert_snapshot!("spending_with_a_code_in_english", story(ann.transcript().await));
        insta::assert_snapshot!("spending_with_a_code_in_english_guest", story(guest.transcript().await));
        app.finish().await;
    }

    /// The customer presses instead: whoever asked is told at once, and nothing is done twice.
    async fn the_customer_presses_and_the_till_is_told(engine: Engine) {
        let app = shop(engine, "ru").await;
        let guest = app.telegram("Мария");
        guest.registers().await;
        let anna = app.member("Анна", Role::Cashier).await;
        let boris = app.member("Борис", Role::Manager).await;
        boris.looks().await;
        anna.presses("Найти клиента").await;
        anna.says("мария").await;
        pays(&anna, "300", "Списать 90\u{a0}баллов").await;
        anna.presses("По коду клиента").await;
        guest.presses("Подтвердить").await;
        let told = anna.looks().await;
        anna.presses("Отмена").await;
        anna.presses("К клиенту").await;
        anna.presses("Списать").await;
        anna.says("5").await;
        anna.presses("Без пояснения").await;
        anna.presses("Списать по коду клиента").await;
        guest.presses("Подтвердить").await;
        anna.says("да").await;
        assert!(told.contains("подтверждена"), "{told}");
        let seen = anna.transcript().await;
        let at = seen.find("[По коду клиента]\nbot: Клиент получил").expect("the code was asked for");
        insta::assert_snapshot!("the_till_is_told", &seen[at..]);
        assert_eq!(boris.looks().await, "", "only whoever asked is told");
        let left = loyalty::balance(&app.app(), &app.owner(), guest.contact_id().await).await.expect("read");
        assert_eq!(left.available, Points(100 - 90 + 10 - 5), "once each");
        app.finish().await;
    }

    /// No tries left: another code. A code that was taken back is worth nothing.
    async fn after_the_last_try_a_new_code_is_sent(engine: Engine) {
        let app = shop(engine, "ru").await;
        let guest = app.telegram("Мария");
        guest.registers().await;
        let anna = app.member("Анна", Role::Cashier).await;
        anna.presses("Найти клиента").await;
        anna.says("мария").await;
        pays(&anna, "300", "Списать 90\u{a0}баллов").await;
        anna.presses("По коду клиента").await;
        let digits = code_in(&guest.looks().await);
        for _ in 0..5 {
            anna.says(&wrong(&digits)).await;
        }
        anna.presses("Отправить новый код").await;
        anna.presses("По коду клиента").await;
        guest.looks().await;
        anna.presses("Отмена").await;
        guest.presses("Подтвердить").await;
        let seen = anna.transcript().await.replace(&wrong(&digits), "****");
        let at = seen.find("[По коду клиента]\nbot: Клиент получил").expect("the code was asked for");
        insta::assert_snapshot!("no_tries_left", &seen[at..]);
        assert!(guest.looks().await.is_empty() && guest.last().text.contains("уже не действует"));
        app.advance(Duration::from_secs(1)).await;
        let left = loyalty::balance(&app.app(), &app.owner(), guest.contact_id().await).await.expect("read");
        assert_eq!(left.available, Points(100), "nothing was done");
        app.finish().await;
    }

    /// Words with a photo above them: to one customer, to everybody.
    async fn a_photo_goes_with_the_words(engine: Engine) {
        let app = shop(engine, "ru").await;
        let (guest, other) = (app.telegram("Мария"), app.telegram("Вера"));
        guest.registers().await;
        other.registers().await;
        guest.presses("Моя карта").await;
        let photo = guest.file(&guest.last().photo.expect("a picture").file).await;
        let boris = app.member("Борис", Role::Administrator).await;
        boris.presses("Найти клиента").await;
        boris.says("мария").await;
        boris.presses("Написать").await;
        boris.says("Ваш столик у окна.").await;
        boris.presses("Добавить фото").await;
        boris.says("вот это").await;
        boris.sends_photo(photo.clone()).await;
        boris.presses("Отправить").await;
        boris.presses("Меню").await;
        boris.presses("Написать всем").await;
        boris.says("Завтра дегустация.").await;
        boris.presses("Добавить фото").await;
        boris.sends_photo(photo.clone()).await;
        boris.presses("Отправить всем").await;
        app.advance(Duration::from_secs(60)).await;
        let seen = boris.transcript().await;
        let phone = guest.person.phone();
        let at = seen.find("[Написать]\n").expect("words to one");
        insta::assert_snapshot!("a_photo_with_words", seen[at..].replace(&phone[phone.len() - 4..], "0001"));
        let told = guest.looks().await;
        insta::assert_snapshot!("a_photo_with_words_guest", told);
        assert_eq!(told.matches("(picture)").count(), 2, "{told}");
        assert_eq!(guest.file(&guest.last().photo.expect("a picture").file).await, photo);
        let told = other.looks().await;
        assert!(told.contains("(picture) Завтра дегустация.") && !told.contains("столик"), "{told}");
        app.finish().await;
    }

    /// A photo in which no code can be read: clear words, and another try.
    async fn a_blurred_photo_gets_clear_words(engine: Engine) {
        let app = shop(engine, "ru").await;
        let guest = app.telegram("Мария Светлова");
        guest.registers().await;
        guest.presses("Моя карта").await;
        let card = guest.file(&guest.last().photo.expect("a picture").file).await;
        let anna = app.member("Анна", Role::Cashier).await;
        anna.presses("Найти клиента").await;
        anna.sends_photo(blurred(&card)).await;
        app.advance(Duration::from_secs(1)).await;
        anna.sends_photo(card).await;
        app.advance(Duration::from_secs(1)).await;
        let phone = guest.person.phone();
        insta::assert_snapshot!("a_blurred_photo", anna.transcript().await.replace(&phone[phone.len() - 4..], "0001"));
        app.finish().await;
    }

    /// A cashier who is a customer too accrues to their own card, after closing time: the owner is told of both.
    async fn an_accrual_to_ones_own_card_after_hours_is_told_to_the_owner(engine: Engine) {
        let app = shop(engine, "ru").await;
        let (services, owner) = (app.app(), app.owner());
        let mut rules = guard::Rules::default();
        rules.alerts.open_hours = Some([9, 11]);
        guard::set_rules(&services, &owner, None, rules).await.expect("saved");
        let olga = app.member("Ольга", Role::Owner).await;
        let anna = app.telegram("Анна");
        anna.registers().await;
        let whom = staff::Whom::New { name: "Анна Кассирова".into(), role: Role::Cashier.into(), channels: None };
        let invited = staff::invite(&services, &owner, whom).await.expect("invited");
        let cashier = anna.at_the_counter();
        cashier.starts(Some(&invited.payload)).await;
        olga.looks().await;
        cashier.presses("Найти клиента").await;
        cashier.says("анна").await;
        cashier.presses("Начислить").await;
        cashier.says("70").await;
        cashier.presses("Без пояснения").await;
        cashier.presses("Да, начислить").await;
        app.advance(Duration::from_secs(1)).await;
        let told = olga.looks().await;
        for why in ["начисление на собственную карту", "начисление в нерабочее время"] {
            let words = format!("Проверьте: {why}.\n     Кто: Анна Кассирова, в 12:00. Сколько: 70\u{a0}баллов.\n     Клиент: Анна, теперь на счёте 170\u{a0}баллов.");
            assert!(told.contains(&words), "{told}");
        }
        let alerts = guard::alerts(&services, &owner, None, 10).await.expect("alerts");
        let mut reasons: Vec<_> = alerts.iter().map(|alert| alert.reason.as_str()).collect();
        reasons.sort_unstable();
        assert_eq!(reasons, ["after_hours", "own_card"]);
        app.finish().await;
    }

    /// All customers as a table, asked for by a button: the file comes into the chat.
    async fn the_table_of_customers_comes_into_the_chat(engine: Engine) {
        let app = shop(engine, "ru").await;
        app.telegram("Мария").registers().await;
        let boris = app.member("Борис", Role::Administrator).await;
        boris.presses("Клиенты в Excel").await;
        app.advance(Duration::from_secs(1)).await;
        let seen = boris.looks().await;
        let file = boris.last().document.unwrap_or_else(|| panic!("a document: {seen}")).file;
        assert!(boris.file(&file).await.starts_with(b"PK"), "a workbook");
        app.finish().await;
    }

    /// Limits, hours and codes are set from the phone.
    async fn the_guard_and_codes_are_set_from_the_phone(engine: Engine) {
        let app = shop(engine, "ru").await;
        let boris = app.member("Борис", Role::Administrator).await;
        for (setting, value) in [
            ("Кассир: оплата баллами, не больше %: нет", "20"),
            ("Сигнал: начисление на свою карту: да", "нет"),
            ("Сигнал: начисление вне часов работы: нет", "с 9 до 22"),
            ("Код клиента при оплате баллами, от баллов: 0", "100"),
        ] {
            boris.says("меню").await;
            boris.presses("Настройки").await;
            while boris.last().button(setting).is_none() {
                boris.presses("Дальше →").await;
            }
            boris.presses(setting).await;
            boris.says(value).await;
            boris.presses("Сохранить").await;
        }
        let (services, owner) = (app.app(), app.owner());
        let guard = guard::rules(&services, &owner).await.expect("read").rules;
        assert_eq!(guard.limits[&Role::Cashier].discount_percent, Some(20));
        assert_eq!((guard.alerts.own_card, guard.alerts.open_hours), (false, Some([9, 22])));
        let rules = codes::rules(&services, &owner).await.expect("read").rules;
        assert_eq!(rules.required.purchase, Some(Points(100)));
        app.finish().await;
    }
}

/// From the card of the chosen customer to the confirmation of a purchase that points pay for.
async fn pays(person: &Guest, sum: &str, choice: &str) {
    person.presses("Покупка").await;
    person.says(sum).await;
    person.presses(choice).await;
}

async fn registers_in_english(guest: &Guest, name: &str) {
    guest.starts(None).await;
    guest.presses("I agree, let's start").await;
    guest.says(name).await;
    guest.shares_phone().await;
}

/// Another code of as many digits.
fn wrong(digits: &str) -> String {
    digits.chars().map(|digit| if digit == '0' { '1' } else { '0' }).collect()
}

/// The picture as a shaking hand takes it: large squares of one shade each.
fn blurred(picture: &[u8]) -> Vec<u8> {
    const SQUARE: usize = 48;
    let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().expect("PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("pixels");
    let (width, height, step) = (info.width as usize, info.height as usize, info.color_type.samples());
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, info.width, info.height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let shade = |x: usize, y: usize| {
        let (left, top) = (x / SQUARE * SQUARE, y / SQUARE * SQUARE);
        let (mut sum, mut count) = (0_u64, 0_u64);
        for y in top..(top + SQUARE).min(height) {
            for x in (left..(left + SQUARE).min(width)).step_by(4) {
                sum += u64::from(pixels[(y * width + x) * step + step.min(2) - 1]);
                count += 1;
            }
        }
        u8::try_from(sum / count.max(1)).expect("a shade")
    };
    let squares: Vec<Vec<u8>> = (0..height.div_ceil(SQUARE))
        .map(|row| (0..width.div_ceil(SQUARE)).map(|column| shade(column * SQUARE, row * SQUARE)).collect())
        .collect();
    let grey: Vec<u8> =
        (0..width * height).map(|at| squares[at / width / SQUARE][at % width / SQUARE]).collect();
    encoder.write_header().expect("a header").write_image_data(&grey).expect("pixels");
    out
}
