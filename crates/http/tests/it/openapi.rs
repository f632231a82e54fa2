//! The description of the API.

use samovar_http::openapi;
use serde_json::Value;
use std::collections::BTreeSet;

fn operations() -> Vec<(String, String, Value)> {
    let document: Value = serde_json::from_str(openapi::json()).expect("JSON");
    assert!(
        document["openapi"].as_str().is_some_and(|version| version.starts_with("3.1")),
        "{}",
        document["openapi"]
    );
    let paths = document["paths"].as_object().expect("paths").clone();
    let all = paths.into_iter().flat_map(|(path, item)| {
        let item = item.as_object().expect("operations").clone();
        item.into_iter().map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
    });
    all.collect()
}

#[test]
fn every_operation_is_described() {
    let mut names = BTreeSet::new();
    for (method, path, operation) in operations() {
        let what = format!("{method} {path}");
        assert!(operation["summary"].as_str().is_some_and(|text| !text.is_empty()), "{what} has no summary");
        assert!(operation["tags"].as_array().is_some_and(|tags| !tags.is_empty()), "{what} has no tag");
        assert_eq!(operation["responses"]["default"]["$ref"], "#/components/responses/Problem", "{what}");
        assert!(operation["security"].is_array(), "{what} is not signed");
        let name = operation["operationId"].as_str().unwrap_or_default().to_owned();
        assert!(
            !name.is_empty() && names.insert(name.clone()),
            "{what}: its name {name} is missing or taken"
        );
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let document: Value = serde_json::from_str(openapi::json()).expect("JSON");
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        if let Some(Value::String(reference)) = value.get("$ref") {
            let pointer = reference.strip_prefix('#').expect("a reference within the document");
            assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
        }
        match value {
            Value::Object(all) => open.extend(all.values()),
            Value::Array(all) => open.extend(all),
            _ => {}
        }
    }
}

#[test]
fn a_file_is_bytes_of_a_kind_that_is_named() {
    for (method, path, operation) in operations() {
        let answers = operation["responses"].as_object().expect("responses").values();
        let contents =
            answers.chain([&operation["requestBody"]]).filter_map(|one| one["content"].as_object());
        for (media_type, content) in contents.flatten() {
            let numbers = content["schema"]["items"]["type"] == "integer";
            assert!(
                media_type.ends_with("json") || !numbers,
                "{method} {path} {media_type} is a list of numbers"
            );
        }
    }
}

#[test]
fn the_list_of_operations() {
    let lines: BTreeSet<String> = operations()
        .into_iter()
        .map(|(method, path, operation)| {
            format!("{path} {method} {}", operation["operationId"].as_str().unwrap_or_default())
        })
        .collect();
    let list = lines.into_iter().collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(list);
}
