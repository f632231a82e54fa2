//! Pictures of receipts: put down in the unit in which they came, fetched and read outside of any unit, a few at a
//! time; what stands in them is taken as if it had been typed when they arrived.

use super::model::Source;
use super::receive::{self, Arrival, Taken};
use super::{say, store};
use crate::app::App;
use crate::directory::ChannelInfo;
use crate::media;
use crate::pipeline::{self, Class, NewOutbound, Policy, Recipient, bucket};
use crate::problem::Fail;
use crate::promo::{Promotion, Reason};
use crate::scan;
use crate::visit::{Cause, Visit};
use crate::work::{After, Job, JobError, Retry, enqueue};
use futures::future::BoxFuture;
use samovar_base::message::{Body, FileKind, FileRef};
use samovar_base::{ChannelId, ContactId, FileId, Instant, PromotionId, ReceiptId, TenantId};
use samovar_connectors::FetchError;
use samovar_fiscal::{Code, read};
use samovar_store::{Row, StoreError, Tx, params, query, table_write};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// Pictures that are looked at on this node at once.
const AT_ONCE: usize = 2;
/// A picture in the hands of a node that says nothing counts as lost after so long.
const LEASE_MS: i64 = 120_000;
/// A picture that the messenger does not give is asked for again after so long,
const AGAIN_MS: i64 = 10_000;
/// so many times.
const TRIES_MAX: i64 = 30;
/// Unreadable pictures after which other ways are offered.
const AGAIN: i64 = 2;
/// Pictures that are forgotten at once.
const FORGET_MAX: u32 = 200;
/// How often it is looked for pictures that are kept no longer.
const FORGET_EVERY_MS: i64 = 3_600_000;

const STATE_READ: i64 = 2;
const STATE_UNREADABLE: i64 = 3;
const STATE_LOST: i64 = 4;

query! {
    static DUE = "SELECT id, contact_id, channel_id, cause, chat, arrived_at, file, tries, revision FROM receipts_picture \
        WHERE tenant_id = $1 AND promotion_id = $2 AND state < 2 AND look_at <= $3 ORDER BY look_at, id LIMIT 1";
    static FAILED_SINCE = "SELECT COUNT(*) FROM receipts_picture \
        WHERE tenant_id = $1 AND promotion_id = $2 AND contact_id = $3 AND state = 3 AND arrived_at > \
        COALESCE((SELECT MAX(r.arrived_at) FROM receipts_picture r \
            WHERE r.tenant_id = $1 AND r.promotion_id = $2 AND r.contact_id = $3 AND r.state = 2), 0)";
    static OLD = "SELECT s.promotion_id, s.id, s.kept, s.revision FROM promo_promotion p \
        JOIN receipts_picture s ON s.tenant_id = p.tenant_id AND s.promotion_id = p.id \
            AND s.kept <> '' AND s.state >= 2 AND s.look_at <= $2 \
        WHERE p.tenant_id = $1 LIMIT $3";
    static AS_TAKEN = "SELECT id FROM receipts_picture \
        WHERE tenant_id = $1 AND promotion_id = $2 AND id = $3 AND revision = $4";
    static FILE_GONE = "DELETE FROM file WHERE tenant_id = $1 AND id = $2";
}
table_write! {
    static PICTURE_NEW = insert receipts_picture key(promotion_id int, id int) set(
        contact_id int, channel_id int, cause text, chat text, arrived_at int, file text, kept text, hash text,
        state int, codes int, tries int, look_at int, revision int);
    static PICTURE_CLAIM = update receipts_picture key(promotion_id int, id int) guard(revision int)
        set(revision int, state int, tries int, look_at int);
    static PICTURE_SEEN = update receipts_picture key(promotion_id int, id int) guard(revision int)
        set(revision int, state int, kept text, hash text, codes int, look_at int);
    static PICTURE_FORGOTTEN = update receipts_picture key(promotion_id int, id int) guard(revision int)
        set(revision int, kept text);
}

/// A picture that waits to be looked at.
#[derive(Debug, Clone)]
struct Picture {
    promotion: PromotionId,
    id: ReceiptId,
    contact: ContactId,
    channel: ChannelId,
    cause: String,
    chat: String,
    arrived_at: Instant,
    file: FileRef,
    tries: i64,
    revision: i64,
}

/// Whether a code may be found in a file: pictures, also those sent as files.
pub(super) fn may_be_picture(file: &FileRef) -> bool {
    let of_type =
        |kind: &str| file.media_type.as_deref().is_some_and(|media_type| media_type.starts_with(kind));
    let unknown = file.media_type.is_none() || of_type("application/octet-stream");
    let heic = of_type("image/heic") || of_type("image/heif");
    file.kind == FileKind::Photo
        || of_type("image/") && !heic
        || unknown && file.kind == FileKind::Document && named_as_picture(file)
}

fn named_as_picture(file: &FileRef) -> bool {
    let name = file.name.as_deref().unwrap_or_default().to_lowercase();
    [".jpg", ".jpeg", ".png", ".webp"].iter().any(|ending| name.ends_with(ending))
}

/// The file of a kept picture.
pub(super) fn file_of(kept: &str) -> Option<FileId> {
    kept.strip_prefix("file/")?.parse().ok()
}

/// What to do instead of sending such a file.
pub(super) fn not_a_picture(locale: &str) -> &'static str {
    if locale.starts_with("ru") {
        "Такой файл не прочитать. Пришлите снимок QR-кода как фото или как файл JPG или PNG."
    } else {
        "Such a file cannot be read. Send a picture of the QR code as a photo, or as a JPG or PNG file."
    }
}

/// Inside the visit in which it came.
pub(super) async fn put_down(visit: &mut Visit, promotion: &Promotion, file: &FileRef) -> Result<(), Fail> {
    let id = ReceiptId::new(&visit.app.ids, visit.app.clock.as_ref());
    visit.tx.put(
        &PICTURE_NEW,
        params![
            promotion.id,
            id,
            visit.contact.id,
            visit.channel.id,
            visit.cause.to_json(),
            visit.chat.as_str(),
            visit.arrived_at,
            serde_json::to_string(file).unwrap_or_default(),
            "",
            "",
            0_i64,
            0_i64,
            0_i64,
            visit.arrived_at,
            1_i64
        ],
    );
    // One such job for a company, however often it is asked for.
    enqueue(&visit.app, &visit.tx, &Forget {}, visit.now.plus_millis(FORGET_EVERY_MS), Some("")).await?;
    Ok(())
}

/// Takes due pictures of a promotion into hand and looks at them, as far as there is room; how many.
pub(super) async fn begin(app: &App, tenant: TenantId, promotion: PromotionId) -> Result<usize, Fail> {
    let mut begun = 0;
    while app.checks.begin_look(AT_ONCE) {
        match claim(app, tenant, promotion).await {
            Ok(Some(picture)) => {
                begun += 1;
                let app = app.clone();
                tokio::spawn(async move {
                    if let Err(error) = look_at(&app, tenant, &picture).await {
                        tracing::warn!(%error, "a picture of a receipt could not be looked at; it is due again later");
                    }
                    app.checks.end_look();
                });
            }
            other => {
                app.checks.end_look();
                return other.map(|_| begun);
            }
        }
    }
    Ok(begun)
}

async fn claim(app: &App, tenant: TenantId, promotion: PromotionId) -> Result<Option<Picture>, Fail> {
    let now = app.clock.now();
    app.store
        .run(tenant, super::settle::unit_key(promotion), move |tx| async move {
            let Some(row) = tx.one(&DUE, params![promotion, now]).await? else { return Ok::<_, Fail>(None) };
            let mut picture = from_row(&row, promotion)?;
            let (read, until) = (picture.revision, now.plus_millis(LEASE_MS));
            picture.revision += 1;
            picture.tries += 1;
            tx.put(
                &PICTURE_CLAIM,
                params![promotion, picture.id, read, picture.revision, 1_i64, picture.tries, until],
            );
            Ok(Some(picture))
        })
        .await
}

fn from_row(row: &Row, promotion: PromotionId) -> Result<Picture, StoreError> {
    Ok(Picture {
        promotion,
        id: row.id(0)?,
        contact: row.id(1)?,
        channel: row.id(2)?,
        cause: row.text(3)?.to_owned(),
        chat: row.text(4)?.to_owned(),
        arrived_at: row.instant(5)?,
        file: row.json(6)?,
        tries: row.int(7)?,
        revision: row.int(8)?,
    })
}

/// What was found in a picture.
enum Seen {
    /// The file as it is kept, its fingerprint, and the texts of its codes.
    Codes { kept: String, hash: String, texts: Vec<String> },
    /// The messenger does not give it.
    Lost,
}

async fn look_at(app: &App, tenant: TenantId, picture: &Picture) -> Result<(), Fail> {
    let Some(channel) = app.directory.channel(picture.channel) else {
        return finish(app, tenant, picture, None, Seen::Lost).await;
    };
    let bytes_max = scan::BYTES_MAX.min(channel.messenger.limits().fetch_bytes_max);
    let seen = match channel.messenger.fetch(&channel.link, &picture.file, bytes_max).await {
        Ok(fetched) => {
            let hash = samovar_base::vault::fingerprint(&fetched.bytes);
            let texts = pipeline::read::codes(fetched.bytes.clone()).await.unwrap_or_default();
            let (_, media_type) = media::kind_of(&fetched.bytes);
            let content = media::Content {
                bytes: fetched.bytes,
                name: "receipt".into(),
                media_type: media_type.into(),
            };
            let kept = media::keep(app, tenant, Some(picture.contact), content).await?;
            Seen::Codes { kept: format!("file/{kept}"), hash, texts }
        }
        Err(error @ FetchError::Later(_)) if picture.tries < TRIES_MAX => {
            tracing::debug!(%error, "a picture of a receipt is asked for again");
            return put_back(app, tenant, picture).await;
        }
        Err(error) => {
            tracing::debug!(channel = %picture.channel, %error, "a picture of a receipt could not be fetched");
            Seen::Lost
        }
    };
    finish(app, tenant, picture, Some(channel), seen).await
}

async fn put_back(app: &App, tenant: TenantId, picture: &Picture) -> Result<(), Fail> {
    let (picture, until) = (picture.clone(), app.clock.now().plus_millis(AGAIN_MS));
    app.store
        .run(tenant, super::settle::unit_key(picture.promotion), move |tx| {
            let (read, next) = (picture.revision, picture.revision + 1);
            tx.put(
                &PICTURE_CLAIM,
                params![picture.promotion, picture.id, read, next, 0_i64, picture.tries, until],
            );
            std::future::ready(Ok::<_, Fail>(()))
        })
        .await
}

/// In the unit of the conversation, as if it had been said there.
async fn finish(
    app: &App,
    tenant: TenantId,
    picture: &Picture,
    channel: Option<Arc<ChannelInfo>>,
    seen: Seen,
) -> Result<(), Fail> {
    let now = app.clock.now();
    let key = bucket::conversation(picture.channel, &picture.chat);
    let (services, picture, seen) = (app.clone(), picture.clone(), Arc::new(seen));
    let id = picture.promotion;
    let ready = app
        .store
        .run(tenant, key, move |tx| {
            let (app, picture, channel, seen) =
                (services.clone(), picture.clone(), channel.clone(), Arc::clone(&seen));
            async move { unit(&app, &tx, &picture, channel, &seen, now).await }
        })
        .await?;
    app.checks.moved(id, -1);
    app.pipeline.send(app, ready);
    app.checks.hurry();
    Ok(())
}

async fn unit(
    app: &App,
    tx: &Tx,
    picture: &Picture,
    channel: Option<Arc<ChannelInfo>>,
    seen: &Seen,
    now: Instant,
) -> Result<Vec<pipeline::Ready>, Fail> {
    let promotion = crate::promo::held(app, tx, picture.promotion).await?;
    let given = params![picture.promotion, picture.id, picture.revision];
    let (Some(promotion), Some(_)) = (promotion, tx.one(&AS_TAKEN, given).await?) else {
        // Somebody else looked at it meanwhile, or it went with the trial of its promotion.
        if let Seen::Codes { kept, .. } = seen
            && let Some(file) = file_of(kept)
        {
            tx.exec(&FILE_GONE, params![file]).await?;
        }
        return Ok(Vec::new());
    };
    let zone = app.directory.tenant(tx.tenant()).map_or(jiff::tz::TimeZone::UTC, |tenant| tenant.time_zone());
    let locale =
        crate::contacts::load(tx, picture.contact).await?.map_or_else(|| "ru".into(), |known| known.locale);
    let (state, text, codes) = match seen {
        Seen::Lost => (STATE_LOST, lost(&locale).to_owned(), 0),
        Seen::Codes { kept, texts, .. } => {
            let (found, others) = sorted(texts);
            match (found.is_empty(), others) {
                (false, _) => {
                    let taken = take_all(app, tx, &promotion, picture, kept, &found, &zone, now).await?;
                    let text = say::taken(&promotion, &taken, picture.arrived_at, &locale, &zone);
                    (STATE_READ, text, found.len())
                }
                (true, Some(other)) => {
                    let said = say::taken(&promotion, &[other], picture.arrived_at, &locale, &zone);
                    (STATE_UNREADABLE, said, 0)
                }
                (true, None) => {
                    let said = say::reason(&promotion, Reason::Unreadable, "", &locale, &zone);
                    (STATE_UNREADABLE, said, 0)
                }
            }
        }
    };
    if state == STATE_UNREADABLE {
        unreadable(app, tx, &promotion, picture).await?;
    }
    let (kept, hash) = match seen {
        Seen::Codes { kept, hash, .. } => (kept.as_str(), hash.as_str()),
        Seen::Lost => ("", ""),
    };
    let forgotten = now.plus_seconds(promotion.terms.keep_pictures_days.max(1).saturating_mul(86_400));
    let codes = i64::try_from(codes).unwrap_or_default();
    let (read, next) = (picture.revision, picture.revision + 1);
    tx.put(
        &PICTURE_SEEN,
        params![picture.promotion, picture.id, read, next, state, kept, hash, codes, forgotten],
    );
    let Some(channel) = channel else { return Ok(Vec::new()) };
    let to = Recipient { channel, chat: picture.chat.as_str().into(), contact: picture.contact };
    let cause = serde_json::from_str(&picture.cause)
        .unwrap_or_else(|_| Cause::new("picture", picture.id.to_string()));
    let message = NewOutbound { body: Body::text(text), class: Class::Answer, policy: Policy::Repeat, cause };
    Ok(pipeline::write(app, tx, &to, vec![message], now))
}

/// The receipts among the codes of a picture, each once; and what else there is when there are none.
fn sorted(texts: &[String]) -> (Vec<Code>, Option<Taken>) {
    let (mut found, mut other): (Vec<Code>, _) = (Vec::new(), None);
    for text in texts {
        match read(text) {
            Ok(code) if found.iter().all(|known| known.key != code.key) => found.push(code),
            Ok(_) => {}
            Err(not) => other = Some(Taken::NotACode(not)),
        }
    }
    (found, other)
}

#[allow(clippy::too_many_arguments, reason = "all of it is what one picture brings")]
async fn take_all(
    app: &App,
    tx: &Tx,
    promotion: &Promotion,
    picture: &Picture,
    kept: &str,
    found: &[Code],
    zone: &jiff::tz::TimeZone,
    now: Instant,
) -> Result<Vec<Taken>, Fail> {
    let day = now.in_zone(zone).start_of_day().map_or(now, |day| Instant::from(day.timestamp()));
    let standing = store::standing(tx, &promotion.key, picture.contact, day).await?;
    let Some(mut standing) = standing else { return Ok(Vec::new()) };
    let source = if picture.file.kind == FileKind::Photo { Source::Picture } else { Source::File };
    let arrival = Arrival {
        contact: picture.contact,
        channel: picture.channel,
        cause: picture.cause.clone(),
        at: picture.arrived_at,
        source,
        picture: kept.to_owned(),
    };
    let mut taken = Vec::with_capacity(found.len());
    for code in found {
        taken.push(receive::take(app, tx, promotion, &mut standing, &arrival, code).await?);
    }
    Ok(taken)
}

/// Scenarios that offer another way hear of it.
async fn unreadable(app: &App, tx: &Tx, promotion: &Promotion, picture: &Picture) -> Result<(), Fail> {
    let failed = tx.one(&FAILED_SINCE, params![picture.promotion, picture.contact]).await?;
    let failed = failed.map_or(Ok(0), |row| row.int(0))? + 1;
    let values = json!({ "promotion": promotion.key, "again": failed >= AGAIN });
    let Value::Object(values) = values else { return Ok(()) };
    let once = format!("receipts.unreadable:{}", picture.id);
    pipeline::raise(app, tx, picture.contact, "receipts.unreadable", values, &once).await
}

fn lost(locale: &str) -> &'static str {
    if locale.starts_with("ru") {
        "Снимок не удалось получить из мессенджера. Пришлите его ещё раз, пожалуйста."
    } else {
        "The picture could not be fetched from the messenger. Please send it again."
    }
}

/// Forgets pictures whose term is over; one for each company that has any.
#[derive(Debug, Serialize, Deserialize)]
pub struct Forget {}

impl Job for Forget {
    const NAME: &'static str = "receipts.forget";
    const RETRY: Retry = Retry { first_ms: 5_000, max_ms: 600_000, tries: i64::MAX };

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            let now = app.clock.now();
            let forgotten = app.store.run(tenant, 0, move |tx| async move { forget(&tx, now).await }).await?;
            let soon = if forgotten == FORGET_MAX as usize { 0 } else { FORGET_EVERY_MS };
            Ok(After::Again(now.plus_millis(soon)))
        })
    }
}

async fn forget(tx: &Tx, now: Instant) -> Result<usize, Fail> {
    let rows = tx.all(&OLD, params![now, FORGET_MAX]).await?;
    for row in &rows {
        if let Some(file) = file_of(row.text(2)?) {
            tx.exec(&FILE_GONE, params![file]).await?;
        }
        let revision = row.int(3)?;
        tx.put(&PICTURE_FORGOTTEN, params![row.int(0)?, row.int(1)?, revision, revision + 1, ""]);
    }
    Ok(rows.len())
}
