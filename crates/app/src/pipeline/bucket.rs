//! Conversations are shared out among nodes by bucket.

use samovar_base::ChannelId;

/// How many buckets there are. Fixed for life: rows remember their bucket.
pub const BUCKETS: usize = 32;

/// The bucket of a conversation: the same on every node and in every version.
#[allow(clippy::cast_possible_truncation)]
pub fn of(channel: ChannelId, chat: &str) -> usize {
    (conversation(channel, chat) % BUCKETS as u64) as usize
}

/// As stored.
#[allow(clippy::cast_possible_wrap)]
pub const fn number(bucket: usize) -> i64 {
    bucket as i64
}

/// A stable number of a conversation: the key of its units until the contact is known.
pub fn conversation(channel: ChannelId, chat: &str) -> u64 {
    let mut hash = FNV_OFFSET;
    for byte in channel.0.to_le_bytes().into_iter().chain(chat.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(FNV_PRIME);
    }
    // FNV leaves the low bits of short texts alike; a last mix spreads them.
    hash ^= hash >> 32;
    hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    hash ^ (hash >> 29)
}

const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbouring_chats_spread_over_all_buckets() {
        let mut seen = [0_usize; BUCKETS];
        for chat in 0..3_200 {
            seen[of(ChannelId(7), &(100_000 + chat).to_string())] += 1;
        }
        assert!(seen.iter().all(|count| (50..=160).contains(count)), "{seen:?}");
    }
}
