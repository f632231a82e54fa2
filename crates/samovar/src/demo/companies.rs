//! The two companies of the demo: what they are set up from.

use samovar_app::App;
use samovar_app::setup::{self, CompanyFile};
use samovar_app::tenants::Tenant;
use samovar_fakes::telegram::Telegram;
use std::path::Path;

/// A company of the demo.
pub struct Company {
    /// The key of its bot on the make-believe Telegram.
    pub token: &'static str,
    /// The name of the bot.
    pub bot: &'static str,
    file: [&'static str; 2],
    scenario: [&'static str; 2],
}

/// The shop: purchases.
pub const SHOP: Company = Company {
    token: "7000001:samovar-demo-bot-of-the-nail-shop",
    bot: "lak_i_kist_bot",
    file: [include_str!("shop.ru.toml"), include_str!("shop.en.toml")],
    scenario: [
        include_str!("../../../../examples/nail-shop-loyalty/ru.toml"),
        include_str!("../../../../examples/nail-shop-loyalty/en.toml"),
    ],
};
/// The firm: deals about services.
pub const FIRM: Company = Company {
    token: "7000003:samovar-demo-bot-of-the-cleaners",
    bot: "chisty_dom_bot",
    file: [include_str!("firm.ru.toml"), include_str!("firm.en.toml")],
    scenario: [
        include_str!("../../../../examples/service-points/ru.toml"),
        include_str!("../../../../examples/service-points/en.toml"),
    ],
};
/// The key of the shop's bot for the staff.
pub const STAFF_TOKEN: &str = "7000002:samovar-demo-bot-behind-the-counter";
/// Its name.
pub const STAFF_BOT: &str = "samovar_staff_bot";

impl Company {
    /// Sets it up.
    pub async fn settle(&self, app: &App, lang: &str, telegram: &Telegram) -> anyhow::Result<Tenant> {
        let nth = usize::from(lang != "ru");
        let text = self.file[nth]
            .replace("{telegram}", &telegram.base_url())
            .replace("{token}", self.token)
            .replace("{staff_token}", STAFF_TOKEN);
        let file = CompanyFile::parse(&text).map_err(|fail| anyhow::anyhow!("{fail}"))?;
        let name = format!("samovar-demo-{}-{}", std::process::id(), self.bot);
        let folder = std::env::temp_dir().join(name);
        self.lay(&folder, nth)?;
        let applied = setup::apply(app, &file, &folder).await.map_err(|fail| anyhow::anyhow!("{fail}"));
        std::fs::remove_dir_all(&folder).ok();
        Ok(applied?.tenant)
    }

    /// Its scenarios, laid where the company file looks for them.
    fn lay(&self, folder: &Path, nth: usize) -> anyhow::Result<()> {
        const COUNTER: [&str; 2] = [
            include_str!("../../../../examples/counter/ru.toml"),
            include_str!("../../../../examples/counter/en.toml"),
        ];
        std::fs::create_dir_all(folder)?;
        std::fs::write(folder.join("main.toml"), self.scenario[nth])?;
        std::fs::write(folder.join("counter.toml"), COUNTER[nth])?;
        Ok(())
    }
}
