//! Every kind of problem of a draft, each found where it is.

use crate::fixture;
use samovar_engine::{Draft, Locale, Scenario, Severity};
use std::collections::BTreeSet;

const GOOD: &str = r#"
key = "t"
locale = "ru"
triggers = [{ on = "start", goto = "q" }]
[steps.q]
kind = "choose"
text = "Чай?"
choices = [{ key = "yes", label = "Да" }]
[steps.fine]
kind = "say"
text = "Хорошо."
[edges]
"q.yes" = "fine"
"#;

/// A scenario that is good but for one step `x`, entered by a trigger.
fn with_step(step: &str) -> String {
    let good =
        GOOD.replace("triggers = [", "triggers = [{ on = \"phrase\", phrases = [\"x\"], goto = \"x\" },");
    format!("{good}\n[steps.x]\n{step}\n")
}

fn with_trigger(trigger: &str) -> String {
    GOOD.replace("triggers = [", &format!("triggers = [{{ {trigger} }},"))
}

fn case(when: &str) -> String {
    format!("kind = \"branch\"\ncases = [{{ port = \"p\", when = {when} }}]\n[edges.x]\n")
}

/// The problems of a draft, as `place code detail`.
fn found(text: &str) -> Vec<(Severity, String)> {
    let (draft, mut problems) = Draft::from_toml(text);
    let (scenario, more) = Scenario::compile(&draft, &fixture::catalogue());
    let refused = more.iter().any(|problem| problem.severity == Severity::Error);
    assert_eq!(scenario.is_none(), refused, "{text}");
    problems.extend(more);
    for problem in &problems {
        for locale in [Locale::Ru, Locale::En] {
            assert!(!problem.text(locale).contains("{}"), "{problem:?}");
        }
    }
    let told = |problem: &samovar_engine::Problem| {
        let at = serde_json::to_value(&problem.at).expect("a place is JSON");
        let part = |name: &str| match &at[name] {
            serde_json::Value::Null => String::new(),
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let at =
            ["step", "index", "edge", "name", "field"].map(part).into_iter().filter(|part| !part.is_empty());
        format!("{} {} {}", at.collect::<Vec<_>>().join("/"), problem.code, problem.detail).trim().to_owned()
    };
    problems.iter().map(|problem| (problem.severity, told(problem))).collect()
}

/// What is wrong with each draft: the text of the draft, and its problems.
fn table() -> Vec<(String, Vec<&'static str>)> {
    let with_edge = |edge: &str| format!("{GOOD}{edge}\n");
    let branch = |when: &str| {
        format!("{}\"x.p\" = \"fine\"\n\"x.else\" = \"fine\"\n", {
            let step = case(when).replace("[edges.x]\n", "");
            with_step(&step).replace("[edges]\n", "").replace("\"q.yes\" = \"fine\"", "")
                + "\n[edges]\n\"q.yes\" = \"fine\"\n"
        })
    };
    vec![
        (GOOD.into(), vec![]),
        (GOOD.replace("\"t\"", "\"Т\""), vec!["key bad_name Т"]),
        (GOOD.replace("\"ru\"", "\"de\""), vec!["locale bad_locale de"]),
        (format!("tries = 0\n{GOOD}"), vec!["tries bad_tries"]),
        (format!("help = \"nowhere\"\n{GOOD}"), vec!["help unknown_step nowhere"]),
        (format!("nmae = 1\n{GOOD}"), vec!["unknown_key nmae"]),
        (format!("texts = {{ hello = \"x\" }}\n{GOOD}"), vec!["hello unknown_text hello"]),
        (format!("texts = {{ too_fast = \" \" }}\n{GOOD}"), vec!["too_fast empty_text"]),
        (format!("texts = {{ too_fast = \"{{{{ vars.x }}}}\" }}\n{GOOD}"), vec!["too_fast unset_var vars.x"]),
        (GOOD.replace("triggers = [{ on = \"start\", goto = \"q\" }]", ""), vec!["triggers no_entry"]),
        (GOOD.replace("goto = \"q\"", "goto = \"nowhere\""), vec!["0/goto unknown_step nowhere"]),
        (with_trigger("on = \"start\", goto = \"q\""), vec!["1 doubled_trigger start"]),
        (with_trigger("on = \"phrase\", phrases = [\"\"], goto = \"q\""), vec!["0 empty_phrase"]),
        (with_trigger("on = \"phrase\", phrases = [], goto = \"q\""), vec!["0 empty_phrase"]),
        (
            with_trigger(
                "on = \"button\", label = \"А\", goto = \"q\" }, { on = \"phrase\", phrases = [\"а!\"], goto = \"q\"",
            ),
            vec!["1 doubled_trigger а"],
        ),
        (with_trigger("on = \"link\", goto = \"q\""), vec!["0 one_of payload, prefix"]),
        (
            with_trigger("on = \"link\", payload = \"a\", prefix = \"a\", goto = \"q\""),
            vec!["0 one_of payload, prefix"],
        ),
        (
            with_trigger("on = \"event\", event = \"no.such\", goto = \"q\""),
            vec!["0/event unknown_event no.such"],
        ),
        (
            with_trigger("on = \"event\", event = \"loyalty.earned\", values = { sum = 1 }, goto = \"q\""),
            vec!["0/values unknown_value sum"],
        ),
        (
            with_trigger(
                "on = \"event\", event = \"loyalty.earned\", values = { points = \"{{ x }}\" }, goto = \"q\"",
            ),
            vec!["0/values bad_value \"{{ x }}\""],
        ),
        (
            with_trigger(
                "on = \"event\", event = \"loyalty.earned\", goto = \"q\" }, \
                 { on = \"event\", event = \"loyalty.earned\", values = { points = 5 }, goto = \"q\"",
            ),
            vec![],
        ),
        (
            with_trigger(
                "on = \"date\", field = \"contact.name\", days_before = 200, at = \"9:00\", goto = \"q\"",
            ),
            vec!["0/at bad_time 9:00", "0/days_before bad_days 200", "0/field not_a_date contact.name"],
        ),
        (
            with_trigger(
                "on = \"date\", field = \"contact.birthday\", goto = \"q\" }, \
                 { on = \"date\", field = \"contact.fields.wedding\", days_before = -1, goto = \"q\"",
            ),
            vec![],
        ),
        (with_edge("\"q.no\" = \"fine\""), vec!["q.no unknown_port no"]),
        (with_edge("\"nowhere.x\" = \"fine\""), vec!["nowhere.x unknown_step nowhere"]),
        (with_edge("fine = \"nowhere\""), vec!["fine unknown_step nowhere"]),
        (with_edge("fine = \"q\"\n\"fine.next\" = \"q\""), vec!["fine.next doubled_edge next"]),
        (GOOD.replace("\"q.yes\" = \"fine\"", ""), vec!["q unwired yes"]),
        (
            GOOD.replace("steps.fine", "steps.Fine").replace("= \"fine\"", "= \"Fine\""),
            vec!["Fine bad_name Fine"],
        ),
        (format!("{GOOD}[steps.alone]\nkind = \"end\""), vec!["alone unreachable"]),
        (with_edge("fine = \"fine\""), vec!["fine endless fine"]),
        (with_step("kind = \"goto\"\nstep = \"x\""), vec!["x endless x"]),
        (with_step("kind = \"goto\""), vec!["x one_of scenario, step"]),
        (with_step("kind = \"goto\"\nstep = \"nowhere\""), vec!["x/step unknown_step nowhere"]),
        (with_step("kind = \"say\""), vec!["x/text empty_text"]),
        (
            with_step(&format!("kind = \"say\"\ntext = \"{}\"", "x".repeat(4_097))),
            vec!["x/text long_text 4096"],
        ),
        (
            with_step("kind = \"say\"\ntext = \"{{ contact.nmae }}\""),
            vec!["x/text unknown_fact contact.nmae"],
        ),
        (with_step("kind = \"say\"\ntext = \"{{ vars.x }}\""), vec!["x/text unset_var vars.x"]),
        (
            with_step("kind = \"say\"\ntext = \"{{ contact.name|shout }}\""),
            vec!["x/text unknown_filter shout"],
        ),
        (with_step("kind = \"say\"\ntext = \"{% set a = 1 %}\""), vec!["x/text bad_template {% set %}"]),
        (
            with_step("kind = \"say\"\ntext = \"a\"\nbuttons = [{ label = \"a\", url = \"javascript:x\" }]"),
            vec!["x/buttons.0.url bad_url javascript:x"],
        ),
        (
            with_step("kind = \"say\"\ntext = \"a\"\nbuttons = [{ label = \"\", url = \"https://x\" }]"),
            vec!["x/buttons.0.label empty_text"],
        ),
        (with_step("kind = \"say\"\ntext = \"a\"\nmedia = { key = \"\" }"), vec!["x/media.key empty_text"]),
        (
            with_step("kind = \"ask\"\ntext = \"a\"\ninto = \"contact.registered\""),
            vec!["x unwired next", "x/into not_writable contact.registered"],
        ),
        (
            with_step("kind = \"ask\"\ntext = \"a\"\ninto = \"vars.\""),
            vec!["x unwired next", "x/into not_writable vars."],
        ),
        (
            with_step("kind = \"ask\"\ntext = \"a\"\ninto = \"vars.a\"\nmin = 1\nmax = \"x\""),
            vec!["x unwired next", "x/max bad_bound \"x\""],
        ),
        (
            with_step(
                "kind = \"ask\"\nexpects = \"number\"\ntext = \"a\"\ninto = \"vars.a\"\nmin = 2\nmax = 1",
            ),
            vec!["x unwired next", "x/max bad_bounds"],
        ),
        (
            with_step("kind = \"ask\"\ntext = \"a\"\ninto = \"vars.a\"\nshare_phone = \"x\"\nretries = 99"),
            vec!["x unwired next", "x/retries bad_tries", "x/share_phone no_phone"],
        ),
        (with_step("kind = \"choose\"\ntext = \"a\""), vec!["x/choices no_choices"]),
        (
            with_step(
                "kind = \"choose\"\ntext = \"a\"\ncolumns = 9\nchoices = [{ key = \"Я\", label = \"\" }, { key = \"lost\", label = \"а\" }, { key = \"lost\", label = \"А!\" }]",
            ),
            vec![
                "x unwired lost",
                "x unwired lost",
                "x unwired Я",
                "x/choices.0.key bad_name Я",
                "x/choices.0.label empty_text",
                "x/choices.1.key reserved lost",
                "x/choices.2.key doubled_choice lost",
                "x/choices.2.key reserved lost",
                "x/choices.2.label doubled_label А!",
                "x/columns bad_columns",
            ],
        ),
        (
            with_step(&format!(
                "kind = \"choose\"\ntext = \"a\"\nchoices = [{{ key = \"a\", label = \"{}\" }}]",
                "я".repeat(41)
            )),
            vec!["x unwired a", "x/choices.0.label long_label яяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяяя"],
        ),
        (
            with_step(
                "kind = \"choose\"\ntext = \"a\"\nsilence = { after = \"1m\", goto = \"nowhere\" }\nchoices = [{ key = \"a\", label = \"a\", set = { \"vars.a\" = 1, \"loyalty.balance\" = 5 } }]",
            ),
            vec![
                "x unwired a",
                "x/choices.0.set not_writable loyalty.balance",
                "x/silence.goto unknown_step nowhere",
            ],
        ),
        (with_step("kind = \"branch\""), vec!["x unwired else", "x/cases no_cases"]),
        (
            branch("{ field = \"contact.nmae\", op = \"set\" }"),
            vec!["x/cases.0.when unknown_fact contact.nmae"],
        ),
        (branch("{ field = \"vars.x\", op = \"set\" }"), vec!["x/cases.0.when unset_var vars.x"]),
        (
            branch("{ field = \"contact.name\", op = \"gt\", value = \"a\" }"),
            vec!["x/cases.0.when bad_condition contact.name gt \"a\""],
        ),
        (
            branch("{ field = \"loyalty.balance\", op = \"ge\", value = \"много\" }"),
            vec!["x/cases.0.when bad_condition loyalty.balance ge \"много\""],
        ),
        (
            branch("{ field = \"contact.tags\", op = \"eq\", value = \"vip\" }"),
            vec!["x/cases.0.when bad_condition contact.tags eq \"vip\""],
        ),
        (
            branch("{ field = \"contact.name\", op = \"in\", value = [] }"),
            vec!["x/cases.0.when bad_condition contact.name in []"],
        ),
        (
            branch("{ field = \"contact.birthday\", op = \"in_next_days\", value = -1 }"),
            vec!["x/cases.0.when bad_condition contact.birthday in_next_days -1"],
        ),
        (
            branch("{ field = \"contact.birthday\", op = \"lt\", value = \"завтра\" }"),
            vec!["x/cases.0.when bad_condition contact.birthday lt \"завтра\""],
        ),
        (
            branch(&format!(
                "{}{}{}",
                "{ not = ".repeat(20),
                "{ field = \"contact.name\", op = \"set\" }",
                " }".repeat(20)
            )),
            vec!["x/cases.0.when too_large 16"],
        ),
        (
            branch("{ field = \"contact.name\", op = \"set\" }")
                .replace("port = \"p\"", "port = \"П\"")
                .replace("x.p", "x.П"),
            vec!["x/cases.0.port bad_name П"],
        ),
        (
            with_step(
                "kind = \"set\"\nvalues = { \"contact.birthday\" = \"вчера\", \"loyalty.balance\" = 1, \"vars.ok\" = 1 }\nadd_tags = [\"\"]",
            ),
            vec![
                "x/add_tags missing add_tags",
                "x/values bad_param contact.birthday",
                "x/values not_writable loyalty.balance",
            ],
        ),
        (with_step("kind = \"act\"\naction = \"no.such\""), vec!["x/action unknown_action no.such"]),
        (
            with_step("kind = \"act\"\naction = \"test.spend\"\nparams = { sum = 5 }"),
            vec![
                "x unwired done",
                "x unwired refused",
                "x/params missing_param points",
                "x/params.sum unknown_param sum",
            ],
        ),
        (
            with_step("kind = \"act\"\naction = \"test.spend\"\nparams = { points = true }"),
            vec!["x unwired done", "x unwired refused", "x/params.points bad_param points"],
        ),
        (with_step("kind = \"show\"\nscreen = \"no.such\""), vec!["x/screen unknown_screen no.such"]),
        (
            with_step(
                "kind = \"show\"\nscreen = \"test.orders\"\nchoices = [{ key = \"picked\", label = \"a\" }]",
            ),
            vec!["x unwired picked", "x unwired picked", "x/choices reserved picked"],
        ),
        (
            with_step("kind = \"wait\"\nfor = \"1h\"\nuntil = \"10:00\""),
            vec!["x unwired next", "x one_of for, until"],
        ),
        (with_step("kind = \"wait\"\nuntil = \"утром\""), vec!["x unwired next", "x/until bad_moment утром"]),
        (with_step("kind = \"hand_off\"\ntext = \"\""), vec!["x/text empty_text"]),
        (
            with_step("kind = \"dance\""),
            vec![
                "x bad_value unknown variant `dance`, expected one of `say`, `ask`, `choose`, `branch`, `set`, `act`, `show`, `wait`, `hand_off`, `goto`, `end`",
                "0/goto unknown_step x",
            ],
        ),
        (
            "key = ".into(),
            vec![
                "syntax 1: string values must be quoted, expected literal string",
                "triggers no_entry",
                "key bad_name",
                "locale bad_locale",
            ],
        ),
    ]
}

#[test]
fn every_kind_of_problem_is_found_where_it_is() {
    let mut wrong = String::new();
    for (text, expected) in table() {
        let mut found: Vec<String> = found(&text).into_iter().map(|(_, told)| told).collect();
        found.sort();
        let mut expected: Vec<String> = expected.into_iter().map(str::to_owned).collect();
        expected.sort();
        if found != expected {
            wrong.push_str(&format!("{text}\n found {found:#?}\n expected {expected:#?}\n\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_table_knows_every_code() {
    let told: BTreeSet<String> =
        table().iter().flat_map(|(text, _)| found(text)).map(|(_, told)| told).collect();
    for code in samovar_engine::Problem::codes() {
        // Two choices never share a token by accident: that needs a collision of 60 bits.
        let seen = code == "token_clash" || told.iter().any(|told| told.split(' ').any(|word| word == code));
        assert!(seen, "no draft of the table has «{code}»");
    }
}

#[test]
fn warnings_do_not_stop_a_scenario() {
    let (draft, _) = Draft::from_toml(&format!("{GOOD}[steps.alone]\nkind = \"end\""));
    let (scenario, problems) = Scenario::compile(&draft, &fixture::catalogue());
    assert!(scenario.is_some());
    assert_eq!(problems.iter().map(|problem| problem.severity).collect::<Vec<_>>(), [Severity::Warning]);
}
