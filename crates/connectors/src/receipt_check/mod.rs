//! Services that know what stands on a fiscal receipt.
//!
//! Every check may cost money: callers ask once for each receipt, keep the answer for ever, keep to the paces and
//! budgets of the account, and decide when to ask again.

mod answer;
mod kkt;
mod proverkacheka;
mod soap;

pub use answer::{Answer, Found, Said};
pub use kkt::Kkt;
pub use proverkacheka::Proverkacheka;

use crate::client::ClientError;
use futures::future::BoxFuture;
use samovar_fiscal::Code;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use url::Url;

/// Which service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// proverkacheka.com: a token, a price for each check.
    Proverkacheka,
    /// The open API of the tax service for businesses: a contract, a fixed address, a master token.
    Kkt,
}

impl Kind {
    /// All that this build knows.
    pub const ALL: [Self; 2] = [Self::Proverkacheka, Self::Kkt];

    /// The name in tables and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proverkacheka => "proverkacheka",
            Self::Kkt => "kkt",
        }
    }
}

/// The kind of a name.
impl std::str::FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name).ok_or(UnknownKind)
    }
}

/// No service of this build has that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no service of that name is known")]
pub struct UnknownKind;

/// Whose money is spent, and where. Prints without its token.
#[derive(Debug, Clone)]
pub struct Account {
    /// Where the service is; `None`: at its usual place ([`ReceiptCheck::address`]).
    pub address: Option<Url>,
    /// What the service gave to its customer.
    pub token: SecretString,
    /// Through whom calls go.
    pub proxy: Option<Url>,
}

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The code of the receipt.
    pub code: Code,
}

/// A service that knows receipts.
pub trait ReceiptCheck: Send + Sync {
    /// Which service.
    fn kind(&self) -> Kind;

    /// Where it is when an account names no other place.
    fn address(&self) -> Url;

    /// Asks once, and never fails: whatever comes back, or does not, is one of the outcomes.
    fn check<'a>(&'a self, account: &'a Account, question: &'a Question) -> BoxFuture<'a, Answer>;
}

/// All services of this build. They keep connections and sessions: a program has one of these.
pub struct Services {
    proverkacheka: Proverkacheka,
    kkt: Kkt,
}

impl Services {
    /// Ready to ask.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new() -> Result<Self, ClientError> {
        Ok(Self { proverkacheka: Proverkacheka::new()?, kkt: Kkt::new()? })
    }

    /// All wait this long for an answer instead of the usual time.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self {
            proverkacheka: self.proverkacheka.with_patience(patience),
            kkt: self.kkt.with_patience(patience),
        }
    }

    /// The service of a kind.
    pub fn of(&self, kind: Kind) -> &dyn ReceiptCheck {
        match kind {
            Kind::Proverkacheka => &self.proverkacheka,
            Kind::Kkt => &self.kkt,
        }
    }
}

/// Where calls of an account go, without a slash behind.
fn base(account: &Account, usual: &Url) -> String {
    account.address.as_ref().unwrap_or(usual).as_str().trim_end_matches('/').to_owned()
}
