//! What people live through with the coffee shop's bot, word for word. Both engines are held to the same words.

use samovar_testkit::{TestApp, on_both};

on_both! {
    async fn first_visit_by_telegram(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.starts(None).await;
        anna.presses("Согласен, начнём").await;
        anna.says("Анна Петрова").await;
        anna.shares_phone().await;
        anna.presses("Баланс").await;
        anna.presses("Показать карту").await;
        anna.says("история").await;
        anna.says("помощь").await;
        anna.says("стоп").await;
        anna.presses("Да, отписать").await;
        anna.says("меню").await;
        anna.presses("Да, вернуть").await;
        insta::assert_snapshot!("first_visit_by_telegram", anna.transcript().await);
        app.finish().await;
    }
}
