//! The living customers of the demo: they register, look at their balance, show their card.

use super::names;
use samovar_app::App;
use samovar_app::access::{Actor, Role};
use samovar_app::{pipeline, staff};
use samovar_base::{Chance, TenantId};
use samovar_fakes::telegram::{BotHandle, Conversation, Person, Telegram};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two deeds of one customer.
const PAUSE: Duration = Duration::from_millis(2_500);
/// Between two visits of registered customers.
const BETWEEN_VISITS: Duration = Duration::from_secs(20);

/// A handful of people.
pub fn guests(telegram: &Telegram, lang: &str) -> Vec<Person> {
    let names: [&str; 5] = if lang == "ru" {
        ["Анна Соколова", "Игорь Лебедев", "Марина Орлова", "Тимур Галиев", "Ольга Ким"]
    } else {
        ["Anna Walker", "Igor Hughes", "Marina Scott", "Timur Reed", "Olga Kim"]
    };
    let language = if lang == "ru" { "ru" } else { "en" };
    names.iter().map(|name| telegram.person(name).with_language(language)).collect()
}

/// Lets them live until `stop`, each beginning a little later than the one before.
pub async fn live(
    telegram: Telegram,
    bot: String,
    guests: Vec<Person>,
    lang: String,
    stop: CancellationToken,
) {
    let Some(bot) = telegram.bot_named(&bot) else { return };
    let lives = guests.into_iter().zip(0_u32..).map(|(guest, number)| {
        let (bot, lang) = (bot.clone(), lang.clone());
        async move {
            tokio::time::sleep(PAUSE * number * 2).await;
            one(&guest, &bot, &lang).await;
        }
    });
    tokio::select! {
        () = stop.cancelled() => {}
        _ = futures::future::join_all(lives) => {}
    }
}

/// What people press one after another; a button that is not there is passed by.
async fn one(guest: &Person, bot: &BotHandle, lang: &str) {
    let mut chat = guest.chat(bot);
    let russian = lang == "ru";
    if chat.starts(None).is_err() {
        return;
    }
    tokio::time::sleep(PAUSE).await;
    register(&mut chat).await;
    let visit: [&str; 3] = if russian {
        ["Баланс", "Моя карта", "История"]
    } else {
        ["Balance", "My card", "History"]
    };
    loop {
        for button in visit {
            tokio::time::sleep(BETWEEN_VISITS).await;
            // A menu that is not there yet, or was worded anew, is no reason to stop living.
            let _ = chat.presses(button);
        }
    }
}

/// Agrees, takes the offered name, shares the phone: whatever the bot asks for, the first answer it offers.
async fn register(chat: &mut Conversation) {
    for _ in 0..8 {
        tokio::time::sleep(PAUSE).await;
        let view = chat.view();
        let shares = view
            .keyboard
            .as_ref()
            .is_some_and(|keyboard| keyboard.rows.iter().flatten().any(|button| button.kind == "contact"));
        if shares {
            let _ = chat.shares_phone();
            continue;
        }
        let offered = view
            .last_from_bot()
            .and_then(|message| message.buttons.first()?.first().map(|button| button.text.clone()));
        let many = view.last_from_bot().is_some_and(|message| message.buttons.iter().flatten().count() > 3);
        match offered {
            _ if many => return, // that is the menu
            Some(label) => {
                let _ = chat.presses(&label);
            }
            None => {}
        }
    }
}

/// Customers of long standing who have something to ask of a person, and the team that answers some of them.
pub struct Crowd {
    /// Where the company lives.
    pub app: App,
    /// Which company.
    pub tenant: TenantId,
    /// The customers.
    pub people: Vec<Person>,
    /// The company's bot.
    pub bot: BotHandle,
    /// Their language.
    pub lang: String,
    /// The shop, or the firm.
    pub shop: bool,
}

/// Who asks something right at the beginning.
const ASK_AT_ONCE: usize = 18;
/// Of these are answered.
const ANSWERED: u32 = 7;
/// Between two questions later on.
const BETWEEN_QUESTIONS: Duration = Duration::from_secs(45);

impl Crowd {
    /// Asks until `stop`.
    pub async fn live(self, stop: CancellationToken) {
        tokio::select! {
            () = stop.cancelled() => {}
            () = self.ask() => {}
        }
    }

    async fn ask(&self) {
        let chance = Chance::from_seed(if self.shop { 7 } else { 8 });
        for (nth, person) in self.people.iter().enumerate() {
            if nth == ASK_AT_ONCE {
                tokio::time::sleep(PAUSE).await;
                self.answer().await;
            }
            if nth >= ASK_AT_ONCE {
                tokio::time::sleep(BETWEEN_QUESTIONS).await;
            }
            let chat = person.chat(&self.bot);
            let called = if self.lang == "ru" { "оператор" } else { "operator" };
            if chat.says(called).is_err() {
                continue;
            }
            tokio::time::sleep(Duration::from_millis(150)).await;
            let _ = chat.says(names::question(&chance, &self.lang, self.shop));
        }
    }

    /// Somebody of the team answers those who wait longest.
    async fn answer(&self) {
        let Ok(team) = staff::list(&self.app, &Actor::setup(self.tenant)).await else { return };
        let Some(one) = team.iter().find(|one| one.role == Role::Manager) else { return };
        let actor = Actor::staff(self.tenant, one.id, one.role, &self.lang);
        let Ok(waiting) = pipeline::waiting::waiting(&self.app, &actor, 0, ANSWERED).await else { return };
        let words = match (self.lang.as_str(), self.shop) {
            ("ru", true) => "Здравствуйте! Уже смотрю, через пару минут отвечу.",
            ("ru", false) => "Здравствуйте! Уточню у бригады и напишу.",
            _ => "Hello! Let me check, I will be back in a minute.",
        };
        for one in waiting {
            let _ = pipeline::desk::answer(&self.app, &actor, one.contact, words.to_owned()).await;
        }
    }
}
