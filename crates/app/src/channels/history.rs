//! What was said in a conversation of a channel whose messages a page of ours shows again.

use super::store::{SAID_BY_BOT, SAID_BY_PERSON};
use crate::app::App;
use crate::directory::ChannelInfo;
use crate::problem::Fail;
use samovar_base::message::Event;
use samovar_base::{Instant, OutboundId};
use samovar_connectors::Drawn;
use samovar_connectors::webchat::PageMessage;
use samovar_store::params;
use serde::Serialize;

/// One line of a conversation.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Line {
    /// The bot said it.
    Bot {
        /// When.
        at: Instant,
        /// What.
        message: PageMessage,
    },
    /// The person did it.
    Person {
        /// When.
        at: Instant,
        /// What.
        did: Event,
    },
}

impl Line {
    fn at(&self) -> Instant {
        match self {
            Self::Bot { at, .. } | Self::Person { at, .. } => *at,
        }
    }
}

/// The last `limit` lines from each side, oldest first.
pub async fn history(app: &App, channel: &ChannelInfo, chat: &str, limit: i64) -> Result<Vec<Line>, Fail> {
    let (id, chat) = (channel.id, chat.to_owned());
    // Keys of a visitor's posts are "<chat>/<post>": "0" is the letter after "/".
    let (from, to) = (format!("{chat}/"), format!("{chat}0"));
    let rows = app
        .store
        .read(channel.tenant.id, move |tx| {
            let (chat, from, to) = (chat.clone(), from.clone(), to.clone());
            async move {
                let bot = tx.all(&SAID_BY_BOT, params![id, chat, 0_i64, limit]).await?;
                let person = tx.all(&SAID_BY_PERSON, params![id, from, to, limit]).await?;
                Ok::<_, Fail>((bot, person))
            }
        })
        .await?;
    let mut lines = Vec::with_capacity(rows.0.len() + rows.1.len());
    // What was said in one unit has one moment: the sort is stable, the rows go in from the oldest, and a person's
    // words before the answer to them.
    for row in rows.1.iter().rev() {
        let at = row.instant(1)?;
        for incoming in channel.messenger.accept(row.bytes(0)?, at).events {
            lines.push(Line::Person { at, did: incoming.event });
        }
    }
    for row in rows.0.iter().rev() {
        let drawn: Drawn = row.json(2)?;
        let shown = match (row.opt_text(1)?, &drawn.replaces) {
            (Some(known), _) => known.to_owned(),
            (None, Some(replaced)) => replaced.clone(),
            (None, None) => row.id::<OutboundId>(0)?.to_string(),
        };
        lines.push(Line::Bot { at: row.instant(3)?, message: PageMessage::of(&shown, &drawn) });
    }
    lines.sort_by_key(Line::at);
    Ok(lines)
}
