//! Draws of the shop's promotion: the first two weeks were drawn, the main one is to come, and a broadcast about it is set
//! for tomorrow.

use samovar_app::access::Actor;
use samovar_app::broadcasts::{self, Content};
use samovar_app::draws::{self, Draw, DrawState, NewDraw, Plan, Prize, SourcePlan};
use samovar_app::promo::Promotion;
use samovar_app::segments::Audience;
use samovar_app::{App, Fail};
use samovar_base::{DrawId, Instant};
use std::time::Duration;

const DAY: i64 = 86_400;
/// Tickets of so many days from the begin take part in the first draw.
const FIRST_DAYS: i64 = 14;
/// How often it is looked whether a list is frozen, and for how long.
const LOOK_EVERY: Duration = Duration::from_millis(50);
const LOOKS_MAX: u32 = 400;

/// Makes them.
pub async fn make(app: &App, actor: &Actor, of: &Promotion, russian: bool) -> Result<(), Fail> {
    let say = |ru: &str, en: &str| if russian { ru } else { en }.to_owned();
    let middle = of.starts_at.plus_seconds(FIRST_DAYS * DAY);
    let lamps = (say("Лампа для маникюра", "A lamp"), 3, 349_000);
    let sets = (say("Набор гель-лаков", "A set of gel polish"), 10, 120_000);
    let place = (say("Рабочее место мастера", "A master's workplace"), 1, 8_500_000);
    let first = (of.starts_at, middle, say("Первые две недели", "The first two weeks"));
    let last = (middle, of.ends_at, say("Главный розыгрыш", "The main draw"));
    draws::create(app, actor, of.id, planned(last, vec![sets, place])).await?;
    let held = draws::create(app, actor, of.id, planned(first, vec![lamps])).await?;
    draw(app, actor, held.id).await?;
    let text = say(
        "{{ contact.name }}, лампы нашли хозяев! Впереди главный розыгрыш: пришлите чек до конца акции.",
        "{{ contact.name }}, the lamps have found their owners! The main draw is ahead: send a receipt in time.",
    );
    announce(app, actor, say("О главном розыгрыше", "About the main draw"), text).await
}

type Stage = (Instant, Instant, String);
type Won = (String, u32, i64);

fn planned((from, until, name): Stage, prizes: Vec<Won>) -> NewDraw {
    let prize = |(name, count, value)| Prize { name, count, value, picture: None };
    let plan = Plan {
        prizes: prizes.into_iter().map(prize).collect(),
        reserve: 5,
        one_prize: true,
        without_staff: true,
        without_winners: true,
        without: Vec::new(),
        source: SourcePlan::Reveal { commitment: None },
    };
    NewDraw { name, from, until, planned_at: until.plus_seconds(DAY / 2), plan }
}

/// Freezes the list, holds the draw and shows the winners.
async fn draw(app: &App, actor: &Actor, id: DrawId) -> Result<Draw, Fail> {
    draws::freeze(app, actor, id, true).await?;
    for _ in 0..LOOKS_MAX {
        if draws::get(app, actor, id).await?.state != DrawState::Freezing {
            break;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    draws::hold(app, actor, id, None).await?;
    draws::publish(app, actor, id).await
}

async fn announce(app: &App, actor: &Actor, name: String, text: String) -> Result<(), Fail> {
    let draft = broadcasts::Draft {
        name,
        content: Content { text, ..Content::default() },
        audience: Audience::All,
        purpose: None,
        starts_at: Some(app.clock.now().plus_seconds(DAY)),
        newcomers: None,
    };
    let made = broadcasts::create(app, actor, draft).await?;
    broadcasts::start(app, actor, made.id).await.map(drop)
}
