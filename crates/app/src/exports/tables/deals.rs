//! Deals and orders, as they stand.

use super::{Key, Rows, View};
use crate::deals::{self, DealId, DealItem, Pipeline, PipelineId, Source, StageKind};
use crate::problem::Fail;
use crate::sheets::{Cell, Column, Language};
use samovar_base::{ContactId, Instant, StaffId};
use samovar_store::{Row, Tx, params, query};

query! {
    static DEALS =
        "SELECT d.id, d.created_at, d.pipeline_id, d.stage, d.kind, d.contact_id, c.name, c.phone, d.title, d.sum,
             d.points, d.accrued, d.items, d.source, d.responsible
         FROM deals_deal d
         LEFT JOIN contact c ON c.tenant_id = d.tenant_id AND c.id = d.contact_id
         WHERE d.tenant_id = $1 AND d.id > $2 AND d.created_at <= $3 ORDER BY d.id LIMIT $4";
    static DEAL_COUNT = "SELECT COUNT(*) FROM deals_deal WHERE tenant_id = $1 AND created_at <= $2";
}

pub(super) fn columns(view: &View) -> Vec<Column> {
    let all: [(&str, &str, u16); 15] = [
        ("Сделка", "Deal", 19),
        ("Создана", "Created", 17),
        ("Воронка", "Pipeline", 20),
        ("Стадия", "Stage", 18),
        ("Итог", "Outcome", 11),
        ("Код клиента", "Contact id", 19),
        ("Имя", "Name", 28),
        ("Телефон", "Phone", 17),
        ("Название", "Title", 30),
        ("Сумма, ₽", "Sum, ₽", 13),
        ("Цена в баллах", "Price in points", 14),
        ("Начислено баллов", "Points earned", 14),
        ("Состав", "Items", 36),
        ("Откуда", "Source", 14),
        ("Сотрудник", "Staff", 20),
    ];
    all.iter().map(|(ru, en, width)| Column::new(view.language.pick(ru, en), *width)).collect()
}

pub(super) async fn count(tx: &Tx, until: Instant) -> Result<i64, Fail> {
    Ok(tx.one(&DEAL_COUNT, params![until]).await?.map_or(Ok(0), |row| row.int(0))?)
}

pub(super) async fn rows(tx: &Tx, view: &View, after: Key, limit: u32) -> Result<Rows, Fail> {
    let pipelines = deals::pipelines_in(tx).await?;
    let rows = tx.all(&DEALS, params![after.0, view.until, limit]).await?;
    rows.iter().map(|row| one(row, view, &pipelines)).collect()
}

fn one(row: &Row, view: &View, pipelines: &[Pipeline]) -> Result<(Key, Vec<Cell>), Fail> {
    let (id, pipeline): (DealId, PipelineId) = (row.id(0)?, row.id(2)?);
    let contact: ContactId = row.id(5)?;
    let items: Vec<DealItem> = row.json(12)?;
    let responsible: Option<StaffId> = row.opt_id(14)?;
    let locale = view.language.pick("ru", "en");
    let pipeline = pipelines.iter().find(|one| one.id == pipeline);
    let key = row.text(3)?;
    let stage = pipeline.and_then(|pipeline| pipeline.stage(key));
    let points = |points: i64| if points == 0 { Cell::Empty } else { Cell::Whole(points) };
    let cells = vec![
        Cell::Text(id.to_string()),
        view.moment(row.instant(1)?),
        pipeline.map_or(Cell::Empty, |pipeline| Cell::text(pipeline.fields.name.text(locale))),
        Cell::text(stage.map_or(key, |stage| stage.name.text(locale))),
        Cell::text(outcome(row.text(4)?, view.language)),
        Cell::Text(contact.to_string()),
        Cell::maybe(row.opt_text(6)?),
        view.phone(row.opt_text(7)?),
        Cell::text(row.text(8)?),
        row.opt_int(9)?.map_or(Cell::Empty, Cell::Money),
        points(row.int(10)?),
        points(row.int(11)?),
        Cell::text(listed(&items)),
        Cell::text(source(row.text(13)?, view.language)),
        responsible.map_or(Cell::Empty, |staff| {
            let id = staff.to_string();
            Cell::Text(view.names.get(&id).cloned().unwrap_or(id))
        }),
    ];
    Ok(((id.0, 0), cells))
}

/// `Кружка × 2; Открытка`.
fn listed(items: &[DealItem]) -> String {
    let one = |item: &DealItem| match item.quantity {
        1 => item.name.clone(),
        many => format!("{} × {many}", item.name),
    };
    items.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn outcome(name: &str, language: Language) -> &str {
    match StageKind::from_name(name) {
        Some(StageKind::Open) => language.pick("в работе", "open"),
        Some(StageKind::Success) => language.pick("успех", "success"),
        Some(StageKind::Failure) => language.pick("отказ", "failure"),
        None => name,
    }
}

fn source(name: &str, language: Language) -> &str {
    match Source::from_name(name) {
        Some(Source::Registration) => language.pick("регистрация", "registration"),
        Some(Source::Order) => language.pick("каталог", "catalogue"),
        Some(Source::Scenario) => language.pick("сценарий", "scenario"),
        Some(Source::Staff) => language.pick("сотрудник", "staff"),
        Some(Source::Api) => "API",
        None => name,
    }
}
