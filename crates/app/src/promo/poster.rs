//! The picture of a promotion that messengers show under a link to its public pages.

use super::Shown;
use crate::app::App;
use crate::loyalty;
use crate::loyalty::card::{self, CardDesign, PosterFace};
use crate::media::Content;
use crate::pictures::{self, Pixels};
use crate::problem::{Fail, Problem};
use samovar_base::vault::fingerprint;
use samovar_store::StoreError;

/// What is drawn: the same is the same picture.
#[derive(Debug, Clone)]
pub struct Poster {
    design: CardDesign,
    business: String,
    title: String,
    foot: String,
    logo: Option<String>,
}

impl Poster {
    /// Of a promotion; `foot` stands under its name.
    pub async fn of(app: &App, shown: &Shown, foot: String) -> Result<Self, Fail> {
        let services = app.clone();
        let programme = app.store.read(shown.tenant.id, move |tx| {
            let app = services.clone();
            async move { loyalty::current(&app, &tx).await }
        });
        Ok(Self {
            design: programme.await?.card.clone(),
            business: shown.tenant.name.clone(),
            title: shown.promotion.name.clone(),
            foot,
            logo: shown.tenant.settings.logo.clone(),
        })
    }

    /// Names the picture: another one has another name.
    pub fn print(&self) -> String {
        let Self { design, business, title, foot, logo } = self;
        let logo = logo.as_deref().unwrap_or_default();
        let whole = format!("{}\n{business}\n{title}\n{foot}\n{logo}", design.fingerprint());
        fingerprint(whole.as_bytes())[..32].to_owned()
    }

    /// PNG, drawn now, outside of any unit.
    pub async fn draw(self, app: &App, shown: &Shown) -> Result<Vec<u8>, Fail> {
        let logo = logo(app, shown).await?;
        let drawn = tokio::task::spawn_blocking(move || {
            let logo = logo.and_then(|content| Pixels::unpack(&content.bytes));
            let Self { design, business, title, foot, .. } = &self;
            card::poster(design, &PosterFace { business, title, foot, logo: logo.as_ref() })
        });
        let drawn = drawn.await.map_err(|error| StoreError::Panicked(error.to_string()))?;
        drawn.map_err(|error| {
            tracing::error!(%error, "the picture of a promotion could not be drawn");
            let (ru, en) = ("Картинку не удалось нарисовать", "The picture could not be drawn");
            Problem::refused("picture_not_drawn", ru, en).into()
        })
    }
}

/// The logo of the company whose promotion is shown; none where it has none.
pub async fn logo(app: &App, shown: &Shown) -> Result<Option<Content>, Fail> {
    match &shown.tenant.settings.logo {
        Some(key) => pictures::content_of(app, shown.tenant.id, key).await,
        None => Ok(None),
    }
}
