//! What scenarios say later, while their channel is paused.

use samovar_app::channels;
use samovar_app::directory::ChannelState;
use samovar_testkit::{Guest, TestApp, on_both};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(86_400);
const NUDGE: &str = "Вы остановились на полпути";

async fn switch(app: &TestApp, on: bool) {
    let wanted = if on { ChannelState::On } else { ChannelState::Paused };
    let id = app.channel("telegram").id;
    channels::set_state(&app.app(), &app.owner(), id, on).await.expect("a channel");
    app.until("the channel is switched", async || app.channel("telegram").state == wanted).await;
}

/// Somebody who stopped half-way: in a quarter of an hour they are reminded.
async fn half_way(app: &TestApp) -> Guest {
    let anna = app.telegram("Анна");
    anna.starts(None).await;
    anna
}

on_both! {
    async fn a_reminder_waits_for_its_channel_and_comes_once(app: TestApp) {
        let anna = half_way(&app).await;
        switch(&app, false).await;
        app.advance(20 * MINUTE).await;
        assert_eq!(anna.looks().await, "", "the channel is paused");
        // On for a moment and paused again before anything rings: it goes on waiting, as of the same moment.
        switch(&app, true).await;
        switch(&app, false).await;
        app.advance(6 * DAY).await;
        app.crash(0).await;
        app.revive().await;
        assert_eq!(anna.looks().await, "");
        switch(&app, true).await;
        app.advance(MINUTE).await;
        let seen = anna.looks().await;
        assert_eq!(seen.matches(NUDGE).count(), 1, "{}", anna.transcript().await);
        app.advance(MINUTE).await;
        switch(&app, true).await;
        app.advance(MINUTE).await;
        assert!(!anna.looks().await.contains(NUDGE), "{}", anna.transcript().await);
        app.finish().await;
    }

    async fn what_is_overdue_for_more_than_a_week_is_not_said(app: TestApp) {
        let anna = half_way(&app).await;
        switch(&app, false).await;
        app.advance(20 * MINUTE).await;
        app.advance(8 * DAY).await;
        switch(&app, true).await;
        app.advance(MINUTE).await;
        assert_eq!(anna.looks().await, "");
        anna.presses("Согласен, начнём").await;
        assert!(anna.last().text.contains("зовут"), "she goes on where she stopped: {}", anna.transcript().await);
        app.finish().await;
    }
}
