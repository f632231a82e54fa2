//! What the customer is told of changes that they did not make in the conversation.

use super::desk::Desk;
use super::model::Wording;
use super::wording::{Names, Speech};
use crate::app::App;
use crate::pipeline::{self, Ready};
use crate::problem::Fail;
use crate::visit::Cause;
use samovar_base::message::Body;
use samovar_store::Tx;
use serde::{Deserialize, Serialize};

macro_rules! notices {
    ($($(#[$doc:meta])* $name:ident $on:literal $ru:literal $en:literal,)*) => {
        /// The kinds of messages, each switched and worded by itself. What is not said of one has its default.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(from = "Given")]
        pub struct Notices { $($(#[$doc])* pub $name: Notice,)* }

        #[derive(Default, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        struct Given { $($name: GivenNotice,)* }

        impl Default for Notices {
            fn default() -> Self {
                Self { $($name: Notice { on: $on, text: Wording::new($ru, $en) },)* }
            }
        }

        impl From<Given> for Notices {
            fn from(given: Given) -> Self {
                let own = Self::default();
                Self { $($name: given.$name.over(own.$name),)* }
            }
        }

        impl Notices {
            /// Each with the field of its text.
            pub(super) fn texts(&self) -> Vec<(&'static str, &Wording)> {
                vec![$((concat!("notices.", stringify!($name), ".text"), &self.$name.text),)*]
            }
        }
    };
}

/// One kind of message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Whether it is sent.
    pub on: bool,
    /// What it says.
    pub text: Wording,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct GivenNotice {
    on: Option<bool>,
    text: Option<Wording>,
}

impl GivenNotice {
    fn over(self, own: Notice) -> Notice {
        // Who words a message wants it sent, unless they say that they do not.
        let on = self.on.unwrap_or(own.on || self.text.is_some());
        Notice { on, text: self.text.unwrap_or(own.text) }
    }
}

notices! {
    /// Points came, by hand or by a program.
    accrual true
        "Вам начислено {{ points|points }}{% if comment %}: {{ comment }}{% endif %}.\nТеперь у вас {{ balance|points }}."
        "You have received {{ points|points }}{% if comment %}: {{ comment }}{% endif %}.\nYou now have {{ balance|points }}.",
    /// Points went, by hand or by a program.
    write_off true
        "Списано {{ points|points }}{% if comment %}: {{ comment }}{% endif %}.\nОсталось {{ balance|points }}."
        "{{ points|points }} written off{% if comment %}: {{ comment }}{% endif %}.\n{{ balance|points }} left.",
    /// A purchase was paid with points or earned some.
    purchase true
        "Спасибо за покупку.{% if spent %}\nСписано в оплату: {{ spent|points }}.{% endif %}{% if earned %}\nНачислено {{ earned|points }}.{% endif %}{% if repaid %}\nИз них на погашение долга: {{ repaid|points }}.{% endif %}\nТеперь у вас {{ balance|points }}."
        "Thank you for your purchase.{% if spent %}\nTaken in payment: {{ spent|points }}.{% endif %}{% if earned %}\nEarned: {{ earned|points }}.{% endif %}{% if repaid %}\nOf these, to cover what you owed: {{ repaid|points }}.{% endif %}\nYou now have {{ balance|points }}.",
    /// Held points paid for something.
    spend true
        "Списано в оплату: {{ points|points }}{% if comment %}, {{ comment }}{% endif %}.\nОсталось {{ balance|points }}."
        "Taken in payment: {{ points|points }}{% if comment %}, {{ comment }}{% endif %}.\n{{ balance|points }} left.",
    /// A purchase was brought back, all or a part of it.
    refund true
        "Оформлен возврат на {{ sum }}.{% if returned %}\nВернулись на счёт: {{ returned|points }}.{% endif %}{% if taken %}\nСписано начисленное за покупку: {{ taken|points }}.{% endif %}\n{% if debt %}Долг {{ debt|points }}: его погасят следующие начисления.{% else %}Теперь у вас {{ balance|points }}.{% endif %}"
        "A refund of {{ sum }} was made.{% if returned %}\nBack on your account: {{ returned|points }}.{% endif %}{% if taken %}\nTaken back, as earned by the purchase: {{ taken|points }}.{% endif %}\n{% if debt %}You owe {{ debt|points }}: what you earn next will cover it.{% else %}You now have {{ balance|points }}.{% endif %}",
    /// Points for the birthday; `days` is how many days are left till it.
    birthday true
        "{% if days > 0 %}Скоро ваш день рождения{% else %}С днём рождения{% endif %}{% if name %}, {{ name }}{% endif %}. Дарим вам {{ points|points }}{% if expires_on %}: потратить подарок можно до {{ expires_on }} включительно{% endif %}.\nТеперь у вас {{ balance|points }}."
        "{% if days > 0 %}Your birthday is near{% else %}Happy birthday{% endif %}{% if name %}, {{ name }}{% endif %}. Here is a gift of {{ points|points }}{% if expires_on %}, to be spent through {{ expires_on }}{% endif %}.\nYou now have {{ balance|points }}.",
    /// Points end soon: `ending` lists how many (`points`) and their last day (`on`); `points` is the sum.
    expiring true
        "Напоминаем о сроке:\n{% for part in ending %}{{ part.points|points }} можно потратить до {{ part.on }} включительно.\n{% endfor %}Всего у вас {{ balance|points }}."
        "A reminder before it is too late:\n{% for part in ending %}{{ part.points|points }} can be spent through {{ part.on }}.\n{% endfor %}In all you have {{ balance|points }}.",
    /// The time of points was over. Told at the hour of the warnings, not at midnight.
    expired false
        "Срок прошёл: сгорело {{ points|points }}.\nОсталось {{ balance|points }}."
        "The time is over: {{ points|points }} can no longer be spent.\n{{ balance|points }} left.",
    /// Points were set aside.
    hold false
        "Отложено {{ points|points }}{% if comment %}: {{ comment }}{% endif %}.\nСвободно {{ balance|points }}."
        "{{ points|points }} set aside{% if comment %}: {{ comment }}{% endif %}.\n{{ balance|points }} free.",
    /// Points that were set aside are free again.
    released true
        "Снова свободно: {{ points|points }}.\nТеперь у вас {{ balance|points }}."
        "Free again: {{ points|points }}.\nYou now have {{ balance|points }}.",
}

impl Desk {
    /// Tells the customer, if the programme wants it and they can be reached.
    pub(super) async fn tell(
        &self,
        app: &App,
        tx: &Tx,
        cause: Cause,
        notice: &Notice,
        names: &Names,
    ) -> Result<Vec<Ready>, Fail> {
        if !notice.on {
            return Ok(Vec::new());
        }
        let speech = self.speech();
        pipeline::notify(app, tx, &self.contact, Body::text(speech.render(&notice.text, names)), cause).await
    }

    /// The customer's language and the company's words.
    pub(super) fn speech(&self) -> Speech<'_> {
        Speech { units: &self.programme.units, locale: &self.contact.locale, zone: &self.zone }
    }
}
