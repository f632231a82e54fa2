//! From a draft to a scenario: resolves names, parses templates, checks against the catalogue. Problems are gathered,
//! never thrown: a half-made draft gets the whole list at once.

mod triggers;
mod wording;

use crate::check;
use crate::draft::{Act, Ask, Branch, Choice, Choose, Goto, HandOff, Say, Set, Show, Silence, Wait};
use crate::scenario::{
    ActPlan, AskPlan, Assignment, Bound, ChoicePlan, ChoosePlan, Destination, Gate, Node, Param, Pause,
    SayPlan, SetPlan, ShowPlan, Slot, Work,
};
use crate::template::{Templates, Text};
use crate::{
    Catalogue, Command, Draft, Expects, Kind, Locale, ParamSpec, Place, Policy, Problem, Scenario, Severity,
    Step, SystemText, TriggerOn, normalise, token,
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

pub(crate) const STEPS_MAX: usize = 1_000;
pub(crate) const TEXT_MAX: usize = 4_096;
const LABEL_MAX: usize = 40;
const TRIES: u32 = 3;
const INPUTS_PER_MINUTE: u32 = 120;

/// Namespaces that are the session's own.
const OWN: [&str; 3] = ["vars", "event", "outcome"];

pub(crate) fn compile(draft: &Draft, catalogue: &Catalogue) -> (Option<Scenario>, Vec<Problem>) {
    let locale = Locale::from_tag(&draft.locale);
    let mut compiler = Compiler {
        draft,
        catalogue,
        names: draft.steps.keys().enumerate().map(|(at, name)| (name.clone(), at)).collect(),
        readable: check::readable(draft, catalogue),
        templates: Templates::new(locale),
        tokens: HashMap::new(),
        problems: Vec::new(),
    };
    check::shape(draft, &mut compiler.problems);
    let nodes: Vec<Node> = draft.steps.iter().map(|(name, step)| compiler.node(name, step)).collect();
    let (triggers, phrases, silence) = compiler.triggers();
    let texts = compiler.texts(locale);
    let help = draft.help.as_deref().and_then(|step| compiler.step(step, scenario_field("help")));
    check::graph(&nodes, &triggers, help, &mut compiler.problems);
    let Compiler { names, templates, tokens, mut problems, .. } = compiler;
    problems.sort_by(|a, b| (b.severity, &a.at, a.code).cmp(&(a.severity, &b.at, b.code)));
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return (None, problems);
    }
    let scenario = Scenario {
        key: draft.key.clone(),
        nodes,
        names,
        commands: commands(&triggers),
        triggers,
        phrases,
        tokens,
        texts,
        templates,
        locale,
        help,
        silence,
        tries: draft.tries.unwrap_or(TRIES),
        inputs_per_minute: draft.inputs_per_minute.unwrap_or(INPUTS_PER_MINUTE),
    };
    (Some(scenario), problems)
}

struct Compiler<'d> {
    draft: &'d Draft,
    catalogue: &'d Catalogue,
    names: HashMap<String, usize>,
    readable: check::Readable,
    templates: Templates,
    tokens: HashMap<String, (usize, Slot)>,
    problems: Vec<Problem>,
}

fn scenario_field(field: &str) -> Place {
    Place::Scenario { field: field.to_owned() }
}

fn step_field(step: &str, field: &str) -> Place {
    Place::Step { step: step.to_owned(), field: field.to_owned() }
}

/// Namespaces the app loads, from what is read.
fn namespaces<'p>(paths: impl IntoIterator<Item = &'p str>) -> Vec<String> {
    let spaces =
        paths.into_iter().filter_map(|path| path.split('.').next()).filter(|space| !OWN.contains(space));
    spaces.map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
}

fn commands(triggers: &[Gate]) -> Vec<Command> {
    let command = |gate: &Gate| {
        let TriggerOn::Phrase { phrases } = &gate.on else { return None };
        let name = phrases.iter().find_map(|phrase| phrase.strip_prefix('/'))?;
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if name.is_empty() || name.len() > 32 || !name.bytes().all(fits) {
            return None;
        }
        let title = phrases.iter().find(|phrase| !phrase.starts_with('/')).map_or(name, String::as_str);
        let mut letters = title.chars();
        let title =
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
        Some(Command { name: name.to_owned(), title })
    };
    triggers.iter().filter_map(command).collect()
}

impl Compiler<'_> {
    fn error(&mut self, at: Place, code: &'static str, detail: impl Into<String>) {
        self.problems.push(Problem::error(at, code, detail));
    }

    fn warning(&mut self, at: Place, code: &'static str, detail: impl Into<String>) {
        self.problems.push(Problem::warning(at, code, detail));
    }

    fn step(&mut self, name: &str, at: Place) -> Option<usize> {
        let known = self.names.get(name).copied();
        if known.is_none() {
            self.error(at, "unknown_step", name);
        }
        known
    }

    fn node(&mut self, name: &str, step: &Step) -> Node {
        let mut reads = Vec::new();
        let work = match step {
            Step::Say(say) => self.say(name, say, &mut reads),
            Step::Ask(ask) => self.ask(name, ask, &mut reads),
            Step::Choose(choose) => self.choose(name, choose, &mut reads),
            Step::Branch(branch) => self.branch(name, branch, &mut reads),
            Step::Set(set) => self.set(name, set, &mut reads),
            Step::Act(act) => self.act(name, act, &mut reads),
            Step::Show(show) => self.show(name, show, &mut reads),
            Step::Wait(wait) => self.wait(name, wait, &mut reads),
            Step::HandOff(hand_off) => self.hand_off(name, hand_off, &mut reads),
            Step::Goto(goto) => self.goto(name, goto),
            Step::End(_) => Work::End,
        };
        let silence = match step {
            Step::Ask(Ask { silence, .. })
            | Step::Choose(Choose { silence, .. })
            | Step::Show(Show { silence, .. }) => silence.as_ref(),
            _ => None,
        };
        Node {
            name: name.to_owned(),
            work,
            needs: namespaces(reads.iter().map(String::as_str)),
            ports: self.ports(name, step),
            silence: silence.and_then(|silence| self.silence(name, silence)),
        }
    }

    fn silence(&mut self, step: &str, silence: &Silence) -> Option<(crate::Span, usize)> {
        let target = self.step(&silence.goto, step_field(step, "silence.goto"))?;
        Some((silence.after, target))
    }

    /// The edges that leave a step, and whether each of its ports leads somewhere.
    fn ports(&mut self, name: &str, step: &Step) -> Vec<(String, usize)> {
        let known = check::ports(step, self.catalogue);
        let mut wired: Vec<(String, usize)> = Vec::new();
        for (edge, target) in self.draft.edges.range(name.to_owned()..) {
            let port = match edge.strip_prefix(name) {
                None => break,
                Some("") => "next",
                Some(rest) => match rest.strip_prefix('.') {
                    Some(port) => port,
                    None => continue,
                },
            };
            let at = || Place::Edge { edge: edge.clone() };
            if !known.all().any(|known| known == port) {
                self.error(at(), "unknown_port", port);
            } else if wired.iter().any(|(wired, _)| wired == port) {
                self.error(at(), "doubled_edge", port);
            } else if let Some(target) = self.step(target, at()) {
                wired.push((port.to_owned(), target));
            }
        }
        let falls_back = wired.iter().any(|(port, _)| port == "next");
        for port in known.must.iter().filter(|_| !falls_back) {
            if !self.draft.edges.contains_key(&format!("{name}.{port}")) {
                self.error(step_field(name, ""), "unwired", port);
            }
        }
        wired
    }

    fn say(&mut self, name: &str, say: &Say, reads: &mut Vec<String>) -> Work {
        let media = self.picture(name, say.media.as_ref(), reads);
        let at = step_field(name, "text");
        let text =
            if media.is_some() { self.text(at, &say.text, reads) } else { self.words(at, &say.text, reads) };
        let mut buttons = Vec::new();
        for (index, button) in say.buttons.iter().enumerate() {
            let at = |field: &str| step_field(name, &format!("buttons.{index}.{field}"));
            let label = self.label(at("label"), &button.label, reads);
            let url = self.text(at("url"), &button.url, reads);
            if url.plain().is_some_and(|plain| !check::is_address(plain)) {
                self.error(at("url"), "bad_url", &button.url);
            }
            buttons.push((label, url));
        }
        let policy = if say.once { Policy::Keep } else { Policy::Repeat };
        Work::Say(SayPlan { text, media, buttons, policy })
    }

    fn ask(&mut self, name: &str, ask: &Ask, reads: &mut Vec<String>) -> Work {
        let text = self.words(step_field(name, "text"), &ask.text, reads);
        let share_phone = self.maybe_text(step_field(name, "share_phone"), ask.share_phone.as_ref(), reads);
        if share_phone.is_some() {
            reads.push("channel.shares_phone".to_owned());
            if ask.expects != Expects::Phone {
                self.error(step_field(name, "share_phone"), "no_phone", "");
            }
        }
        let mut own_button = |compiler: &mut Self, field: &str, source: Option<&String>, slot, sign| {
            let label = compiler.maybe_text(step_field(name, field), source, reads)?;
            Some((label, compiler.token(name, slot, sign)))
        };
        let suggest = own_button(self, "suggest", ask.suggest.as_ref(), token::SUGGEST, Slot::Suggest);
        let skip = own_button(self, "skip", ask.skip.as_ref(), token::SKIP, Slot::Skip);
        let again = self.maybe_text(step_field(name, "again"), ask.again.as_ref(), reads);
        let (min, max) =
            (self.bound(name, "min", ask, ask.min.as_ref()), self.bound(name, "max", ask, ask.max.as_ref()));
        if check::crossed(min, max) {
            self.error(step_field(name, "max"), "bad_bounds", "");
        }
        let retries = ask.retries.or(self.draft.tries).unwrap_or(TRIES);
        if !(1..=20).contains(&retries) {
            self.error(step_field(name, "retries"), "bad_tries", "");
        }
        Work::Ask(Box::new(AskPlan {
            text,
            expects: ask.expects,
            into: self.destination(&step_field(name, "into"), &ask.into),
            min,
            max,
            again,
            retries,
            share_phone,
            typed: ask.typed,
            suggest,
            skip,
        }))
    }

    fn bound(&mut self, step: &str, field: &str, ask: &Ask, value: Option<&Value>) -> Option<Bound> {
        let value = value?;
        let bound = check::bound(ask.expects, value);
        if bound.is_none() {
            self.error(step_field(step, field), "bad_bound", value.to_string());
        }
        bound
    }

    fn destination(&mut self, at: &Place, path: &str) -> Destination {
        // In a template «vars.a-b» would be a difference.
        if let Some(name) =
            path.strip_prefix("vars.").filter(|name| check::is_name(name) && !name.contains('-'))
        {
            return Destination::Var(name.to_owned());
        }
        if !check::is_writable(path, self.catalogue) {
            self.error(at.clone(), "not_writable", path);
        }
        Destination::Fact(path.to_owned())
    }

    fn choose(&mut self, name: &str, choose: &Choose, reads: &mut Vec<String>) -> Work {
        let text = self.words(step_field(name, "text"), &choose.text, reads);
        if choose.choices.is_empty() {
            self.error(step_field(name, "choices"), "no_choices", "");
        }
        let media = self.picture(name, choose.media.as_ref(), reads);
        let choices = self.choices(name, &choose.choices, reads);
        let again = self.maybe_text(step_field(name, "again"), choose.again.as_ref(), reads);
        let columns = self.columns(name, choose.columns);
        Work::Choose(ChoosePlan { text, media, choices, columns, anytime: choose.anytime, again })
    }

    fn columns(&mut self, step: &str, columns: Option<u8>) -> usize {
        if columns.is_some_and(|columns| !(1..=8).contains(&columns)) {
            self.error(step_field(step, "columns"), "bad_columns", "");
        }
        usize::from(columns.unwrap_or(1).clamp(1, 8))
    }

    fn choices(&mut self, step: &str, choices: &[Choice], reads: &mut Vec<String>) -> Vec<ChoicePlan> {
        let mut labels = BTreeSet::new();
        let mut plans = Vec::new();
        for (index, choice) in choices.iter().enumerate() {
            let at = |field: &str| step_field(step, &format!("choices.{index}.{field}"));
            if !check::is_name(&choice.key) {
                self.error(at("key"), "bad_name", &choice.key);
            }
            if ["next", "lost"].contains(&choice.key.as_str()) {
                self.error(at("key"), "reserved", &choice.key);
            }
            if choices[..index].iter().any(|earlier| earlier.key == choice.key) {
                self.error(at("key"), "doubled_choice", &choice.key);
            }
            let label = self.label(at("label"), &choice.label, reads);
            if let Some(plain) = label.plain().filter(|plain| !labels.insert(normalise(plain))) {
                self.error(at("label"), "doubled_label", plain);
            }
            let mut written = Vec::new();
            let set = self.assignments(&at("set"), &choice.set, &mut written);
            let token = self.token(step, &choice.key, Slot::Choice(index));
            let needs = namespaces(written.iter().map(String::as_str));
            plans.push(ChoicePlan { key: choice.key.clone(), label, token, set, needs });
        }
        plans
    }

    fn token(&mut self, step: &str, slot: &str, sign: Slot) -> String {
        let token = token::of(&self.draft.key, step, slot);
        let node = self.names.get(step).copied().unwrap_or_default();
        let earlier = self.tokens.insert(token.clone(), (node, sign));
        if earlier.is_some_and(|earlier| earlier != (node, sign))
            && earlier.is_some_and(|(other, _)| other != node)
        {
            self.error(step_field(step, "choices"), "token_clash", slot);
        }
        token
    }

    fn branch(&mut self, name: &str, branch: &Branch, reads: &mut Vec<String>) -> Work {
        if branch.cases.is_empty() {
            self.error(step_field(name, "cases"), "no_cases", "");
        }
        for (index, case) in branch.cases.iter().enumerate() {
            let at = step_field(name, &format!("cases.{index}.when"));
            for (code, detail) in self.readable.condition(&case.when) {
                self.error(at.clone(), code, detail);
            }
            case.when.each(&mut |field, op, _| {
                reads.push(field.to_owned());
                if op.counts_days() {
                    reads.push("business.zone".to_owned());
                }
            });
            if !check::is_name(&case.port) {
                self.error(step_field(name, &format!("cases.{index}.port")), "bad_name", &case.port);
            }
        }
        Work::Branch(branch.cases.iter().map(|case| (case.when.clone(), case.port.clone())).collect())
    }

    fn set(&mut self, name: &str, set: &Set, reads: &mut Vec<String>) -> Work {
        let values = self.assignments(&step_field(name, "values"), &set.values, reads);
        for (field, tags) in [("add_tags", &set.add_tags), ("remove_tags", &set.remove_tags)] {
            if tags.iter().any(|tag| tag.trim().is_empty()) {
                self.error(step_field(name, field), "missing", field);
            }
        }
        if !(set.add_tags.is_empty() && set.remove_tags.is_empty()) {
            reads.push("contact.tags".to_owned());
        }
        Work::Set(SetPlan { values, add_tags: set.add_tags.clone(), remove_tags: set.remove_tags.clone() })
    }

    fn assignments(
        &mut self,
        at: &Place,
        values: &BTreeMap<String, Value>,
        reads: &mut Vec<String>,
    ) -> Vec<Assignment> {
        let mut plans = Vec::new();
        for (path, value) in values {
            let into = self.destination(at, path);
            let kind = self.catalogue.fact(path).map(|fact| fact.kind);
            if kind.is_some_and(|kind| !value.is_null() && !check::fits(kind, value)) {
                self.error(at.clone(), "bad_param", path);
            }
            plans.push(Assignment { into, value: self.param(at, value, kind, reads) });
        }
        plans
    }

    fn param(&mut self, at: &Place, value: &Value, kind: Option<Kind>, reads: &mut Vec<String>) -> Param {
        match value {
            Value::String(source) => {
                let text = self.text(at.clone(), source, reads);
                match text.plain() {
                    Some(plain) => Param::Literal(crate::answer::coerce(kind, plain)),
                    None => Param::Text(text, kind),
                }
            }
            Value::Array(items) => {
                Param::List(items.iter().map(|item| self.param(at, item, None, reads)).collect())
            }
            Value::Object(map) => {
                let inner = map.iter().map(|(name, item)| (name.clone(), self.param(at, item, None, reads)));
                Param::Map(inner.collect())
            }
            other => Param::Literal(other.clone()),
        }
    }

    fn params(
        &mut self,
        step: &str,
        params: &BTreeMap<String, Value>,
        specs: &[ParamSpec],
        reads: &mut Vec<String>,
    ) -> Vec<(String, Param)> {
        for spec in specs.iter().filter(|spec| spec.required && !params.contains_key(&spec.name)) {
            self.error(step_field(step, "params"), "missing_param", &spec.name);
        }
        let mut plans = Vec::new();
        for (name, value) in params {
            let at = step_field(step, &format!("params.{name}"));
            let spec = specs.iter().find(|spec| spec.name == *name);
            match spec {
                None => self.error(at.clone(), "unknown_param", name),
                Some(spec) if !check::fits(spec.kind, value) => self.error(at.clone(), "bad_param", name),
                Some(_) => {}
            }
            plans.push((name.clone(), self.param(&at, value, spec.map(|spec| spec.kind), reads)));
        }
        plans
    }

    fn act(&mut self, name: &str, act: &Act, reads: &mut Vec<String>) -> Work {
        let catalogue = self.catalogue;
        let Some(spec) = catalogue.action(&act.action) else {
            self.error(step_field(name, "action"), "unknown_action", &act.action);
            return Work::End;
        };
        let params = self.params(name, &act.params, &spec.params, reads);
        Work::Act(ActPlan { action: act.action.clone(), params, changes: spec.changes.clone() })
    }

    fn show(&mut self, name: &str, show: &Show, reads: &mut Vec<String>) -> Work {
        let catalogue = self.catalogue;
        let Some(spec) = catalogue.screen(&show.screen) else {
            self.error(step_field(name, "screen"), "unknown_screen", &show.screen);
            return Work::End;
        };
        for choice in
            show.choices.iter().filter(|choice| spec.outcomes.iter().any(|own| own.name == choice.key))
        {
            self.error(step_field(name, "choices"), "reserved", &choice.key);
        }
        let params = self.params(name, &show.params, &spec.params, reads);
        let choices = self.choices(name, &show.choices, reads);
        for sentence in [SystemText::PageNext, SystemText::PagePrevious] {
            reads.extend(self.sentence_reads(sentence));
        }
        let goes_on =
            self.draft.edges.contains_key(name) || self.draft.edges.contains_key(&format!("{name}.next"));
        let rests = !choices.is_empty() || !goes_on;
        Work::Show(ShowPlan {
            screen: show.screen.clone(),
            params,
            choices,
            columns: self.columns(name, show.columns),
            anytime: show.anytime,
            token: self.token(name, token::SCREEN, Slot::Screen),
            rests,
            hears: spec.hears,
            takes: spec.takes,
        })
    }

    /// What the scenario's own wording of a sentence reads; its problems are told where it is compiled.
    fn sentence_reads(&mut self, sentence: SystemText) -> Vec<String> {
        let own = self.draft.texts.get(sentence.name()).map(|source| self.templates.add(source));
        own.and_then(Result::ok).map(|text| text.paths().to_vec()).unwrap_or_default()
    }

    fn wait(&mut self, name: &str, wait: &Wait, reads: &mut Vec<String>) -> Work {
        match (wait.length, &wait.until) {
            (Some(length), None) => Work::Wait(Pause::For(length)),
            (None, Some(until)) => {
                let text = self.words(step_field(name, "until"), until, reads);
                reads.push("business.zone".to_owned());
                if text.plain().is_some_and(|plain| check::moment(plain).is_none()) {
                    self.error(step_field(name, "until"), "bad_moment", until);
                }
                Work::Wait(Pause::Until(text))
            }
            _ => {
                self.error(step_field(name, ""), "one_of", "for, until");
                Work::End
            }
        }
    }

    fn hand_off(&mut self, name: &str, hand_off: &HandOff, reads: &mut Vec<String>) -> Work {
        if hand_off.text.is_none() {
            reads.extend(self.sentence_reads(SystemText::HandedOff));
        }
        let text = self.maybe_text(step_field(name, "text"), hand_off.text.as_ref(), reads);
        Work::HandOff { reason: hand_off.reason.clone(), text }
    }

    fn goto(&mut self, name: &str, goto: &Goto) -> Work {
        match (&goto.scenario, &goto.step) {
            (Some(scenario), None) => Work::Goto(scenario.clone()),
            (None, Some(step)) => self.step(step, step_field(name, "step")).map_or(Work::End, Work::Jump),
            _ => {
                self.error(step_field(name, ""), "one_of", "scenario, step");
                Work::End
            }
        }
    }

    fn texts(&mut self, locale: Locale) -> BTreeMap<SystemText, (Text, Vec<String>)> {
        for name in self.draft.texts.keys().filter(|name| SystemText::by_name(name).is_none()) {
            self.problems.push(Problem::error(Place::Text { name: name.clone() }, "unknown_text", name));
        }
        let mut texts = BTreeMap::new();
        for sentence in SystemText::ALL {
            let own = self.draft.texts.get(sentence.name()).cloned();
            let source = own.unwrap_or_else(|| sentence.default_text(locale).to_owned());
            let mut reads = Vec::new();
            let text = self.words(Place::Text { name: sentence.name().to_owned() }, &source, &mut reads);
            texts.insert(*sentence, (text, namespaces(reads.iter().map(String::as_str))));
        }
        texts
    }
}
