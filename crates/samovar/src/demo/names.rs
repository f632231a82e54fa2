//! Names, towns and words of the make-believe customers.

use samovar_base::Chance;

const WOMEN: [&str; 32] = [
    "Анна",
    "Марина",
    "Ольга",
    "Екатерина",
    "Татьяна",
    "Наталья",
    "Юлия",
    "Светлана",
    "Ирина",
    "Дарья",
    "Полина",
    "Алина",
    "Виктория",
    "Ксения",
    "Елена",
    "Мария",
    "Вероника",
    "Кристина",
    "Диана",
    "Яна",
    "Алёна",
    "Валентина",
    "Людмила",
    "Надежда",
    "Софья",
    "Гульнара",
    "Эльмира",
    "Оксана",
    "Лариса",
    "Карина",
    "Евгения",
    "Вера",
];
const MEN: [&str; 20] = [
    "Игорь",
    "Тимур",
    "Алексей",
    "Дмитрий",
    "Сергей",
    "Егор",
    "Руслан",
    "Павел",
    "Максим",
    "Артём",
    "Никита",
    "Андрей",
    "Роман",
    "Илья",
    "Владимир",
    "Кирилл",
    "Марат",
    "Денис",
    "Антон",
    "Фёдор",
];
/// Without the ending that a woman's has.
const SURNAMES: [&str; 48] = [
    "Соколов",
    "Лебедев",
    "Орлов",
    "Галиев",
    "Кузнецов",
    "Попов",
    "Васильев",
    "Новиков",
    "Морозов",
    "Волков",
    "Зайцев",
    "Павлов",
    "Семёнов",
    "Голубев",
    "Виноградов",
    "Богданов",
    "Фёдоров",
    "Михайлов",
    "Беляев",
    "Тарасов",
    "Белов",
    "Комаров",
    "Орехов",
    "Киселёв",
    "Макаров",
    "Андреев",
    "Ильин",
    "Гусев",
    "Титов",
    "Кузьмин",
    "Кудрявцев",
    "Баранов",
    "Куликов",
    "Алексеев",
    "Степанов",
    "Яковлев",
    "Сорокин",
    "Сергеев",
    "Романов",
    "Захаров",
    "Борисов",
    "Королёв",
    "Герасимов",
    "Пономарёв",
    "Григорьев",
    "Лазарев",
    "Ахметов",
    "Малышев",
];
const FIRST_EN: [&str; 28] = [
    "Anna", "Mary", "Olivia", "Emma", "Grace", "Chloe", "Sophie", "Lucy", "Ruby", "Alice", "Holly", "Laura",
    "Megan", "Kate", "Jane", "Ella", "James", "Tom", "Harry", "Jack", "Oliver", "George", "Adam", "Ryan",
    "Luke", "Peter", "Mark", "Daniel",
];
const LAST_EN: [&str; 28] = [
    "Walker", "Hughes", "Scott", "Reed", "Kim", "Carter", "Bailey", "Foster", "Gray", "Hall", "Baker",
    "Cooper", "Ward", "Price", "Wood", "Bell", "Cox", "Shaw", "Mills", "Fox", "Grant", "Stone", "West",
    "Dean", "Lane", "Frost", "Page", "Marsh",
];

/// A name; a woman's, nine times of ten when `women` says so.
pub fn person(chance: &Chance, lang: &str, women: bool) -> String {
    if lang != "ru" {
        return format!("{} {}", pick(chance, &FIRST_EN), pick(chance, &LAST_EN));
    }
    let woman = chance.below(10) < if women { 9 } else { 6 };
    let surname = pick(chance, &SURNAMES);
    if woman {
        format!("{} {surname}а", pick(chance, &WOMEN))
    } else {
        format!("{} {surname}", pick(chance, &MEN))
    }
}

/// One of them.
pub fn pick<'a>(chance: &Chance, from: &[&'a str]) -> &'a str {
    let at = usize::try_from(chance.below(from.len() as u64)).unwrap_or(0);
    from.get(at).copied().unwrap_or_default()
}

/// Towns, the nearest first and so more often.
pub fn town(chance: &Chance, lang: &str) -> &'static str {
    const RU: [&str; 9] =
        ["Москва", "Москва", "Москва", "Химки", "Мытищи", "Подольск", "Тула", "Казань", "Тверь"];
    const EN: [&str; 5] = ["London", "London", "Croydon", "Watford", "Reading"];
    if lang == "ru" { pick(chance, &RU) } else { pick(chance, &EN) }
}

/// What customers of a company ask a person.
pub fn question(chance: &Chance, lang: &str, shop: bool) -> &'static str {
    const SHOP: [&str; 10] = [
        "Подскажите, гель-лак «Пудра» номер 12 ещё есть?",
        "А баллы за вчерашнюю покупку начислятся сегодня?",
        "Здравствуйте! Можно забрать заказ в субботу до обеда?",
        "Нужно 12 наборов кистей в школу, какая цена на опт?",
        "У меня лампа перестала включаться, куда обратиться по гарантии?",
        "Когда следующий мастер-класс по стемпингу?",
        "Не получается списать баллы, касса просит код",
        "Доставляете в Подольск?",
        "Подскажите, чем снимать каучуковую базу?",
        "Можно вернуть непочатую баночку? Ошиблась с оттенком",
    ];
    const FIRM: [&str; 8] = [
        "Здравствуйте! Можно перенести уборку с пятницы на понедельник?",
        "Сколько стоит генеральная, двушка 54 метра?",
        "Бригада опаздывает? Ждём с десяти",
        "Спасибо, всё отлично! Хочу записаться на окна",
        "А химчистка матраса у вас есть?",
        "Забыли у нас швабру, когда заберёте?",
        "Можно оплатить часть баллами?",
        "Нужен акт для бухгалтерии, пришлите, пожалуйста",
    ];
    const ENGLISH: [&str; 6] = [
        "Do you still have shade 12?",
        "Will I get the points for yesterday today?",
        "Can I come on Saturday morning?",
        "What would twelve sets cost?",
        "I cannot spend my points, it asks for a code",
        "Could we move it to Monday?",
    ];
    match (lang, shop) {
        ("ru", true) => pick(chance, &SHOP),
        ("ru", false) => pick(chance, &FIRM),
        _ => pick(chance, &ENGLISH),
    }
}
