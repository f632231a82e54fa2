//! Everything that speaks a foreign API, a folder for each vendor. No database.
//!
//! A connector is a stateless translator between a vendor's API and the words of [`samovar_base::message`].
//! What a messenger can do is data ([`Limits`]), so that nobody has to ask which one it is: [`draw()`] turns a
//! [`Body`](samovar_base::message::Body) into parts that fit.

pub mod beacon;
pub mod client;
pub mod draw;
pub mod mail;
pub mod messenger;
pub mod receipt_check;
pub mod telegram;
pub mod webchat;

pub use client::client;
pub use draw::{Drawn, Keys, draw};
pub use messenger::{
    Accepted, AppButton, BadLaunch, BotIdentity, Buttons, Channel, Command, Delivery, FetchError, Fetched,
    Kind, Launch, Limits, List, Messenger, Outgoing, Pace, PhoneButton, PollError, Polled, Receive, Refused,
    Scope, SendError, Setup, Upload,
};
pub use reqwest::header::HeaderMap;
