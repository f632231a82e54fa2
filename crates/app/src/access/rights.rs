//! Rights, and the roles they make up.

use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

macro_rules! rights {
    ($($(#[$doc:meta])* $name:ident $text:literal $ru:literal $en:literal,)*) => {
        /// What somebody may do. Names are stored in tables and are scopes of API keys: they never change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Right { $($(#[$doc])* $name,)* }

        impl Right {
            /// All rights.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in tables, scopes and answers.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
            /// What people read, in their language; English for any but Russian.
            pub fn title(self, locale: &str) -> &'static str {
                match (self, locale.starts_with("ru")) { $((Self::$name, true) => $ru, (Self::$name, false) => $en,)* }
            }
        }
    };
}

rights! {
    /// See contacts, their tags, consents and where they can be reached.
    ContactsRead "contacts_read" "видеть клиентов" "see contacts",
    /// Change contacts.
    ContactsWrite "contacts_write" "изменять клиентов" "change contacts",
    /// Remove a person's data for ever.
    ContactsErase "contacts_erase" "стирать данные клиентов" "erase contacts",
    /// See phones, birthdays, addresses of prizes, texts in own fields, and phones and e-mail addresses in conversations.
    PersonalDataSee "personal_data_see" "видеть персональные данные" "see personal data",
    /// See balances and history of points.
    PointsRead "points_read" "видеть баллы" "see points",
    /// Accrue and write off points by hand.
    PointsWrite "points_write" "начислять и списывать баллы" "change points",
    /// Accrue points to many at once, and undo that.
    PointsMany "points_many" "начислять баллы многим сразу" "accrue points to many at once",
    /// Save and change segments.
    SegmentsWrite "segments_write" "составлять сегменты" "change segments",
    /// See scenarios.
    ScenariosRead "scenarios_read" "видеть сценарии" "see scenarios",
    /// Write and publish scenarios.
    ScenariosWrite "scenarios_write" "изменять и публиковать сценарии" "change and publish scenarios",
    /// See connected bots.
    ChannelsRead "channels_read" "видеть каналы" "see channels",
    /// Connect, change and pause bots.
    ChannelsManage "channels_manage" "подключать и настраивать каналы" "manage channels",
    /// Write to customers and read what they wrote.
    ConversationsRead "conversations_read" "читать переписку" "read conversations",
    /// Answer customers.
    ConversationsWrite "conversations_write" "отвечать клиентам" "answer conversations",
    /// Add and disable people who work here, hand out keys.
    StaffManage "staff_manage" "управлять сотрудниками и ключами" "manage staff and keys",
    /// Make and change owners: only owners can.
    OwnersManage "owners_manage" "назначать владельцев" "manage owners",
    /// See the company's settings.
    SettingsRead "settings_read" "видеть настройки" "see settings",
    /// Change the company's settings and programmes.
    SettingsManage "settings_manage" "изменять настройки" "change settings",
    /// Read the audit log.
    AuditRead "audit_read" "читать журнал действий" "read the audit log",
    /// See work that failed for good, and repeat it.
    WorkManage "work_manage" "разбирать невыполненную работу" "manage failed work",
    /// Take the company's data out as files, and reports. Phones and birthdays are in full only for those who see them.
    ExportsMake "exports_make" "выгружать данные в файлы" "export data to files",
    /// Write to many at once.
    BroadcastsSend "broadcasts_send" "делать рассылки" "send broadcasts",
    /// Bring contacts with balances in from files.
    ImportsMake "imports_make" "загружать данные из файлов" "import data from files",
    /// Make copies of the whole database and take them: only owners.
    BackupsMake "backups_make" "делать резервные копии" "make backups",
    /// See and run promotions: their settings, participants, tickets, codes and draws.
    Promotions "promotions" "вести акции" "run promotions",
    /// See receipts that wait for a person, and decide over them.
    Moderation "moderation" "проверять чеки" "decide over receipts",
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Right {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        Self::ALL.iter().copied().find(|right| right.as_str() == text).ok_or_else(|| {
            Problem::invalid(
                "scopes",
                "unknown_right",
                format!("Права «{text}» не существует"),
                format!("There is no right “{text}”"),
            )
        })
    }
}

/// A set of rights.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights(u64);

impl Rights {
    /// None.
    pub const NONE: Self = Self(0);
    /// Every right there is.
    pub const ALL: Self = Self::of(Right::ALL);

    /// These.
    pub const fn of(rights: &[Right]) -> Self {
        let (mut set, mut at) = (0, 0);
        while at < rights.len() {
            set |= 1 << rights[at] as u64;
            at += 1;
        }
        Self(set)
    }
    /// Whether a right is among them.
    pub const fn has(self, right: Right) -> bool {
        self.0 & (1 << right as u64) != 0
    }
    /// These, but for one.
    #[must_use]
    pub const fn without(self, right: Right) -> Self {
        Self(self.0 & !(1 << right as u64))
    }
    /// One by one.
    pub fn iter(self) -> impl Iterator<Item = Right> {
        Right::ALL.iter().copied().filter(move |right| self.has(*right))
    }
    /// Those whose names stand in `text`, separated by blanks; every name that is no right is a problem.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let (mut rights, mut problems) = (Vec::new(), Vec::new());
        for name in text.split_whitespace() {
            match name.parse() {
                Ok(right) => rights.push(right),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() { Ok(Self::of(&rights)) } else { Err(problems) }
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, right) in self.iter().enumerate() {
            let gap = if at == 0 { "" } else { " " };
            write!(f, "{gap}{right}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rights({self})")
    }
}

/// A role: a named set of rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, and only an owner makes owners.
    Owner,
    /// Everything but what belongs to the owner.
    Administrator,
    /// Serves customers.
    Manager,
    /// Writes scenarios; sees people without their phones.
    Marketer,
    /// Passes orders to contractors.
    Dispatcher,
    /// Stands at the till.
    Cashier,
}

impl Role {
    /// All roles.
    pub const ALL: &[Self] =
        &[Self::Owner, Self::Administrator, Self::Manager, Self::Marketer, Self::Dispatcher, Self::Cashier];

    /// The name in tables and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Administrator => "administrator",
            Self::Manager => "manager",
            Self::Marketer => "marketer",
            Self::Dispatcher => "dispatcher",
            Self::Cashier => "cashier",
        }
    }

    /// The name people read, in their language; English for any but Russian.
    pub fn title(self, locale: &str) -> &'static str {
        match (self, locale.starts_with("ru")) {
            (Self::Owner, true) => "владелец",
            (Self::Owner, false) => "owner",
            (Self::Administrator, true) => "администратор",
            (Self::Administrator, false) => "administrator",
            (Self::Manager, true) => "менеджер",
            (Self::Manager, false) => "manager",
            (Self::Marketer, true) => "маркетолог",
            (Self::Marketer, false) => "marketer",
            (Self::Dispatcher, true) => "диспетчер",
            (Self::Dispatcher, false) => "dispatcher",
            (Self::Cashier, true) => "кассир",
            (Self::Cashier, false) => "cashier",
        }
    }

    /// What the role may do.
    pub const fn rights(self) -> Rights {
        use Right::*;
        match self {
            Self::Owner => Rights::ALL,
            Self::Administrator => Rights::ALL.without(OwnersManage).without(BackupsMake),
            Self::Manager => Rights::of(&[
                ContactsRead,
                ContactsWrite,
                PersonalDataSee,
                PointsRead,
                PointsWrite,
                PointsMany,
                SegmentsWrite,
                ScenariosRead,
                ChannelsRead,
                ConversationsRead,
                ConversationsWrite,
                SettingsRead,
                Promotions,
                Moderation,
            ]),
            Self::Marketer => Rights::of(&[
                ContactsRead,
                PointsRead,
                SegmentsWrite,
                ScenariosRead,
                ScenariosWrite,
                ChannelsRead,
                SettingsRead,
                BroadcastsSend,
                Promotions,
                Moderation,
            ]),
            Self::Dispatcher => Rights::of(&[
                ContactsRead,
                ContactsWrite,
                PersonalDataSee,
                ConversationsRead,
                ConversationsWrite,
                SettingsRead,
            ]),
            Self::Cashier => Rights::of(&[ContactsRead, PointsRead, PointsWrite]),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        Self::ALL.iter().copied().find(|role| role.as_str() == text).ok_or_else(|| {
            let known = Self::ALL.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(", ");
            Problem::invalid(
                "role",
                "unknown_role",
                format!("Роли «{text}» не существует; есть {known}"),
                format!("There is no role “{text}”; there are {known}"),
            )
        })
    }
}
