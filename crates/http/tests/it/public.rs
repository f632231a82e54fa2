//! Pages for strangers, as a browser without any script asks for them.

use crate::face::{Answer, Face, on_both};
use samovar_draw::{
    Announcement, Key, List, Person, Prize, Protocol, Randomness, Source, Ticket, write_line,
};
use serde_json::json;

async fn page(face: &Face, path: &str) -> Answer {
    let answer = face.ask("GET", path).header("accept", "text/html").answer().await;
    assert!(answer.header("content-type").starts_with("text/html"), "{path}: {}", answer.text);
    assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
    assert!(!answer.text.contains("<script") && !answer.text.contains("style="), "{path}: {}", answer.text);
    answer
}

async fn promotion(face: &Face) -> String {
    let made = face.api("POST", "/promotions").json(&json!({
        "key": "autumn", "name": "Осень <с призами>",
        "starts_at": "2026-11-20T21:00:00Z", "ends_at": "2026-11-30T21:00:00Z",
        "terms": {
            "about": { "ru": "Чай & самовар", "en": "Tea & samovar" },
            "minimum": { "sum": 50_000, "of": "receipt" },
            "prizes": { "ru": "Самовар", "en": "A samovar" },
            "rules": { "text": { "ru": "Участвуют чеки от 500 ₽.", "en": "" } },
            "entries": [{ "source": "shelf", "title": "Полка", "phrase": "осень" }]
        }
    }));
    made.header("idempotency-key", "autumn").expect(201).await["id"].as_str().expect("an id").to_owned()
}

/// A draw that was held, and its list.
fn held() -> (String, Vec<u8>) {
    let mut list = String::new();
    for number in 1..=50 {
        let person = Person(number % 9 + 1);
        let ticket = Ticket { number, arrived: 1_795_251_600, person, name: "Анна К." };
        write_line(&mut list, &ticket);
    }
    let list = List::read(list.into_bytes()).expect("a list");
    let told = Announcement {
        organiser: "Кофейня".into(),
        promotion: "prm_1 Осень".into(),
        draw: "drw_1 Первый".into(),
        frozen: 1_795_255_200,
        from: 1_795_251_000,
        until: 1_795_252_000,
        tickets: list.len(),
        list: list.hash().into(),
        source: Source::Figure {
            what: "Мосбиржа, IMOEX, закрытие".into(), moment: 1_795_260_000
        },
        one_prize: true,
        prizes: vec![Prize { count: 2, value: 500_000, name: "Самовар".into() }],
        reserve: 3,
        excluded: Vec::new(),
    };
    let key = Key::new(&[7; 32]);
    let randomness = Randomness::Figure { value: "2745.31".into() };
    let protocol = Protocol::hold(&told, &list, randomness, 1_795_260_100, &key).expect("as announced");
    (protocol.sign(&key), list.bytes().to_vec())
}

async fn checked(face: &Face, protocol: &str, list: &[u8]) -> Answer {
    let mut form = Vec::new();
    for (name, bytes) in [("protocol", protocol.as_bytes()), ("list", list)] {
        form.extend_from_slice(
            format!("--cut\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\n")
                .as_bytes(),
        );
        form.extend_from_slice(bytes);
        form.extend_from_slice(b"\r\n");
    }
    form.extend_from_slice(b"--cut--\r\n");
    face.ask("POST", "/p/check").bytes("multipart/form-data; boundary=cut", form).answer().await
}

on_both! {
    async fn a_promotion_is_shown_once_it_runs(face) {
        let id = promotion(&face).await;
        let hidden = page(&face, "/p/coffee/autumn").await;
        assert_eq!(hidden.status, 404, "nobody sees a draft");
        assert!(hidden.text.contains("Такой страницы нет"));
        face.api("POST", &format!("/promotions/{id}/start")).header("idempotency-key", "start").expect(200).await;

        let shown = page(&face, "/p/coffee/autumn").await;
        assert_eq!(shown.status, 200);
        for part in [
            "Осень &#60;с призами&#62;", "Чай &#38; самовар", "21\u{a0}ноября 2026 — 30\u{a0}ноября 2026",
            "Купите на сумму от 500\u{a0}₽", "Участвуют чеки от 500 ₽.", "<html lang=\"ru\"",
            "property=\"og:title\"", "https://coffee.example/policy",
        ] {
            assert!(shown.text.contains(part), "{part} in {}", shown.text);
        }
        let english = page(&face, "/p/coffee/autumn?lang=en").await;
        assert!(english.text.contains("Tea &#38; samovar") && english.text.contains("How to take part"));
        assert!(page(&face, "/p/coffee/autumn/winners").await.text.contains("Победителей пока нет"));
        for nowhere in ["/p/coffee/spring", "/p/tea/autumn", "/p/coffee/autumn/draws/drw_1", "/p/coffee/autumn/draws/x"] {
            assert_eq!(page(&face, nowhere).await.status, 404, "{nowhere}");
        }
    }

    async fn a_link_has_its_picture_and_the_company_its_logo(face) {
        let id = promotion(&face).await;
        for path in ["/p/coffee/autumn/picture.png", "/p/coffee/autumn/logo"] {
            assert_eq!(face.ask("GET", path).answer().await.status, 404, "{path} of a draft");
        }
        face.api("POST", &format!("/promotions/{id}/start")).header("idempotency-key", "start").expect(200).await;
        let plain = page(&face, "/p/coffee/autumn").await;
        assert!(!plain.text.contains("class=\"logo\""), "there is none yet");
        assert_eq!(face.ask("GET", "/p/coffee/autumn/logo").answer().await.status, 404);
        let drawn = face.ask("GET", "/p/coffee/autumn/picture.png").answer().await;
        assert_eq!((drawn.status.as_u16(), drawn.header("content-type")), (200, "image/png"));
        assert_eq!(drawn.bytes[16..24], [0, 0, 4, 176, 0, 0, 2, 118], "1200 to 630 pixels");
        let tag = drawn.header("etag").to_owned();
        let known = face.ask("GET", "/p/coffee/autumn/picture.png").header("if-none-match", &tag).answer().await;
        assert_eq!((known.status.as_u16(), known.bytes.len(), known.header("etag")), (304, 0, tag.as_str()));
        let english = face.ask("GET", "/p/coffee/autumn/picture.png?lang=en").answer().await;
        assert_ne!(english.header("etag"), tag, "the dates are in words");

        let nothing = json!({ "logo": "file/fil_00fs4w8m5xv1g" });
        assert_eq!(face.api("PATCH", "/tenant").json(&nothing).refusal().await, (422, "unknown_picture".into()));
        let brought = face.api("POST", "/pictures").bytes("application/octet-stream", drawn.bytes.clone());
        let logo = json!({ "logo": brought.expect(201).await["key"] });
        assert_eq!(face.api("PATCH", "/tenant").json(&logo).expect(200).await["logo"], logo["logo"]);
        assert_eq!(face.api("PATCH", "/tenant").json(&json!({ "name": "Уголок" })).expect(200).await["logo"], logo["logo"]);
        face.app.directory.load(&face.app).await.expect("the directory");
        for path in ["/p/coffee/autumn", "/p/coffee/autumn/winners"] {
            let shown = page(&face, path).await;
            assert!(shown.text.contains("<img class=\"logo\" src=\"/p/coffee/autumn/logo\" alt=\"\">"), "{}", shown.text);
        }
        let served = face.ask("GET", "/p/coffee/autumn/logo").answer().await;
        assert_eq!((served.status.as_u16(), served.header("content-type")), (200, "image/png"));
        assert_eq!(served.bytes, drawn.bytes);
        let known = face.ask("GET", "/p/coffee/autumn/logo").header("if-none-match", served.header("etag")).answer().await;
        assert_eq!(known.status, 304);
        let with_logo = face.ask("GET", "/p/coffee/autumn/picture.png").header("if-none-match", &tag).answer().await;
        assert_eq!(with_logo.status, 200, "another logo is another picture");
        assert_eq!(face.api("PATCH", "/tenant").json(&json!({ "logo": null })).expect(200).await["logo"], json!(null));
    }

    async fn a_stranger_counts_a_draw_again(face) {
        assert!(page(&face, "/p/check").await.text.contains("Пересчитать"));
        let (protocol, list) = held();
        let good = checked(&face, &protocol, &list).await;
        assert_eq!(good.status, 200, "{}", good.text);
        assert!(good.text.contains("Всё сходится") && good.text.contains("Анна К."), "{}", good.text);
        let mut changed = list.clone();
        changed[0] = b'2';
        for (protocol, list) in [(&protocol, &changed), (&protocol.replace("2745.31", "2745.32"), &list)] {
            let bad = checked(&face, protocol, list).await;
            assert!(bad.text.contains("Не сходится"), "{}", bad.text);
        }
        assert!(checked(&face, "nothing of the kind", b"").await.text.contains("Не сходится"));
        let late = checked(&face, &protocol, &list).await;
        assert_eq!(late.status, 200);
        assert_eq!(checked(&face, &protocol, &list).await.status, 429, "five at once, then one by one");
    }
}
