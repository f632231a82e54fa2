//! What a bot says about itself.

use crate::call::Scene;
use serde_json::json;

#[tokio::test]
async fn commands_live_per_scope_and_language() {
    let scene = Scene::new().await;
    let commands = json!([{"command": "menu", "description": "Меню"}]);
    scene.ok("setMyCommands", json!({"commands": commands, "language_code": "ru"})).await;
    assert_eq!(scene.ok("getMyCommands", json!({"language_code": "ru"})).await, commands);
    assert_eq!(scene.ok("getMyCommands", json!({})).await, json!([]));
    assert_eq!(scene.bot.commands("default", "ru"), commands);
    scene.ok("deleteMyCommands", json!({"language_code": "ru"})).await;
    assert_eq!(scene.ok("getMyCommands", json!({"language_code": "ru"})).await, json!([]));
    let table = [
        (json!([{"command": "Меню", "description": "a"}]), "Bad Request: BOT_COMMAND_INVALID"),
        (json!([{"command": "menu", "description": ""}]), "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"),
        (
            json!([{"command": "menu"}]),
            "Bad Request: can't parse BotCommand: Can't find field \"description\"",
        ),
        (json!("menu"), "Bad Request: can't parse commands JSON object"),
    ];
    for (commands, why) in table {
        assert_eq!(scene.refused("setMyCommands", json!({"commands": commands})).await, why);
    }
}

#[tokio::test]
async fn texts_and_the_menu_button_are_kept() {
    let scene = Scene::new().await;
    scene.ok("setMyDescription", json!({"description": "Копите баллы"})).await;
    scene.ok("setMyShortDescription", json!({"short_description": "Кофейня", "language_code": "ru"})).await;
    assert_eq!(
        scene.ok("getMyDescription", json!({"language_code": "ru"})).await,
        json!({"description": "Копите баллы"})
    );
    assert_eq!(scene.ok("getMyShortDescription", json!({})).await, json!({"short_description": ""}));
    assert_eq!(
        scene.refused("setMyShortDescription", json!({"short_description": "я".repeat(121)})).await,
        "Bad Request: BOT_SHORT_DESCRIPTION_TOO_LONG"
    );
    scene.ok("setChatMenuButton", json!({"menu_button": {"type": "commands"}})).await;
    assert_eq!(scene.ok("getChatMenuButton", json!({})).await, json!({"type": "commands"}));
    let me = scene.ok("getMe", json!({})).await;
    assert_eq!((&me["id"], &me["username"], &me["is_bot"]), (&json!(4100), &json!("tea_bot"), &json!(true)));
}
