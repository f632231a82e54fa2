use super::*;
use std::collections::BTreeSet;

fn with(role: Role) -> Actor {
    Actor::staff(TenantId(1), StaffId(2), role, "ru")
}

/// Who may what, to be read at one glance. Owners may everything, administrators all but make owners.
#[test]
fn roles_may_what_the_table_says() {
    use Right::*;
    let table: &[(Right, &[Role])] = &[
        (ContactsRead, &[Role::Manager, Role::Marketer, Role::Dispatcher, Role::Cashier]),
        (ContactsWrite, &[Role::Manager, Role::Dispatcher]),
        (PersonalDataSee, &[Role::Manager, Role::Dispatcher]),
        (PointsRead, &[Role::Manager, Role::Marketer, Role::Cashier]),
        (PointsWrite, &[Role::Manager, Role::Cashier]),
        (PointsMany, &[Role::Manager]),
        (SegmentsWrite, &[Role::Manager, Role::Marketer]),
        (ScenariosRead, &[Role::Manager, Role::Marketer]),
        (ScenariosWrite, &[Role::Marketer]),
        (ChannelsRead, &[Role::Manager, Role::Marketer]),
        (ConversationsRead, &[Role::Manager, Role::Dispatcher]),
        (ConversationsWrite, &[Role::Manager, Role::Dispatcher]),
        (SettingsRead, &[Role::Manager, Role::Marketer, Role::Dispatcher]),
        (BroadcastsSend, &[Role::Marketer]),
        (Promotions, &[Role::Manager, Role::Marketer]),
        (Moderation, &[Role::Manager, Role::Marketer]),
    ];
    for right in Right::ALL {
        let listed = table.iter().find(|(listed, _)| listed == right).map_or(&[][..], |(_, roles)| roles);
        for role in Role::ALL {
            let may = match role {
                Role::Owner => true,
                Role::Administrator => !matches!(right, OwnersManage | BackupsMake),
                role => listed.contains(role),
            };
            assert_eq!(with(*role).may(*right), may, "{role} {right}");
            assert_eq!(with(*role).require(*right).is_ok(), may, "{role} {right}");
        }
    }
}

#[test]
fn a_refusal_names_the_right_in_both_languages() {
    let refused = with(Role::Cashier).require(Right::ScenariosWrite).unwrap_err();
    let problem = &refused.problems()[0];
    assert_eq!((problem.kind, problem.code), (Kind::Forbidden, "forbidden"));
    assert_eq!(problem.ru, "Недостаточно прав: нужно право «изменять и публиковать сценарии»");
    assert_eq!(problem.en, "This needs the right “change and publish scenarios” (scenarios_write)");
}

#[test]
fn nobody_hands_out_rights_they_do_not_have() {
    let cashier = with(Role::Cashier);
    assert!(cashier.require_all(Rights::of(&[Right::PointsRead, Right::PointsWrite])).is_ok());
    assert!(cashier.require_all(Rights::of(&[Right::PointsRead, Right::StaffManage])).is_err());
    assert!(with(Role::Owner).require_all(Rights::ALL).is_ok());
}

#[test]
fn names_of_rights_and_roles_are_read_back() {
    for right in Right::ALL {
        assert_eq!(right.as_str().parse(), Ok(*right));
        assert_eq!(serde_json::to_value(right).unwrap(), right.as_str());
    }
    for role in Role::ALL {
        assert_eq!(role.as_str().parse(), Ok(*role));
        assert_eq!(serde_json::to_value(role).unwrap(), role.as_str());
    }
    assert_eq!(Rights::parse(&Rights::ALL.to_string()), Ok(Rights::ALL));
    assert_eq!(Rights::parse(" points_read  points_read "), Ok(Rights::of(&[Right::PointsRead])));
    let wrong = Rights::parse("points_read all admin").unwrap_err();
    assert_eq!(
        wrong.iter().map(|problem| problem.code).collect::<Vec<_>>(),
        ["unknown_right", "unknown_right"]
    );
}

#[test]
fn no_two_rights_share_a_place_in_the_set() {
    let places: BTreeSet<_> = Right::ALL.iter().map(|right| *right as u64).collect();
    assert!(places.len() == Right::ALL.len() && places.iter().all(|place| *place < 64));
}

#[test]
fn phones_are_masked_for_those_who_may_not_see_them() {
    assert_eq!(with(Role::Manager).sees_phone("+79161234567"), "+79161234567");
    assert_eq!(with(Role::Marketer).sees_phone("+79161234567"), "+7 *** ***-45-67");
}

#[test]
fn the_actor_is_the_cause_of_what_follows() {
    let key = Actor { who: Who::ApiKey(ApiKeyId(7)), ..Actor::system(TenantId(1)) };
    let by = |actor: &Actor| (actor.cause().by, actor.cause().id);
    assert_eq!(by(&key), ("api".into(), ApiKeyId(7).to_string()));
    assert_eq!(by(&with(Role::Owner)), ("staff".into(), StaffId(2).to_string()));
    assert_eq!(by(&Actor::setup(TenantId(1))), ("setup".into(), "setup".into()));
    assert_eq!(by(&Actor::system(TenantId(1))), ("job".into(), "system".into()));
}
