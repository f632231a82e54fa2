//! Conversations of all channels in one place: whose they are, what was said, and what people of the company do there.
//!
//! What is said goes by the one flow ([`crate::pipeline`]), which keeps the row of a conversation up to date in the unit
//! in which it is said; the verbs here change whose it is, and enter the flow by its own door.

pub mod files;
mod list;
mod model;
mod presence;
mod replies;
mod store;
mod thread;

pub use crate::pipeline::waiting::Place;
pub use list::{Counts, FOUND_MAX, ListPlace, NotAListPlace, Tab, Wanted, counts, list, search};
pub use model::{By, Conversation, Preview, Shows, State};
pub(crate) use presence::WAKE_PRESENCE;
pub use presence::{Presence, Present, enter, present};
pub use replies::{Reply, Words, add_reply, change_reply, remove_reply, replies};
pub use thread::{Line, LinePlace, NotALinePlace, Shown, Way, What, lines};

use crate::access::{Actor, Right, Who, audit};
use crate::app::App;
use crate::media;
use crate::pipeline::desk::{ANSWER_MAX, fit_to_say, unless_paused, unreachable};
use crate::pipeline::waiting::{Kept, write};
use crate::pipeline::{self, Own, Recipient};
use crate::problem::{Fail, Kind, Problem};
use list::who;
use samovar_base::message::{Action, Button, FileKind, Media};
use samovar_base::{ContactId, FileId, Instant, LineId, StaffId};
use samovar_store::{Tx, params};
use serde_json::json;
use std::sync::Arc;

/// Files of one answer.
pub const FILES_MAX: usize = 10;
/// Buttons of one answer, and letters on each.
pub const BUTTONS_MAX: usize = 8;
const LABEL_MAX: usize = 40;
/// The farthest moment to which a conversation is put off.
const SNOOZE_DAYS: i64 = 366;

/// What somebody of the company says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// The words; may be empty when there are files.
    pub text: String,
    /// Files that were kept by [`files::keep`].
    pub files: Vec<FileId>,
    /// Buttons, one in a row: the label, and the address that one opens. Others come back as what they say.
    pub buttons: Vec<(String, Option<String>)>,
}

/// Somebody of the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Id.
    pub id: StaffId,
    /// As colleagues call them.
    pub name: String,
    /// May work.
    pub active: bool,
}

/// One conversation.
pub async fn get(app: &App, actor: &Actor, place: Place) -> Result<Conversation, Fail> {
    actor.require(Right::ConversationsRead)?;
    seen(actor, place)?;
    app.store
        .read(actor.tenant, move |tx| async move {
            find(&tx, place).await?.ok_or_else(|| not_found(place).into())
        })
        .await
}

/// The conversations of one contact, by all channels; that in which something was said last first.
pub async fn of_contact(app: &App, actor: &Actor, contact: ContactId) -> Result<Vec<Conversation>, Fail> {
    actor.require(Right::ConversationsRead)?;
    app.store
        .read(actor.tenant, move |tx| async move {
            let rows = tx.all(&store::OF_CONTACT, params![contact]).await?;
            Ok::<Vec<Conversation>, Fail>(rows.iter().map(Conversation::from_row).collect::<Result<_, _>>()?)
        })
        .await
        .map(|all| all.into_iter().filter(|one| actor.sees(one.place.channel)).collect())
}

/// Everybody of the company, by name: who may be given a conversation, and whose lines they are.
pub async fn people(app: &App, actor: &Actor) -> Result<Vec<Person>, Fail> {
    actor.require(Right::ConversationsRead)?;
    app.store
        .read(actor.tenant, move |tx| async move {
            let mut all = Vec::new();
            for row in tx.all(&store::PEOPLE, ()).await? {
                let active = row.opt_instant(3)?.is_none();
                all.push(Person { id: row.id(0)?, name: row.text(1)?.to_owned(), active });
            }
            Ok(all)
        })
        .await
}

/// Gives a conversation to one of the team, or frees it, if it is still as the asker saw it. The bot is silent from now
/// on.
pub async fn assign(
    app: &App,
    actor: &Actor,
    place: Place,
    to: Option<StaffId>,
    revision: i64,
) -> Result<Conversation, Fail> {
    actor.require(Right::ConversationsWrite)?;
    unit(app, actor, place, move |job| async move {
        let before = job.found().await?;
        let changed = match to {
            Some(staff) => {
                job.staff(staff).await?;
                job.tx.exec(&store::ASSIGN, params![place.contact, place.channel, staff, revision]).await?
            }
            None => job.tx.exec(&store::RELEASE, params![place.contact, place.channel, revision]).await?,
        };
        if changed == 0 {
            return Err(job.somebody_was_faster(&before).await?.into());
        }
        let silent = matches!(before.state, State::Free | State::Taken);
        if let (Some(staff), false) = (to, silent) {
            let cause = crate::visit::Cause::new("staff", staff.to_string());
            let own = Own::Taken {
                contact: place.contact,
                text: String::new(),
                media: vec![],
                buttons: vec![],
                cause,
            };
            job.enter(None, own).await?;
        }
        match to {
            Some(staff) if who(&job.actor) == Some(staff) => job.done("taken"),
            Some(staff) => job.done(&format!("assigned {staff}")),
            None => job.done("released"),
        }
        job.note("conversation.assign", &json!({ "to": to }));
        job.found().await
    })
    .await
}

/// Says something to the contact. Whoever of the team answers has the conversation from now on; one that somebody else
/// has must be taken first. With the same `once` it is said once.
pub async fn answer(
    app: &App,
    actor: &Actor,
    place: Place,
    said: Answer,
    once: Option<String>,
) -> Result<(), Fail> {
    actor.require(Right::ConversationsWrite)?;
    let said = checked(app, actor, said).await?;
    unit(app, actor, place, move |job| {
        let (said, once) = (said.clone(), once.clone());
        async move {
            if let (Some(me), Some(found)) = (who(&job.actor), find(&job.tx, place).await?) {
                let taken = found.state == State::Taken && found.assignee.is_some();
                if taken && found.assignee != Some(me) {
                    return Err(job.somebody_was_faster(&found).await?.into());
                }
                if !taken {
                    let values = params![place.contact, place.channel, me, found.revision];
                    if job.tx.exec(&store::ASSIGN, values).await? == 0 {
                        return Err(job.somebody_was_faster(&found).await?.into());
                    }
                }
            }
            let (text, media, buttons) = said;
            let mut cause = job.actor.cause();
            cause.once.clone_from(&once);
            let own = Own::Taken { contact: place.contact, text, media, buttons, cause };
            job.enter(once, own).await?;
            job.note("conversation.answer", &json!({ "channel_id": place.channel }));
            Ok(())
        }
    })
    .await
}

/// Says something among the team.
pub async fn note(app: &App, actor: &Actor, place: Place, text: String) -> Result<LineId, Fail> {
    actor.require(Right::ConversationsWrite)?;
    let text = fit_to_say(text)?;
    unit(app, actor, place, move |job| {
        let text = text.clone();
        async move {
            job.found().await?;
            let author = job.actor.who.to_string();
            let id = write(&job.app, &job.tx, place, &author, &text, Kept::Note, job.now);
            job.note("conversation.note", &json!({}));
            Ok(LineId(id.unwrap_or_default()))
        }
    })
    .await
}

/// The team has read what the contact said; or has not, as far as they want to see it.
pub async fn read(app: &App, actor: &Actor, place: Place, unread: bool) -> Result<(), Fail> {
    actor.require(Right::ConversationsRead)?;
    let changed = unit(app, actor, place, move |job| async move {
        job.found().await?;
        let values = params![place.contact, place.channel, i64::from(unread)];
        Ok(job.tx.exec(&store::READ, values).await? > 0)
    });
    if changed.await? {
        app.changed(actor.tenant, crate::live::Noun::Conversations, place.contact);
    }
    Ok(())
}

/// Is done with a conversation: it is nobody's, and the bot hears again. When the contact writes, it is open again.
pub async fn close(app: &App, actor: &Actor, place: Place) -> Result<Conversation, Fail> {
    actor.require(Right::ConversationsWrite)?;
    unit(app, actor, place, move |job| async move {
        job.found().await?;
        if job.tx.exec(&store::CLOSE, params![place.contact, place.channel]).await? > 0 {
            if job.to().await?.is_some() {
                job.enter(None, Own::Closed { contact: place.contact }).await?;
            }
            job.done("closed");
            job.note("conversation.close", &json!({}));
        }
        job.found().await
    })
    .await
}

/// Puts a conversation off: it leaves the list until then, or until the contact writes.
pub async fn snooze(
    app: &App,
    actor: &Actor,
    place: Place,
    until: Option<Instant>,
) -> Result<Conversation, Fail> {
    actor.require(Right::ConversationsWrite)?;
    let now = app.clock.now();
    let fits = |until: Instant| until > now && until < now.plus_seconds(SNOOZE_DAYS * 86_400);
    if until.is_some_and(|until| !fits(until)) {
        let ru = "Отложить можно на время в будущем, не дальше года";
        return Err(Problem::invalid(
            "until",
            "bad_moment",
            ru,
            "Put it off to a moment ahead, within a year",
        )
        .into());
    }
    unit(app, actor, place, move |job| async move {
        let before = job.found().await?;
        let changed = job.tx.exec(&store::SNOOZE, params![place.contact, place.channel, until]).await?;
        if changed == 0 {
            let ru = "Отложить можно диалог, который ждёт ответа или который вы ведёте";
            let en = "Only a conversation that waits for an answer or is somebody's can be put off";
            return Err(Problem::refused("not_to_snooze", ru, en).into());
        }
        if until != before.snoozed_until {
            job.note("conversation.snooze", &json!({ "until": until }));
        }
        job.found().await
    })
    .await
}

/// Lets the bot go on: after the step that called a person, or with the question that stood open.
pub async fn give_back(app: &App, actor: &Actor, place: Place) -> Result<(), Fail> {
    actor.require(Right::ConversationsWrite)?;
    unit(app, actor, place, move |job| async move {
        job.enter(None, Own::GivenBack { contact: place.contact }).await?;
        job.done("given_back");
        job.note("conversation.give_back", &json!({ "channel_id": place.channel }));
        Ok(())
    })
    .await
}

/// Lets a scenario of the channel begin with the contact.
pub async fn begin(app: &App, actor: &Actor, place: Place, scenario: String) -> Result<(), Fail> {
    actor.require(Right::ConversationsWrite)?;
    let channel = app.directory.channel(place.channel).filter(|found| found.tenant.id == actor.tenant);
    let runs =
        channel.is_some_and(|channel| channel.scenarios.iter().any(|one| one.scenario.key() == scenario));
    if !runs {
        let known =
            Problem::not_found("сценарий этого канала", "scenario of this channel", scenario.escape_debug());
        return Err(known.into());
    }
    unit(app, actor, place, move |job| {
        let scenario = scenario.clone();
        async move {
            job.done(&format!("begun {scenario}"));
            job.note("conversation.begin", &json!({ "scenario": scenario }));
            job.enter(None, Own::Begun { contact: place.contact, scenario }).await
        }
    })
    .await
}

/// Inside a unit: one conversation.
pub(crate) async fn find(tx: &Tx, place: Place) -> Result<Option<Conversation>, Fail> {
    let row = tx.one(&store::ONE, params![place.contact, place.channel]).await?;
    Ok(row.map(|row| Conversation::from_row(&row)).transpose()?)
}

/// What came by a channel that the actor does not see is not there for them.
fn seen(actor: &Actor, place: Place) -> Result<(), Problem> {
    if actor.sees(place.channel) { Ok(()) } else { Err(not_found(place)) }
}

fn not_found(place: Place) -> Problem {
    Problem::not_found("диалог с клиентом", "conversation with the contact", place.contact)
}

/// Something done with a conversation, inside its unit.
struct Doing {
    app: App,
    actor: Actor,
    tx: Tx,
    place: Place,
    now: Instant,
}

async fn unit<T, F, Fut>(app: &App, actor: &Actor, place: Place, act: F) -> Result<T, Fail>
where
    T: Send + 'static,
    F: Fn(Arc<Doing>) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = Result<T, Fail>> + Send + 'static,
{
    seen(actor, place)?;
    let (services, unit_actor, now) = (app.clone(), actor.clone(), app.clock.now());
    app.store
        .run(actor.tenant, crate::contacts::unit_key(place.contact), move |tx| {
            act(Arc::new(Doing { app: services.clone(), actor: unit_actor.clone(), tx, place, now }))
        })
        .await
}

impl Doing {
    async fn found(&self) -> Result<Conversation, Fail> {
        Ok(find(&self.tx, self.place).await?.ok_or_else(|| not_found(self.place))?)
    }

    /// Where the contact is written to by this channel.
    async fn to(&self) -> Result<Option<Recipient>, Fail> {
        let all = pipeline::recipients(&self.app, &self.tx, self.place.contact).await?;
        Ok(all.into_iter().find(|to| to.channel.id == self.place.channel))
    }

    /// Enters the flow.
    async fn enter(&self, once: Option<String>, own: Own) -> Result<(), Fail> {
        let to = self.to().await?.ok_or_else(unreachable)?;
        unless_paused(&to)?;
        let once = match once {
            Some(once) => format!("operator:{}:{once}", self.actor.who),
            None => format!("operator:{}", self.app.ids.next(self.app.clock.as_ref())),
        };
        pipeline::enter_in(&self.tx, to.channel.id, &to.chat, once.into(), &own, self.now).await.map(drop)
    }

    /// Stands among the lines as what was done.
    fn done(&self, what: &str) {
        let author = self.actor.who.to_string();
        write(&self.app, &self.tx, self.place, &author, what, Kept::Done, self.now);
    }

    fn note(&self, action: &str, data: &serde_json::Value) {
        audit(&self.tx, &self.app, &self.actor, action, self.place.contact, data);
    }

    async fn staff(&self, id: StaffId) -> Result<String, Fail> {
        let unknown = || Problem::not_found("сотрудник", "staff member", id).at("staff_id");
        for row in self.tx.all(&store::PEOPLE, ()).await? {
            if row.id::<StaffId>(0)? == id && row.opt_instant(3)?.is_none() {
                return Ok(row.text(1)?.to_owned());
            }
        }
        Err(unknown().into())
    }

    async fn somebody_was_faster(&self, seen: &Conversation) -> Result<Problem, Fail> {
        let now = find(&self.tx, self.place).await?;
        let now = now.as_ref().unwrap_or(seen);
        let name = match now.assignee.filter(|id| Who::Staff(*id) != self.actor.who) {
            Some(id) => self.staff(id).await.ok(),
            None => None,
        };
        let (ru, en) = match name {
            Some(name) => (
                format!("Диалог уже ведёт {name}. Возьмите его себе, если нужно ответить вам"),
                format!("{name} has this conversation. Take it if it is you who should answer"),
            ),
            None => (
                "Пока вы смотрели, диалог изменился. Посмотрите, чей он теперь, и повторите".to_owned(),
                "The conversation changed meanwhile. See whose it is now and try again".to_owned(),
            ),
        };
        Ok(Problem::new(Kind::Conflict, "conversation_changed", ru, en))
    }
}

/// What is said, fit to be sent.
async fn checked(
    app: &App,
    actor: &Actor,
    said: Answer,
) -> Result<(String, Vec<Media>, Vec<Vec<Button>>), Fail> {
    let Answer { text, files, buttons } = said;
    let text = if files.is_empty() { fit_to_say(text)? } else { text.trim().to_owned() };
    if text.chars().count() > ANSWER_MAX || files.len() > FILES_MAX {
        let ru = format!("В ответе не больше {ANSWER_MAX} знаков и {FILES_MAX} файлов");
        let en = format!("An answer has up to {ANSWER_MAX} characters and {FILES_MAX} files");
        return Err(Problem::invalid("text", "too_much", ru, en).into());
    }
    let mut media = Vec::with_capacity(files.len());
    for id in files {
        let content = media::small(app, actor.tenant, id).await?;
        let shown = content.media_type.starts_with("image/");
        let kind = if shown { FileKind::Photo } else { FileKind::Document };
        media.push(Media { kind, key: format!("file/{id}") });
    }
    let wrong = |(label, url): &(String, Option<String>)| {
        let label_fits = (1..=LABEL_MAX).contains(&label.trim().chars().count());
        let url_fits =
            url.as_ref().is_none_or(|url| url.starts_with("https://") && url::Url::parse(url).is_ok());
        !(label_fits && url_fits)
    };
    if buttons.len() > BUTTONS_MAX || buttons.iter().any(wrong) {
        let ru = format!(
            "Кнопок не больше {BUTTONS_MAX}, подпись до {LABEL_MAX} знаков, ссылка начинается с https://"
        );
        let en = format!(
            "Up to {BUTTONS_MAX} buttons, labels up to {LABEL_MAX} characters, links begin with https://"
        );
        return Err(Problem::invalid("buttons", "bad_buttons", ru, en).into());
    }
    let mark = app.ids.next(app.clock.as_ref());
    let rows = buttons.into_iter().enumerate().map(|(number, (label, url))| {
        let said = || Action::Press(format!("said-{}-{number}", samovar_base::id::encode(mark)));
        vec![Button { label: label.trim().to_owned(), action: url.map_or_else(said, Action::Open) }]
    });
    Ok((text, media, rows.collect()))
}
