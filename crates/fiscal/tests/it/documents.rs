//! Documents as the tax service and others give them.

use crate::data;
use jiff::civil::date;
use samovar_fiscal::document::{self, NotADocument, decode, decode_all, gtin};
use samovar_fiscal::{Operation, Receipt, read};
use serde_json::{Value, json};

fn decoded(value: &Value) -> Result<Receipt, NotADocument> {
    decode(value.to_string().as_bytes())
}

/// A small receipt of 2026.
fn bare() -> Value {
    json!({
        "user": "ООО \"ПОБЕДА\"", "userInn": "7325000001  ", "retailPlace": "Магазин  «Победа»", "dateTime": "2026-01-05T10:00:00",
        "operationType": 1, "totalSum": 10_050, "fiscalDriveNumber": "7384440900770272", "fiscalDocumentNumber": 5, "fiscalSign": 77,
        "operator": "КАССИР ИВАНОВА", "operatorInn": "500100732259", "buyerPhoneOrAddress": "+79990000000", "sellerAddress": "a@b.ru",
        "items": [{"name": "Молоко", "sum": 10_050}],
    })
}

#[test]
fn all_receipts_of_the_app_are_read_and_are_those_of_their_codes() {
    let all = decode_all(&data::bytes("fns_app_export.json")).expect("an export");
    let codes = data::rows("fns_app_export_qr.csv");
    assert_eq!(all.len(), codes.len());
    let (mut items, mut marked, mut agents) = (0, 0, 0);
    for (receipt, row) in all.iter().zip(&codes) {
        let receipt = receipt.as_ref().expect("a receipt");
        let code = read(&row[0]).expect("a code");
        assert_eq!((&receipt.key, receipt.at, receipt.operation), (&code.key, Some(code.at), code.operation));
        assert_eq!(receipt.total, code.sum, "{}", row[0]);
        assert_eq!(receipt.seller.inn, row[1]);
        assert_eq!(receipt.items.len().to_string(), row[2]);
        assert!(!receipt.till.is_empty() && !receipt.till.contains(' ') && receipt.shift.is_some());
        items += receipt.items.len();
        marked += receipt.items.iter().filter(|item| !item.gtin.is_empty()).count();
        agents += receipt.items.iter().filter(|item| !item.provider_inn.is_empty()).count();
    }
    assert_eq!((items, marked, agents), (242, 144, 4));
    assert_eq!(all.iter().flatten().filter(|receipt| receipt.online).count(), 4);
    assert_eq!(decode(&data::bytes("fns_app_export.json")).as_ref(), all[0].as_ref(), "the first of several");
}

#[test]
fn an_answer_of_proverkacheka() {
    let receipt = decode(&data::bytes("proverkacheka_ok_2024.json")).expect("a receipt");
    assert_eq!(receipt.key.to_string(), "7281440500751551/30526/1168453787");
    assert_eq!(receipt.at, Some(date(2024, 9, 17).at(18, 1, 0, 0)));
    assert_eq!((receipt.total, receipt.items.iter().map(|item| item.sum).sum::<i64>()), (128_521, 128_521));
    assert_eq!(
        (receipt.seller.inn.as_str(), receipt.seller.place.as_str()),
        ("7825706086", "37S0 26151-Пятерочка")
    );
    assert_eq!(
        receipt.seller.address,
        "680038, 27 - Хабаровский край, г.о. город Хабаровск, г Хабаровск,, ул Серышева, Дом 22"
    );
    assert_eq!(receipt.region.as_deref(), Some("27"));
    assert_eq!(
        (receipt.items[0].name.as_str(), receipt.items[0].quantity, receipt.items[0].measure),
        ("*Тыква 1кг", 2_474, Some(11))
    );
    assert_eq!(receipt.items[1], receipt.items[2], "equal lines stay two");
    assert_eq!((receipt.till.as_str(), receipt.shift), ("0007795807005569", Some(205)));
}

#[test]
fn error_answers_hold_no_receipt() {
    let answers: Value =
        serde_json::from_slice(&data::bytes("proverkacheka_errors_synthetic.json")).expect("JSON");
    for answer in answers["answers"].as_array().expect("a list") {
        assert_eq!(decoded(answer), Err(NotADocument::NoReceipt), "{answer}");
    }
}

#[test]
fn a_marketplace_whose_time_is_told_in_seconds() {
    let receipt = decode(&data::bytes("fns_mobile_ozon_2023.json")).expect("a receipt");
    assert_eq!(receipt.at, Some(date(2023, 10, 16).at(13, 13, 0, 0)), "by the till, from the code beside it");
    assert_eq!(
        (receipt.seller.inn.as_str(), receipt.items[0].provider_inn.as_str()),
        ("7704217370", "7717144513")
    );
    assert!(receipt.online && receipt.region.is_none());
    let mut alone: Value = serde_json::from_slice(&data::bytes("fns_mobile_ozon_2023.json")).expect("JSON");
    let alone = decoded(&alone["ticket"]["document"]["receipt"].take()).expect("a receipt");
    assert_eq!(alone.at, None, "seconds alone say nothing of the till's zone");
}

#[test]
fn the_format_of_2019() {
    let receipt = decode(&data::bytes("fns_old_2019.json")).expect("a receipt");
    let code =
        read("t=20191005T1548&s=1127.00&fn=9282000100254567&i=11401&fp=371532793&n=1").expect("a code");
    assert_eq!((&receipt.key, receipt.at, receipt.total), (&code.key, Some(code.at), code.sum));
    assert_eq!((receipt.items.len(), receipt.items[0].product_type), (2, None));
    assert_eq!(receipt.items[0].quantity, 6_000);
}

#[test]
fn every_wrapper_is_opened() {
    let plain = decoded(&bare()).expect("a receipt");
    assert_eq!((plain.seller.inn.as_str(), plain.seller.place.as_str()), ("7325000001", "Магазин «Победа»"));
    for wrapped in [
        json!({"code": 1, "data": {"json": bare(), "html": "<html>"}}),
        json!({"code": 1, "data": {"json": bare().to_string()}}),
        json!({"code": 1, "data": json!({"json": bare()}).to_string()}),
        json!([{"_id": "1", "ticket": {"document": {"receipt": bare()}}}]),
        json!([{"ticket": {"document": {"bso": bare()}}}]),
        json!({"document": {"receipt": bare()}}),
        json!({"id": "1", "ofdId": "ofd1", "address": "", "content": bare()}),
        json!({"status": 2, "ticket": {"document": {"receipt": bare()}}}),
    ] {
        assert_eq!(decoded(&wrapped).as_ref(), Ok(&plain), "{wrapped}");
    }
    let of_ofd = json!({"id": "1", "address": "Омск, Ленина 1", "content": bare()});
    assert_eq!(decoded(&of_ofd).expect("a receipt").seller.address, "Омск, Ленина 1");
}

#[test]
fn nothing_personal_is_kept() {
    let text = serde_json::to_string(&decoded(&bare()).expect("a receipt")).expect("JSON");
    for personal in ["ИВАНОВА", "500100732259", "79990000000", "a@b.ru"] {
        assert!(!text.contains(personal), "{text}");
    }
    let again: Receipt = serde_json::from_str(&text).expect("what was written is read");
    assert_eq!(again, decoded(&bare()).expect("a receipt"));
    let older: Receipt =
        serde_json::from_str(r#"{"total": 5, "items": [{"name": "x"}]}"#).expect("fields may be missing");
    assert_eq!(older.total, 5);
}

#[test]
fn fields_of_other_kinds_are_taken_where_they_make_sense() {
    let mut odd = bare();
    odd["fiscalDriveNumber"] = json!(7_384_440_900_770_272_u64);
    odd["fiscalDocumentNumber"] = json!("5");
    odd["fiscalSign"] = json!(77.0);
    odd["totalSum"] = json!("10050");
    odd["userInn"] = json!(7_325_000_001_i64);
    odd["operationType"] = json!("1");
    odd["region"] = json!(7);
    odd["dateTime"] = json!("2026-01-05T10:00");
    odd["properties"] = json!([{"key": "a", "value": "b"}]);
    odd["messageFiscalSign"] = json!(9.297_250_629_620_95e18);
    odd["items"] =
        json!([{"name": "Сыр", "sum": 100.0, "quantity": "0,308", "productType": "33", "price": null}]);
    let receipt = decoded(&odd).expect("a receipt");
    assert_eq!((receipt.key.to_string().as_str(), receipt.total), ("7384440900770272/5/77", 10_050));
    assert_eq!((receipt.seller.inn.as_str(), receipt.region.as_deref()), ("7325000001", Some("07")));
    assert_eq!(receipt.at, Some(date(2026, 1, 5).at(10, 0, 0, 0)));
    let item = &receipt.items[0];
    assert_eq!((item.quantity, item.sum, item.price, item.product_type), (308, 100, 100, Some(33)));
}

#[test]
fn without_its_numbers_it_is_no_receipt() {
    for (field, value) in [
        ("fiscalDriveNumber", json!("123")),
        ("fiscalDocumentNumber", json!(null)),
        ("fiscalSign", json!({"a": 1})),
        ("totalSum", json!("много")),
        ("totalSum", json!(-1)),
        ("operationType", json!(13)),
        ("items", json!("нет")),
        ("items", json!([{"name": "без суммы"}])),
        ("items", json!(["молоко"])),
    ] {
        let mut broken = bare();
        broken[field] = value;
        assert_eq!(decoded(&broken), Err(NotADocument::Field(field)), "{field}");
    }
    let mut back = bare();
    back["operationType"] = json!(2);
    assert_eq!(decoded(&back).expect("a receipt").operation, Operation::SaleReturn);
}

#[test]
fn marks_of_goods_in_all_their_forms() {
    let with = |item: Value| {
        let mut receipt = bare();
        receipt["items"] = json!([item]);
        decoded(&receipt).expect("a receipt").items.remove(0)
    };
    let newer = with(
        json!({"name": "Молоко", "sum": 1, "productCodeNew": {"gs1m": {"gtin": "04606419014681", "sernum": "x", "productIdType": 6}}}),
    );
    let older = with(
        json!({"name": "Молоко", "sum": 1, "productCodeData": {"gtin": 4_606_419_014_681_i64, "productIdType": 6}}),
    );
    let raw = with(
        json!({"name": "Молоко", "sum": 1, "productCodeNew": {"gs1m": {"rawProductCode": "0104606419014681215*ttfD"}}}),
    );
    assert_eq!([newer.gtin, older.gtin, raw.gtin], ["4606419014681"; 3].map(String::from));
    assert!(
        with(json!({"name": "Вино", "sum": 1, "productCodeNew": {"egais2": {"rawProductCode": "x"}}})).egais
    );
    assert!(with(json!({"name": "Вино", "sum": 1, "productCodeData": {"productIdType": 10}})).egais);
    let tap = json!({"name": "Светлое", "sum": 1, "itemsIndustryDetails": [{"idFoiv": "048", "industryPropValue": "mode=horeca"}]});
    assert!(with(tap).draught);
    let milk = json!({"name": "Молоко", "sum": 1, "itemsIndustryDetails": [{"idFoiv": "030", "industryPropValue": "UUID=1&Time=2"}]});
    assert!(!with(milk).draught);
    for odd in
        [json!("text"), json!(null), json!([1]), json!({"gs1m": "text"}), json!({"gs1m": {"gtin": {}}})]
    {
        let item = with(json!({"name": "Молоко", "sum": 1, "productCodeNew": odd, "productCodeData": odd}));
        assert_eq!((item.gtin.as_str(), item.egais), ("", false));
    }
    assert_eq!(gtin("00"), None);
}

#[test]
fn sizes_have_bounds() {
    let mut long = bare();
    long["user"] = json!("ю".repeat(100_000));
    assert_eq!(decoded(&long).expect("a receipt").seller.name.chars().count(), 512);
    long["items"] = json!(vec![json!({"name": "a", "sum": 1}); document::ITEMS_MAX + 1]);
    assert_eq!(decoded(&long), Err(NotADocument::TooLarge));
    assert_eq!(decode(&vec![b' '; document::BYTES_MAX + 1]), Err(NotADocument::TooLarge));
    assert_eq!(decode(b"<html>"), Err(NotADocument::NotJson));
    assert_eq!(decode(b""), Err(NotADocument::NotJson));
    assert_eq!(decode(b"[]"), Err(NotADocument::NoReceipt));
    let deep = format!("{}{}{}", r#"{"data":"#.repeat(60), bare(), "}".repeat(60));
    assert_eq!(decode(deep.as_bytes()), Err(NotADocument::NoReceipt));
}
