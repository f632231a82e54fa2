//! Ids, money, points, clock, chance, secrets and the message vocabulary. No IO.
//!
//! Everything here is a value. What the rest of the house needs from the world, the time and chance,
//! comes in through [`Clock`] and [`Chance`], so that a test or a simulation repeats from a seed.

pub mod chance;
pub mod clock;
pub mod hex;
pub mod id;
pub mod message;
pub mod money;
pub mod personal;
pub mod phone;
pub mod totp;
pub mod vault;

pub use chance::Chance;
pub use clock::{Clock, Instant, ManualClock, SystemClock};
pub use id::{
    AccountId, AlertId, ApiKeyId, AuditId, ChannelId, ConsentId, ContactId, DrawId, FileId, HoldId, IdMaker,
    InboundId, InvitationId, JobId, LineId, LotId, OutboundId, PoolId, PostingId, PrizeId, PromotionId,
    ProviderId, ReceiptId, ReplyId, RoleId, ScenarioId, SessionId, StaffId, TenantId, TimerId, UserId,
};
pub use money::{Money, OutOfRange, Points, Rate, Rounding};
pub use vault::Vault;
