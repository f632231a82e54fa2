//! Texts with variables. A plain text skips the engine; a template is parsed once, when the scenario is compiled, and
//! bounded: only `if` and `for`, only the filters listed here, limited fuel and length.

use crate::{Locale, Lookup, words};
use minijinja::value::{Rest, Value as View};
use minijinja::{Environment, State, UndefinedBehavior};
use serde_json::Value;
use std::collections::BTreeMap;

const FUEL: u64 = 20_000;
const SOURCE_MAX: usize = 16_000;
const RENDERED_MAX: usize = 16_000;
const TAGS: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];
const FILTERS: [&str; 18] = [
    "points",
    "number",
    "plural",
    "date",
    "first_name",
    "default",
    "upper",
    "lower",
    "capitalize",
    "title",
    "trim",
    "join",
    "length",
    "round",
    "int",
    "abs",
    "first",
    "last",
];

/// A text of a scenario, ready to be rendered by the [`Templates`] that made it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Text {
    source: String,
    /// Name within the templates; none for a plain text.
    template: Option<String>,
    /// What it reads, `namespace.name…`.
    paths: Vec<String>,
}

impl Text {
    /// The text itself, when it has no variables.
    pub fn plain(&self) -> Option<&str> {
        self.template.is_none().then_some(self.source.as_str())
    }
    /// What it reads, `namespace.name…`.
    pub fn paths(&self) -> &[String] {
        &self.paths
    }
}

/// Why a template cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    Unreadable(String),
    UnknownFilter(String),
}

/// A rendered text, and whether something in it failed and was left empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    pub text: String,
    pub failed: Option<String>,
}

/// The templates of one scenario.
#[derive(Debug)]
pub(crate) struct Templates {
    environment: Environment<'static>,
    count: usize,
}

impl Templates {
    /// None yet; filters speak that language.
    pub fn new(locale: Locale) -> Self {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(UndefinedBehavior::Chainable);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(50);
        add_filters(&mut environment, locale);
        Self { environment, count: 0 }
    }

    /// Parses a text. The same text may be added many times.
    pub fn add(&mut self, source: &str) -> Result<Text, Refusal> {
        if !source.contains('{') {
            return Ok(Text { source: source.to_owned(), template: None, paths: Vec::new() });
        }
        if source.len() > SOURCE_MAX {
            return Err(Refusal::Unreadable(format!("> {SOURCE_MAX}")));
        }
        let mut uses_date = false;
        for piece in pieces(source) {
            uses_date |= vet(&piece)?;
        }
        let name = format!("t{}", self.count);
        self.count += 1;
        let unreadable = |error: minijinja::Error| Refusal::Unreadable(first_line(&error));
        self.environment.add_template_owned(name.clone(), source.to_owned()).map_err(unreadable)?;
        let template = self.environment.get_template(&name).map_err(unreadable)?;
        let mut paths: Vec<String> = template.undeclared_variables(true).into_iter().collect();
        if uses_date {
            paths.push("business.zone".to_owned());
        }
        paths.sort_unstable();
        paths.dedup();
        Ok(Text { source: source.to_owned(), template: Some(name), paths })
    }

    /// The text with its variables filled in. An absent variable is empty; so is one whose filter fails.
    pub fn render(&self, text: &Text, facts: &dyn Lookup) -> Rendered {
        let Some(name) = &text.template else { return Rendered { text: text.source.clone(), failed: None } };
        let context = context(&text.paths, facts);
        let result =
            self.environment.get_template(name).and_then(|template| template.render(context.clone()));
        match result {
            Ok(text) => Rendered { text: bounded(text), failed: None },
            Err(error) => Rendered {
                text: bounded(self.salvage(&text.source, &context)),
                failed: Some(first_line(&error)),
            },
        }
    }

    /// The text without the variables that fail alone; only its plain words when that does not help.
    fn salvage(&self, source: &str, context: &View) -> String {
        let mut kept = String::with_capacity(source.len());
        let mut words = String::with_capacity(source.len());
        for piece in pieces(source) {
            match piece {
                Piece::Words(text) => {
                    kept.push_str(text);
                    words.push_str(text);
                }
                Piece::Variable(inner) => {
                    let alone = format!("{{{{{inner}}}}}");
                    if self.environment.render_str(&alone, context.clone()).is_ok() {
                        kept.push_str(&alone);
                    }
                }
                Piece::Tag(inner) => kept.push_str(&format!("{{%{inner}%}}")),
            }
        }
        self.environment.render_str(&kept, context.clone()).unwrap_or(words)
    }
}

fn first_line(error: &minijinja::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

fn bounded(mut text: String) -> String {
    if text.len() > RENDERED_MAX {
        let end = (0..=RENDERED_MAX).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.truncate(end);
    }
    text
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece<'s> {
    Words(&'s str),
    Variable(&'s str),
    Tag(&'s str),
}

/// Cuts a template into words, variables and tags. Comments are left out.
fn pieces(source: &str) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    let mut rest = source;
    while !rest.is_empty() {
        let start = ["{{", "{%", "{#"].iter().filter_map(|mark| rest.find(mark)).min().unwrap_or(rest.len());
        let (words, marked) = rest.split_at(start);
        if !words.is_empty() {
            out.push(Piece::Words(words));
        }
        if marked.is_empty() {
            break;
        }
        let close = match &marked[..2] {
            "{{" => "}}",
            "{%" => "%}",
            _ => "#}",
        };
        let end = end_of(&marked[2..], close);
        let inner = &marked[2..2 + end];
        match close {
            "}}" => out.push(Piece::Variable(inner)),
            "%}" => out.push(Piece::Tag(inner)),
            _ => {}
        }
        rest = marked.get(2 + end + 2..).unwrap_or_default();
    }
    out
}

/// Where the closing mark stands, quoted texts passed over; the end when it is missing.
fn end_of(inner: &str, close: &str) -> usize {
    let mut quote = None;
    let mut escaped = false;
    for (at, letter) in inner.char_indices() {
        match quote {
            Some(mark) if !escaped && letter == mark => quote = None,
            Some(_) => escaped = !escaped && letter == '\\',
            None if close != "#}" && (letter == '"' || letter == '\'') => quote = Some(letter),
            None if inner[at..].starts_with(close) => return at,
            None => {}
        }
    }
    inner.len()
}

/// Refuses what is not allowed; tells whether dates are written.
fn vet(piece: &Piece<'_>) -> Result<bool, Refusal> {
    let inner = match piece {
        Piece::Words(_) => return Ok(false),
        Piece::Variable(inner) => inner,
        Piece::Tag(inner) => {
            let tag = inner.trim_start_matches(['-', '+']).split_whitespace().next().unwrap_or_default();
            let tag = tag.trim_end_matches(['-', '+']);
            if !TAGS.contains(&tag) {
                return Err(Refusal::Unreadable(format!("{{% {tag} %}}")));
            }
            inner
        }
    };
    let code = without_quotes(inner);
    // Repeating and counting up would let a short text grow without bound.
    for forbidden in ["*", "range"] {
        if code.contains(forbidden) {
            return Err(Refusal::Unreadable(forbidden.to_owned()));
        }
    }
    let mut uses_date = false;
    for after in code.split('|').skip(1) {
        let name: String = after
            .trim_start()
            .chars()
            .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
            .collect();
        if !FILTERS.contains(&name.as_str()) {
            return Err(Refusal::UnknownFilter(name));
        }
        uses_date |= name == "date";
    }
    Ok(uses_date)
}

fn without_quotes(code: &str) -> String {
    let (mut out, mut quote, mut escaped) = (String::with_capacity(code.len()), None, false);
    for letter in code.chars() {
        match quote {
            Some(mark) if !escaped && letter == mark => quote = None,
            Some(_) => escaped = !escaped && letter == '\\',
            None if letter == '"' || letter == '\'' => quote = Some(letter),
            None => out.push(letter),
        }
    }
    out
}

/// What the paths hold, nested as they are.
fn context(paths: &[String], facts: &dyn Lookup) -> View {
    let paths: Vec<(&str, &str)> = paths.iter().map(|path| (path.as_str(), path.as_str())).collect();
    nested(&paths, facts)
}

/// Of each whole path, what is left of it at this depth. A path that ends here covers those that go deeper.
fn nested(paths: &[(&str, &str)], facts: &dyn Lookup) -> View {
    let mut names: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for (path, left) in paths {
        let (name, left) = left.split_once('.').unwrap_or((left, ""));
        names.entry(name).or_default().push((path, left));
    }
    View::from_pairs(names.into_iter().map(|(name, inner)| {
        let held = match inner.iter().find(|(_, left)| left.is_empty()) {
            Some((path, _)) => facts.value(path).map_or(View::UNDEFINED, view),
            None => nested(&inner, facts),
        };
        (name, held)
    }))
}

/// `null` becomes the undefined value, so that it prints as nothing and `default` covers it.
fn view(value: &Value) -> View {
    match value {
        Value::Null => View::UNDEFINED,
        Value::Bool(flag) => View::from(*flag),
        Value::String(text) => View::from(text.as_str()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => View::from(whole),
            (None, Some(part)) => View::from(part),
            (None, None) => View::UNDEFINED,
        },
        Value::Array(items) => items.iter().map(view).collect(),
        Value::Object(map) => View::from_pairs(map.iter().map(|(name, item)| (name.as_str(), view(item)))),
    }
}

fn add_filters(environment: &mut Environment<'static>, locale: Locale) {
    environment
        .add_filter("points", move |value: View| whole(&value).map(|number| words::points(locale, number)));
    environment.add_filter("number", |value: View| whole(&value).map(words::grouped));
    environment.add_filter("plural", move |value: View, one: String, few: String, rest: Rest<String>| {
        let many = rest.first().unwrap_or(&few);
        whole(&value).map(|number| words::plural(locale, number, [&one, &few, many]).to_owned())
    });
    environment.add_filter("date", move |state: &State<'_, '_>, value: View| date(state, locale, &value));
    environment.add_filter("first_name", |value: View| {
        value.as_str().map(|name| words::first_name(name).to_owned()).unwrap_or_default()
    });
    environment.add_filter("default", minijinja::filters::default);
    environment.add_filter("upper", minijinja::filters::upper);
    environment.add_filter("lower", minijinja::filters::lower);
    environment.add_filter("capitalize", minijinja::filters::capitalize);
    environment.add_filter("title", minijinja::filters::title);
    environment.add_filter("trim", minijinja::filters::trim);
    environment.add_filter("join", minijinja::filters::join);
    environment.add_filter("length", minijinja::filters::length);
    environment.add_filter("round", minijinja::filters::round);
    environment.add_filter("int", minijinja::filters::int);
    environment.add_filter("abs", minijinja::filters::abs);
    environment.add_filter("first", minijinja::filters::first);
    environment.add_filter("last", minijinja::filters::last);
    environment.add_test("defined", minijinja::tests::is_defined);
    environment.add_test("undefined", minijinja::tests::is_undefined);
    environment.add_test("none", minijinja::tests::is_none);
}

fn whole(value: &View) -> Result<i64, minijinja::Error> {
    let from_text = || value.as_str().and_then(|text| text.trim().parse().ok());
    i64::try_from(value.clone()).ok().or_else(from_text).ok_or_else(|| refused("a whole number", value))
}

fn date(state: &State<'_, '_>, locale: Locale, value: &View) -> Result<String, minijinja::Error> {
    if value.is_undefined() || value.is_none() {
        return Ok(String::new());
    }
    let text = value.as_str().ok_or_else(|| refused("a date", value))?;
    if let (true, Ok(date)) = (text.len() == 10, text.parse()) {
        return Ok(words::date(locale, date));
    }
    let moment: jiff::Timestamp = text.parse().map_err(|_| refused("a date", value))?;
    let zone = state.lookup("business").and_then(|business| business.get_attr("zone").ok());
    let zone = zone.as_ref().and_then(View::as_str).and_then(|name| jiff::tz::TimeZone::get(name).ok());
    Ok(words::date(locale, moment.to_zoned(zone.unwrap_or(jiff::tz::TimeZone::UTC)).date()))
}

fn refused(wanted: &str, value: &View) -> minijinja::Error {
    minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, format!("{value} is not {wanted}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Facts;
    use samovar_base::Instant;
    use serde_json::json;

    fn facts() -> Facts {
        Facts::at(Instant::default())
            .with(
                "contact",
                json!({"name": "Анна Каренина", "birthday": "1990-05-17", "email": null, "tags": ["a", "b"]}),
            )
            .with("loyalty", json!({"balance": 1_121, "since": "2026-11-20T22:30:00Z"}))
            .with("business", json!({"zone": "Europe/Moscow"}))
    }

    fn check(source: &str, expected: &str) {
        let mut templates = Templates::new(Locale::Ru);
        let text = templates.add(source).unwrap_or_else(|refusal| panic!("{source}: {refusal:?}"));
        let rendered = templates.render(&text, &facts());
        assert_eq!(
            (rendered.text.replace('\u{a0}', " ").as_str(), rendered.failed),
            (expected, None),
            "{source}"
        );
    }

    #[test]
    fn variables_filters_and_conditions() {
        check("просто текст", "просто текст");
        check("{ скобка", "{ скобка");
        check("{{ contact.name|first_name }}, у вас {{ loyalty.balance|points }}", "Анна, у вас 1 121 балл");
        check("{{ loyalty.balance|number }} {{ 3|plural('кот', 'кота', 'котов') }}", "1 121 кота");
        check("{{ contact.birthday|date }} / {{ loyalty.since|date }}", "17 мая 1990 / 21 ноября 2026");
        check("{% if contact.email %}есть{% else %}нет{% endif %}{{ contact.email }}", "нет");
        check("{{ contact.email|default('нет почты') }}", "нет почты");
        check(
            "{% for tag in contact.tags %}[{{ tag }}]{% endfor %} {{ contact.tags|join(', ') }}",
            "[a][b] a, b",
        );
        check("{{ '}}' }}{# заметка #}", "}}");
        check("{{ vars.a.b.c }}.", ".");
        check("{% if contact.phone is defined %}+{% endif %}", "");
    }

    #[test]
    fn what_a_template_reads_is_known() {
        let mut templates = Templates::new(Locale::En);
        let text = templates
            .add("{{ contact.name }} {{ loyalty.since|date }} {% for x in vars.list %}{{ x.y }}{% endfor %}");
        let paths = text.map(|text| text.paths().to_vec());
        assert_eq!(
            paths,
            Ok(["business.zone", "contact.name", "loyalty.since", "vars.list"].map(String::from).to_vec())
        );
    }

    #[test]
    fn what_is_not_allowed_is_refused() {
        let mut templates = Templates::new(Locale::Ru);
        for source in [
            "{{ contact.name",
            "{% set x = 1 %}",
            "{{ 'x' * 1000 }}",
            "{% include 'a' %}",
            "{{ range(9) }}",
            "{% if %}",
        ] {
            assert!(matches!(templates.add(source), Err(Refusal::Unreadable(_))), "{source}");
        }
        assert_eq!(templates.add("{{ contact.name|shout }}"), Err(Refusal::UnknownFilter("shout".into())));
        assert_eq!(
            templates.add("{% if vars.a|shout %}{% endif %}"),
            Err(Refusal::UnknownFilter("shout".into()))
        );
        assert!(templates.add("{{ 'a|shout' }}").is_ok());
    }

    #[test]
    fn what_fails_is_left_empty_and_told() {
        let mut templates = Templates::new(Locale::Ru);
        let source = "{{ contact.name|points }}Здравствуйте, {% if contact.name %}{{ contact.name }}{% else %}гость{% endif %}!";
        let rendered = templates.add(source).map(|text| templates.render(&text, &facts()));
        let rendered = rendered.unwrap_or_else(|refusal| panic!("{refusal:?}"));
        assert_eq!(rendered.text, "Здравствуйте, Анна Каренина!");
        assert!(rendered.failed.is_some());
    }

    #[test]
    fn a_template_that_burns_its_fuel_still_says_its_words() {
        let mut templates = Templates::new(Locale::Ru);
        let list: Vec<i64> = (0..30_000).collect();
        let facts = Facts::at(Instant::default()).with("vars", json!({ "list": list }));
        let text = templates
            .add("Итого: {% for x in vars.list %}{{ x }}{% endfor %}")
            .unwrap_or_else(|r| panic!("{r:?}"));
        let rendered = templates.render(&text, &facts);
        assert_eq!(rendered.text, "Итого: ");
        assert!(rendered.failed.is_some_and(|failed| failed.contains("fuel")));
    }
}
