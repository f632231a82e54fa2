use super::*;
use crate::catalogue::ItemId;
use crate::loyalty::{Units, Wording};
use samovar_base::{Points, Rate};

fn deal(sum: Option<i64>, items: &[(i64, u32)]) -> Deal {
    let item = |(weight, quantity): &(i64, u32)| DealItem {
        item: ItemId(1),
        key: "cut".into(),
        name: "Стрижка".into(),
        quantity: *quantity,
        weight: Points(*weight),
    };
    Deal {
        id: DealId(1),
        key: "k".into(),
        contact: ContactId(1),
        pipeline: PipelineId(1),
        stage: "new".into(),
        kind: StageKind::Open,
        title: "Стрижка".into(),
        sum,
        items: items.iter().map(item).collect(),
        source: Source::Api,
        responsible: None,
        points: Points::ZERO,
        order: None,
        accrued: Points::ZERO,
        rounds: 0,
        revision: 1,
        created_at: Instant(0),
        changed_at: Instant(0),
    }
}

#[test]
fn success_gives_weights_a_fixed_sum_and_a_share() {
    let mut pipeline = PipelineFields::builtin(MAIN);
    let deal = deal(Some(159_090), &[(10, 2), (5, 1)]);
    assert_eq!(pipeline.reward(&deal), Points(25));
    pipeline.accrual = Accrual { weights: false, fixed: Points(100), percent_bp: Rate(500) };
    assert_eq!(pipeline.reward(&deal), Points(179));
    pipeline.accrual.weights = true;
    assert_eq!(pipeline.reward(&deal), Points(204));
}

#[test]
fn built_in_pipelines_are_good_ones() {
    for key in [MAIN, ORDERS] {
        assert_eq!(PipelineFields::builtin(key).problems(&Units::default()), [], "{key}");
    }
}

#[test]
fn what_is_wrong_with_a_pipeline_is_told_by_field() {
    let mut pipeline = PipelineFields::builtin(MAIN);
    pipeline.stages.retain(|stage| stage.kind != StageKind::Failure);
    pipeline.stages[1].key = "new".into();
    pipeline.stages[2].tells = Some(Wording::new("{{ nothing }}", "Done"));
    pipeline.accrual.percent_bp = Rate(10_001);
    pipeline.order_days = Some(0);
    let found = pipeline.problems(&Units::default());
    let fields: Vec<_> = found.iter().filter_map(|problem| problem.field.as_deref()).collect();
    assert_eq!(
        fields,
        [
            "pipeline.stages",
            "pipeline.stages.1.key",
            "pipeline.stages.2.tells.ru",
            "pipeline.accrual.percent_bp",
            "pipeline.order_days",
        ]
    );
}
