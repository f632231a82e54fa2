//! The one numbered list of migrations. Expand first, contract later: an older node keeps running beside a newer one.

use samovar_store::Migration;

macro_rules! migration {
    ($number:literal, $name:literal) => {
        Migration {
            number: $number,
            name: $name,
            sql: include_str!(concat!("../migrations/", $name, ".sql")),
            postgres: None,
        }
    };
}

/// All migrations, in order.
pub const ALL: &[Migration] = &[
    migration!(1, "0001_tenants"),
    migration!(2, "0002_contacts"),
    migration!(3, "0003_scenarios"),
    migration!(4, "0004_pipeline"),
    migration!(5, "0005_ledger"),
    migration!(6, "0006_loyalty"),
    migration!(7, "0007_work"),
    migration!(8, "0008_idempotency"),
    migration!(9, "0009_desk"),
    migration!(10, "0010_purchases"),
    migration!(11, "0011_segments"),
    migration!(12, "0012_broadcasts"),
    migration!(13, "0013_counter"),
    migration!(14, "0014_codes"),
    migration!(15, "0015_catalogue"),
    migration!(16, "0016_deals"),
    migration!(17, "0017_books"),
    migration!(18, "0018_joins"),
    migration!(19, "0019_outbound"),
    migration!(20, "0020_users"),
    migration!(21, "0021_insights"),
    migration!(22, "0022_newcomers"),
    migration!(23, "0023_phones"),
    migration!(24, "0024_passages"),
    migration!(25, "0025_pictures"),
    migration!(26, "0026_contacts"),
    migration!(27, "0027_conversations"),
    migration!(28, "0028_promo"),
    migration!(29, "0029_receipts"),
    migration!(30, "0030_draws"),
    migration!(31, "0031_numbers"),
    migration!(32, "0032_balances"),
    migration!(33, "0033_receipts_found"),
    migration!(34, "0034_waiting"),
    migration!(35, "0035_claims"),
    migration!(36, "0036_receipts_item"),
    migration!(37, "0037_desk"),
    migration!(38, "0038_timers"),
    migration!(39, "0039_channels_picture"),
    migration!(40, "0040_user_link_email"),
    migration!(41, "0041_backups_failure"),
];
