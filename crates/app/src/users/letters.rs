//! What is written to users by e-mail.

use super::address::ADDRESS_HOURS;
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

/// To the address that somebody wants to sign in by.
pub(super) fn proof(user: &User, email: &str, link: &str) -> Letter {
    let (subject, text) = if user.locale.starts_with("ru") {
        (
            "Подтвердите почту для Самовара",
            format!(
                "Здравствуйте, {}.\n\nЧтобы входить с этой почтой, откройте ссылку:\n{link}\n\n\
                 Она действует {ADDRESS_HOURS} часа и открывается один раз. До тех пор вход — с прежней почтой. Если вы \
                 об этом не просили, ничего делать не нужно.\n",
                user.name
            ),
        )
    } else {
        (
            "Confirm your e-mail for Samovar",
            format!(
                "Hello {},\n\nTo sign in with this e-mail, open this link:\n{link}\n\n\
                 It is good for {ADDRESS_HOURS} hours and once. Until then you sign in with the old e-mail. If you did \
                 not ask for this, there is nothing to do.\n",
                user.name
            ),
        )
    };
    Letter { to: email.to_owned(), subject: subject.to_owned(), text }
}

/// To the address that somebody wants to leave.
pub(super) fn leaving(user: &User, email: &str) -> Letter {
    let (subject, text) = if user.locale.starts_with("ru") {
        (
            "Почту для входа в Самовар меняют",
            format!(
                "Здравствуйте, {}.\n\nДля входа в Самовар вместо этой почты указана другая: {email}. Смена \
                 вступит в силу, когда по ссылке из письма её подтвердят.\n\nЕсли это не вы, смените пароль в профиле: \
                 ссылка перестанет действовать, а на других устройствах нужно будет войти заново.\n",
                user.name
            ),
        )
    } else {
        (
            "Your e-mail for Samovar is being changed",
            format!(
                "Hello {},\n\nAnother e-mail was given to sign in to Samovar with: {email}. It counts once it is \
                 confirmed by the link in a letter.\n\nIf this was not you, change your password in your profile: the \
                 link becomes void, and other devices have to sign in again.\n",
                user.name
            ),
        )
    };
    Letter { to: user.email.clone(), subject: subject.to_owned(), text }
}
