//! People who sign in to the console: by e-mail and password, by a link that is good once, with a second step if they
//! want one. A user is of the instance; what they may do is told by the companies in which they are staff.
//!
//! These verbs take no [`Actor`](crate::access::Actor): they are what makes one. Each takes what proves who asks: a
//! password, a token, or [`SignedIn`].

mod address;
mod entry;
mod joining;
mod letters;
mod links;
mod model;
mod own;
mod rules;
mod second;
mod secrets;
mod sessions;
mod store;

pub use address::{ADDRESS_HOURS, change_email, confirm_email};
pub use entry::{NewCompany, SignUp, SignUpPolicy, may_sign_up, sign_in, sign_up};
pub use joining::{join, join_as};
pub use letters::Letter;
pub use links::{SIGN_IN_MINUTES, by_link, forgotten, reset, sign_in_link};
pub use model::{Device, Entered, Opened, Session, SignedIn, User, Workplace};
pub use own::{Profile, change_password, end_others, end_session, list_sessions, own, switch, update};
pub use second::{Enrolment, begin, confirm, pass, switch_off};
pub use sessions::{ABSOLUTE_DAYS, IDLE_DAYS, authenticate, sign_out};

use crate::access::Seen;
use std::sync::Arc;

/// Browsers that were seen of late.
pub type Sessions = Seen<Arc<SignedIn>>;
