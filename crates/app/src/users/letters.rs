//! What is written to users by e-mail.

use super::links::RESET_MINUTES;
use super::model::User;

/// A letter.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// To whom.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// Its text, without markup.
    pub text: String,
}

/// It holds a link that opens: not for logs.
impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Letter({})", self.subject)
    }
}

/// To whoever wants a new password.
pub(super) fn reset(user: &User, link: &str) -> Letter {
    let (subject, text) = if user.locale.starts_with("ru") {
        (
            "Новый пароль для Самовара",
            format!(
                "Здравствуйте, {}.\n\nЧтобы выбрать новый пароль, откройте ссылку:\n{link}\n\n\
                 Она действует {RESET_MINUTES} минут и открывается один раз. Если вы не просили новый пароль, ничего делать не нужно: \
                 прежний остаётся в силе.\n",
                user.name
            ),
        )
    } else {
        (
            "A new password for Samovar",
            format!(
                "Hello {},\n\nTo choose a new password, open this link:\n{link}\n\n\
                 It is good for {RESET_MINUTES} minutes and once. If you did not ask for a new password, there is nothing to do: \
                 the one you have stays.\n",
                user.name
            ),
        )
    };
    Letter { to: user.email.clone(), subject: subject.to_owned(), text }
}
