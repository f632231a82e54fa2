//! Answers that are ready to be said: everybody's, and one's own.

use super::list::who;
use super::store;
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::problem::{Fail, Kind, Problem};
use crate::tenants::changed_meanwhile;
use samovar_base::{ReplyId, StaffId};
use samovar_store::{Row, StoreError, Tx, params};
use serde_json::json;

const NAME_MAX: usize = 40;
const TEXT_MAX: usize = 4_096;

/// An answer that is ready to be said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Id.
    pub id: ReplyId,
    /// Whose own; everybody's when there is none.
    pub staff: Option<StaffId>,
    /// What is typed after the slash.
    pub name: String,
    /// The words; `{name}` stands for the contact's first name.
    pub text: String,
    /// Grows with every change.
    pub revision: i64,
}

/// What an answer is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// What is typed after the slash, up to 40 characters.
    pub name: String,
    /// The words, up to 4096 characters.
    pub text: String,
    /// Only for the one who makes it.
    pub own: bool,
}

/// Everybody's and the actor's own, by name.
pub async fn replies(app: &App, actor: &Actor) -> Result<Vec<Reply>, Fail> {
    actor.require(Right::ConversationsRead)?;
    let me = who(actor).unwrap_or(StaffId(0));
    app.store
        .read(actor.tenant, move |tx| async move {
            let rows = tx.all(&store::REPLIES, params![me]).await?;
            Ok(rows.iter().map(Reply::from_row).collect::<Result<_, _>>()?)
        })
        .await
}

/// Makes one. Everybody's are made by those who change settings; one's own by everybody who answers.
pub async fn add_reply(app: &App, actor: &Actor, words: Words) -> Result<Reply, Fail> {
    actor.require(Right::ConversationsWrite)?;
    let staff = owner(actor, words.own)?;
    let (name, text) = checked(words)?;
    let id = ReplyId::new(&app.ids, app.clock.as_ref());
    let reply = Reply { id, staff, name, text, revision: 1 };
    let now = app.clock.now();
    let (services, actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, id.0.cast_unsigned(), move |tx| {
            let one = reply.clone();
            tx.put(&store::REPLY_NEW, params![one.id, one.staff, one.name, one.text, 1_i64, now]);
            audit(
                &tx,
                &services,
                &actor,
                "conversation.reply_add",
                one.id,
                &json!({ "own": one.staff.is_some() }),
            );
            std::future::ready(Ok(one))
        })
        .await
}

/// Changes one, if it still has that revision.
pub async fn change_reply(
    app: &App,
    actor: &Actor,
    id: ReplyId,
    revision: i64,
    words: Words,
) -> Result<Reply, Fail> {
    actor.require(Right::ConversationsWrite)?;
    let staff = owner(actor, words.own)?;
    let (name, text) = checked(words)?;
    let (services, actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, id.0.cast_unsigned(), move |tx| {
            let (app, actor, name, text) = (services.clone(), actor.clone(), name.clone(), text.clone());
            async move {
                let before = load(&tx, &actor, id).await?;
                if before.revision != revision {
                    return Err(changed_meanwhile(before.revision).into());
                }
                let after = Reply { id, staff, name, text, revision: revision + 1 };
                let row = params![id, revision, after.staff, after.name, after.text, after.revision];
                tx.put(&store::REPLY_SAVE, row);
                audit(&tx, &app, &actor, "conversation.reply_change", id, &json!({}));
                Ok(after)
            }
        })
        .await
}

/// Removes one.
pub async fn remove_reply(app: &App, actor: &Actor, id: ReplyId) -> Result<(), Fail> {
    actor.require(Right::ConversationsWrite)?;
    let (services, actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, id.0.cast_unsigned(), move |tx| {
            let (app, actor) = (services.clone(), actor.clone());
            async move {
                load(&tx, &actor, id).await?;
                tx.put(&store::REPLY_GONE, params![id]);
                audit(&tx, &app, &actor, "conversation.reply_remove", id, &json!({}));
                Ok(())
            }
        })
        .await
}

fn owner(actor: &Actor, own: bool) -> Result<Option<StaffId>, Fail> {
    if !own {
        actor.require(Right::SettingsManage)?;
        return Ok(None);
    }
    let me = who(actor).ok_or_else(|| {
        let ru = "Свои ответы есть только у сотрудников: сделайте ответ общим";
        Problem::new(
            Kind::Invalid,
            "not_staff",
            ru,
            "Only people have answers of their own: make it everybody's",
        )
    })?;
    Ok(Some(me))
}

fn checked(words: Words) -> Result<(String, String), Problem> {
    let (name, text) = (words.name.trim().to_owned(), words.text.trim().to_owned());
    if name.is_empty() || name.chars().count() > NAME_MAX || name.contains(char::is_control) {
        let ru = format!("Название — от 1 до {NAME_MAX} знаков");
        return Err(Problem::invalid(
            "name",
            "bad_name",
            ru,
            format!("A name has from 1 to {NAME_MAX} characters"),
        ));
    }
    if text.is_empty() || text.chars().count() > TEXT_MAX || text.contains('\0') {
        let ru = format!("В ответе должно быть от 1 до {TEXT_MAX} знаков");
        return Err(Problem::invalid(
            "text",
            "bad_text",
            ru,
            format!("An answer has from 1 to {TEXT_MAX} characters"),
        ));
    }
    Ok((name, text))
}

/// Another's own is as if it were not there; everybody's may be changed by those who change settings.
async fn load(tx: &Tx, actor: &Actor, id: ReplyId) -> Result<Reply, Fail> {
    let unknown = || Problem::not_found("готовый ответ", "ready answer", id);
    let row = tx.one(&store::REPLY, params![id]).await?.ok_or_else(unknown)?;
    let reply = Reply::from_row(&row)?;
    match reply.staff {
        None => actor.require(Right::SettingsManage)?,
        Some(staff) if who(actor) == Some(staff) => {}
        Some(_) => return Err(unknown().into()),
    }
    Ok(reply)
}

impl Reply {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id(0)?,
            staff: row.opt_id(1)?,
            name: row.text(2)?.to_owned(),
            text: row.text(3)?.to_owned(),
            revision: row.int(4)?,
        })
    }
}
