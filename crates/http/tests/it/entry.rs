//! Coming in to the console, and what a session may do.

use crate::face::{Face, on_both};
use axum::http::{HeaderMap, StatusCode};
use samovar_app::users::{ADDRESS_HOURS, Letter, SIGN_IN_MINUTES, sign_in_link};
use samovar_base::totp;
use serde_json::{Value, json};

/// A browser on a page of the console.
struct Browser<'a> {
    face: &'a Face,
    cookie: String,
}

impl<'a> Browser<'a> {
    fn at(face: &'a Face) -> Self {
        Self { face, cookie: String::new() }
    }

    async fn does(&mut self, method: &str, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        let mut ask = self.face.ask(method, &format!("/api/v1{path}"));
        ask = ask.header("x-samovar", "console").header("sec-fetch-site", "same-origin");
        ask = ask.header("cookie", &self.cookie);
        if let Some(body) = body {
            ask = ask.json(body);
        }
        let answer = ask.answer().await;
        self.keep(&answer.headers);
        (answer.status, answer.json())
    }

    fn keep(&mut self, headers: &HeaderMap) {
        if let Some(set) = headers.get("set-cookie").and_then(|value| value.to_str().ok()) {
            assert!(
                set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains("Path=/"),
                "{set}"
            );
            self.cookie = set.split(';').next().unwrap_or_default().to_owned();
        }
    }

    async fn says(&mut self, method: &str, path: &str) -> (u16, String) {
        let (status, body) = self.does(method, path, None).await;
        (status.as_u16(), body["code"].as_str().unwrap_or_default().to_owned())
    }
}

/// So many letters, which are taken out of the box.
async fn letters(face: &Face, count: usize) -> Vec<Letter> {
    while face.letters.lock().expect("no panic").len() < count {
        tokio::task::yield_now().await;
    }
    std::mem::take(&mut *face.letters.lock().expect("no panic"))
}

/// The last part of the link in a letter.
fn token_in(text: &str) -> String {
    let link = text.lines().find(|line| line.contains("/email/")).expect("a link");
    link.rsplit('/').next().unwrap_or_default().to_owned()
}

fn sign_up() -> Value {
    json!({
        "company": "Ногти и лак", "zone": "Europe/Moscow", "locale": "ru", "name": "Вера", "email": "Vera@Nails.ru",
        "password": "чайник на плите"
    })
}

on_both! {
    async fn the_first_who_comes_makes_a_company_and_is_its_owner(face) {
        let mut vera = Browser::at(&face);
        assert_eq!(vera.does("GET", "/entry", None).await.1, json!({ "sign_up": true, "mail": true }));
        let (status, body) = vera.does("POST", "/entry/sign-up", Some(&sign_up())).await;
        assert_eq!((status, body), (StatusCode::CREATED, json!({ "state": "signed_in" })));
        let (_, me) = vera.does("GET", "/me", None).await;
        assert_eq!((me["company"]["name"].as_str(), me["role"].as_str()), (Some("Ногти и лак"), Some("owner")), "{me}");
        assert_eq!((me["user"]["email"].as_str(), me["zone"].as_str()), (Some("vera@nails.ru"), Some("Europe/Moscow")));
        assert_eq!(vera.does("GET", "/staff", None).await.1[0]["email"], "vera@nails.ru");
        assert_eq!(vera.says("GET", "/contacts").await.0, 200);
        let (status, again) = Browser::at(&face).does("POST", "/entry/sign-up", Some(&sign_up())).await;
        assert_eq!((status.as_u16(), again["code"].as_str()), (403, Some("sign_up_closed")));
        assert_eq!(vera.does("POST", "/user/sign-out", None).await.0, 204);
        assert_eq!(vera.says("GET", "/me").await, (401, "unauthorized".into()));
    }

    async fn a_password_opens_and_nothing_tells_who_is_known(face) {
        Browser::at(&face).does("POST", "/entry/sign-up", Some(&sign_up())).await;
        let mut vera = Browser::at(&face);
        let known = json!({ "email": "vera@nails.ru", "password": "чайник на полу" });
        let unknown = json!({ "email": "nobody@nails.ru", "password": "чайник на полу" });
        let (wrong, mut first) = vera.does("POST", "/entry/sign-in", Some(&known)).await;
        let (none, mut second) = vera.does("POST", "/entry/sign-in", Some(&unknown)).await;
        first["request_id"].take();
        second["request_id"].take();
        assert_eq!((wrong.as_u16(), first), (none.as_u16(), second));
        assert_eq!(wrong, 401);
        let right = json!({ "email": " VERA@nails.ru ", "password": "чайник на плите" });
        assert_eq!(vera.does("POST", "/entry/sign-in", Some(&right)).await.1["state"], "signed_in");
        for _ in 0..8 {
            vera.does("POST", "/entry/sign-in", Some(&known)).await;
        }
        assert_eq!(vera.does("POST", "/entry/sign-in", Some(&right)).await.0, 429, "guessing is slow");
    }

    async fn a_cookie_changes_nothing_from_elsewhere(face) {
        let mut vera = Browser::at(&face);
        vera.does("POST", "/entry/sign-up", Some(&sign_up())).await;
        let patch = json!({ "name": "Чужое" });
        let forged = face.ask("PATCH", "/api/v1/tenant").header("cookie", &vera.cookie).json(&patch);
        assert_eq!(forged.header("sec-fetch-site", "cross-site").refusal().await, (403, "not_from_console".into()));
        let bare = face.ask("POST", "/api/v1/entry/sign-in").json(&json!({ "email": "a@b.ru", "password": "x" }));
        assert_eq!(bare.refusal().await, (403, "not_from_console".into()));
        let other = face.ask("GET", "/api/v1/staff").header("cookie", &vera.cookie);
        let other = other.header("x-samovar-company", "ten_00fs4w8m5xv1g");
        assert_eq!(other.refusal().await, (409, "other_company".into()));
        assert_eq!(vera.does("PATCH", "/tenant", Some(&patch)).await.0, 200);
    }

    async fn sessions_are_seen_and_ended(face) {
        let mut here = Browser::at(&face);
        here.does("POST", "/entry/sign-up", Some(&sign_up())).await;
        let mut there = Browser::at(&face);
        let right = json!({ "email": "vera@nails.ru", "password": "чайник на плите" });
        there.does("POST", "/entry/sign-in", Some(&right)).await;
        let (_, all) = here.does("GET", "/user/sessions", None).await;
        assert_eq!(all.as_array().map(Vec::len), Some(2));
        assert_eq!((all[0]["current"].as_bool(), all[1]["current"].as_bool()), (Some(false), Some(true)));
        let path = format!("/user/sessions/{}", all[0]["id"].as_str().unwrap_or_default());
        assert_eq!(here.does("DELETE", &path, None).await.0, 204);
        assert_eq!(there.says("GET", "/me").await, (401, "session_ended".into()));
        there.does("POST", "/entry/sign-in", Some(&right)).await;
        let change = json!({ "present": "чайник на плите", "password": "самовар и баранки" });
        assert_eq!(here.does("POST", "/user/password", Some(&change)).await.0, 204);
        assert_eq!(there.says("GET", "/me").await.0, 401, "another password ends other sessions");
        assert_eq!(here.says("GET", "/me").await.0, 200);
        face.clock.advance_seconds(15 * 86_400);
        assert_eq!(here.says("GET", "/me").await.0, 401, "nobody used it for two weeks");
    }

    async fn a_link_opens_once_and_not_for_long(face) {
        let token = sign_in_link(&face.app, "anna@coffee.example").await.expect("a link");
        let mut anna = Browser::at(&face);
        let link = json!({ "token": token });
        assert_eq!(anna.does("POST", "/entry/link", Some(&link)).await.1["state"], "signed_in");
        assert_eq!(anna.does("GET", "/me", None).await.1["role"], "owner");
        assert_eq!(anna.does("POST", "/entry/link", Some(&link)).await.1["code"], "link_void");
        let late = json!({ "token": sign_in_link(&face.app, "anna@coffee.example").await.expect("a link") });
        face.clock.advance_seconds(SIGN_IN_MINUTES * 60);
        assert_eq!(anna.does("POST", "/entry/link", Some(&late)).await.1["code"], "link_void");
        assert!(sign_in_link(&face.app, "nobody@coffee.example").await.is_err());
    }

    async fn another_e_mail_counts_once_it_is_proven(face) {
        let mut vera = Browser::at(&face);
        vera.does("POST", "/entry/sign-up", Some(&sign_up())).await;
        let wish = |email: &str, password: &str| json!({ "email": email, "password": password });
        let enter = async |email: &str, password: &str| {
            Browser::at(&face).does("POST", "/entry/sign-in", Some(&wish(email, password))).await.0.as_u16()
        };
        let (old, new, right) = ("vera@nails.ru", "vera@lak.ru", "чайник на плите");
        for (email, password, code) in [
            (new, "не тот пароль", "wrong_password"),
            ("vera@", right, "bad_email"),
            (" VERA@nails.ru", right, "same_email"),
        ] {
            assert_eq!(vera.does("POST", "/user/email", Some(&wish(email, password))).await.1["code"], code);
        }

        // The first link is void by the second one, which is good for a day.
        let ask = async |vera: &mut Browser<'_>, email: &str| {
            assert_eq!(vera.does("POST", "/user/email", Some(&wish(email, right))).await.0, 202);
            let letters = letters(&face, 2).await;
            assert_eq!((letters[0].to.as_str(), letters[1].to.as_str()), (email, old));
            assert!(letters[1].text.contains(email), "the old address is told of it");
            json!({ "token": token_in(&letters[0].text) })
        };
        let first = ask(&mut vera, new).await;
        let second = ask(&mut vera, new).await;
        let mut anybody = Browser::at(&face);
        assert_eq!(anybody.does("POST", "/entry/email", Some(&first)).await.1["code"], "link_void");
        face.clock.advance_seconds(ADDRESS_HOURS * 3600);
        assert_eq!(anybody.does("POST", "/entry/email", Some(&second)).await.1["code"], "link_void");
        assert_eq!(enter(old, right).await, 200, "until then nothing has changed");

        let third = ask(&mut vera, new).await;
        let confirmed = anybody.does("POST", "/entry/email", Some(&third)).await;
        assert_eq!((confirmed.0.as_u16(), &confirmed.1["email"]), (200, &new.into()));
        assert_eq!(anybody.does("POST", "/entry/email", Some(&third)).await.1["code"], "link_void", "good once");
        assert_eq!(anybody.cookie, "", "nobody is signed in by it");
        assert_eq!((enter(old, right).await, enter(new, right).await), (401, 200));
        assert_eq!(vera.does("GET", "/user", None).await.1["email"], new);
        assert_eq!(vera.does("GET", "/staff", None).await.1[0]["email"], new);
        let (_, log) = vera.does("GET", "/audit", None).await;
        assert_eq!((&log["items"][0]["action"], log.to_string().contains(new)), (&"staff.email".into(), false));

        // Whoever knew the old password cannot take the address any more.
        assert_eq!(vera.does("POST", "/user/email", Some(&wish("thief@lak.ru", right))).await.0, 202);
        let fourth = json!({ "token": token_in(&letters(&face, 2).await[0].text) });
        let change = json!({ "present": right, "password": "самовар и баранки" });
        assert_eq!(vera.does("POST", "/user/password", Some(&change)).await.0, 204);
        assert_eq!(anybody.does("POST", "/entry/email", Some(&fourth)).await.1["code"], "link_void");
    }

    async fn an_e_mail_of_somebody_else_is_refused_also_at_the_last_moment(face) {
        let mut vera = Browser::at(&face);
        vera.does("POST", "/entry/sign-up", Some(&sign_up())).await;
        let link = json!({ "token": sign_in_link(&face.app, "anna@coffee.example").await.expect("a link") });
        Browser::at(&face).does("POST", "/entry/link", Some(&link)).await;
        let wish = |email: &str| json!({ "email": email, "password": "чайник на плите" });
        let taken = vera.does("POST", "/user/email", Some(&wish("anna@coffee.example"))).await;
        assert_eq!((taken.0.as_u16(), &taken.1["code"]), (409, &"email_taken".into()));

        assert_eq!(vera.does("POST", "/user/email", Some(&wish("oleg@nails.ru"))).await.0, 202);
        let token = json!({ "token": token_in(&letters(&face, 2).await[0].text) });
        let oleg = json!({ "name": "Олег", "email": "oleg@nails.ru", "role": "cashier" });
        assert_eq!(vera.does("POST", "/staff", Some(&oleg)).await.0, 201);
        let late = vera.does("POST", "/entry/email", Some(&token)).await;
        assert_eq!((late.0.as_u16(), &late.1["code"]), (409, &"email_taken".into()));
        assert_eq!(vera.does("GET", "/user", None).await.1["email"], "vera@nails.ru");
    }

    async fn the_second_step_is_asked_for_and_no_code_opens_twice(face) {
        let mut vera = Browser::at(&face);
        vera.does("POST", "/entry/sign-up", Some(&sign_up())).await;
        let wrong = json!({ "password": "не тот пароль" });
        assert_eq!(vera.does("POST", "/user/second-step", Some(&wrong)).await.1["code"], "wrong_password");
        let proof = json!({ "password": "чайник на плите" });
        let (_, begun) = vera.does("POST", "/user/second-step", Some(&proof)).await;
        let secret = unbase32(begun["secret"].as_str().unwrap_or_default());
        let code = || totp::code(&secret, totp::step_at(samovar_base::Clock::now(&*face.clock).millis() / 1000));
        let (status, codes) = vera.does("POST", "/user/second-step/confirm", Some(&json!({ "code": code() }))).await;
        assert_eq!((status.as_u16(), codes["codes"].as_array().map(Vec::len)), (200, Some(10)));
        let mut again = Browser::at(&face);
        let right = json!({ "email": "vera@nails.ru", "password": "чайник на плите" });
        let (_, asked) = again.does("POST", "/entry/sign-in", Some(&right)).await;
        assert_eq!((asked["state"].as_str(), again.cookie.as_str()), (Some("second_step"), ""));
        let with = |code: &str| json!({ "ticket": asked["ticket"], "code": code });
        let used = code();
        assert_eq!(again.does("POST", "/entry/second-step", Some(&with(&used))).await.1["code"], "wrong_code", "used before");
        face.clock.advance_seconds(60);
        let spaced = format!("{} {}", &code()[..3], &code()[3..]);
        assert_eq!(again.does("POST", "/entry/second-step", Some(&with(&spaced))).await.1["state"], "signed_in");
        let recovery = codes["codes"][0].as_str().unwrap_or_default().to_owned();
        let (_, asked) = again.does("POST", "/entry/sign-in", Some(&right)).await;
        let with = |code: &str| json!({ "ticket": asked["ticket"], "code": code });
        for _ in 0..2 {
            assert_eq!(again.does("POST", "/entry/second-step", Some(&with("000000"))).await.1["code"], "wrong_code");
        }
        assert_eq!(again.does("POST", "/entry/second-step", Some(&with(&recovery))).await.1["state"], "signed_in");
        assert_eq!(again.does("GET", "/user", None).await.1["recovery_codes_left"], 9);
        assert_eq!(again.does("DELETE", "/user/second-step", Some(&proof)).await.0, 204);
        face.clock.advance_seconds(600);
        assert_eq!(again.does("POST", "/entry/sign-in", Some(&right)).await.1["state"], "signed_in");
    }

    async fn an_invitation_makes_somebody_of_the_company(face) {
        let role = json!({ "title": "Стажёр", "base": "cashier", "rights": ["contacts_read", "channels_read"] });
        let role = face.api("POST", "/roles").json(&role).expect(201).await;
        let channel = face.channel("site").id.to_string();
        let new = json!({ "name": "Олег", "role": role["role"], "channels": [channel] });
        let made = face.api("POST", "/staff-invitations").json(&new).expect(201).await;
        let token = made["payload"].as_str().expect("a payload").to_owned();
        assert_eq!((made["role_title"].as_str(), made["console_link"].as_str()), (Some("Стажёр"), Some(format!("/join/{token}").as_str())));
        let seen = face.ask("GET", &format!("/api/v1/entry/invitations/{token}")).expect(200).await;
        assert_eq!((seen["company"].as_str(), seen["role_title"].as_str()), (Some("Кофейня"), Some("Стажёр")));
        let mut oleg = Browser::at(&face);
        let join = json!({ "token": token, "name": "Олег", "email": "oleg@example.org", "password": "чайник на плите" });
        let (status, body) = oleg.does("POST", "/entry/join", Some(&join)).await;
        assert_eq!((status.as_u16(), body["state"].as_str()), (200, Some("signed_in")), "{body}");
        let (_, again) = Browser::at(&face).does("POST", "/entry/join", Some(&join)).await;
        assert_eq!(again["code"], "invitation_void");
        let (_, me) = oleg.does("GET", "/me", None).await;
        assert_eq!((me["role_title"].as_str(), &me["channels"]), (Some("Стажёр"), &json!([channel])), "{me}");
        let (_, channels) = oleg.does("GET", "/channels", None).await;
        assert_eq!(channels["items"].as_array().map(Vec::len), Some(1), "{channels}");
        let other = format!("/channels/{}", face.channel("bot").id);
        assert_eq!(oleg.says("GET", &other).await, (404, "not_found".into()));
        let contact = json!({ "name": "Гость", "phone": "+79161234567" });
        face.api("POST", "/contacts").json(&contact).expect(201).await;
        let (_, seen) = oleg.does("GET", "/contacts", None).await;
        assert!(seen.to_string().contains("-45-67") && !seen.to_string().contains("9161234567"), "{seen}");
        assert_eq!(oleg.says("GET", "/staff").await.0, 403);
        // The role changes, and so does what they may, at once.
        let path = format!("/roles/{}", role["role"].as_str().unwrap_or_default());
        let wider = json!({ "title": "Стажёр", "base": "cashier", "rights": ["contacts_read", "personal_data_see"] });
        face.api("PUT", &path).json(&wider).expect(200).await;
        assert!(oleg.does("GET", "/contacts", None).await.1.to_string().contains("+79161234567"));
        assert_eq!(oleg.says("GET", "/channels").await.0, 403);
        assert_eq!(face.api("DELETE", &path).refusal().await, (409, "role_in_use".into()));
        let person = format!("/staff/{}", me["staff_id"].as_str().unwrap_or_default());
        face.api("PATCH", &person).json(&json!({ "role": "marketer", "channels": null })).expect(200).await;
        face.api("DELETE", &path).answer().await;
        assert_eq!(oleg.does("GET", "/me", None).await.1["role"], "marketer");
        face.api("PATCH", &person).json(&json!({ "disabled": true })).expect(200).await;
        assert_eq!(oleg.says("GET", "/contacts").await, (403, "no_company".into()));
    }

    async fn one_person_works_for_two_companies(face) {
        let mut vera = Browser::at(&face);
        vera.does("POST", "/entry/sign-up", Some(&sign_up())).await;
        let new = json!({ "name": "Вера", "role": "manager" });
        let made = face.api("POST", "/staff-invitations").json(&new).expect(201).await;
        let link = json!({ "token": made["payload"] });
        assert_eq!(vera.does("POST", "/user/join", Some(&link)).await.0, 204);
        let (_, me) = vera.does("GET", "/me", None).await;
        assert_eq!((me["company"]["name"].as_str(), me["role"].as_str()), (Some("Кофейня"), Some("manager")), "{me}");
        let companies = me["companies"].as_array().expect("companies");
        let own = companies.iter().find(|one| one["name"] == "Ногти и лак").expect("her own");
        let choice = json!({ "company_id": own["id"] });
        assert_eq!(vera.does("POST", "/user/company", Some(&choice)).await.0, 204);
        assert_eq!(vera.does("GET", "/me", None).await.1["role"], "owner");
        let foreign = json!({ "company_id": "ten_00fs4w8m5xv1g" });
        assert_eq!(vera.does("POST", "/user/company", Some(&foreign)).await.0, 404);
    }
}

fn unbase32(text: &str) -> Vec<u8> {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String = text.chars().map(|c| format!("{:05b}", letters.find(c).unwrap_or_default())).collect();
    bits.as_bytes()
        .chunks_exact(8)
        .map(|byte| byte.iter().fold(0, |all, bit| all << 1 | (bit - b'0')))
        .collect()
}
