//! A zip archive whose members are packed in portions.
//!
//! Each portion is packed by itself and ends on a whole byte, so that between portions only a checksum and two lengths
//! are to be remembered. The header of a member needs these numbers and stands before its data: whoever writes the
//! pieces leaves a place for it.

use flate2::{Compress, Compression, FlushCompress};
use serde::{Deserialize, Serialize};

/// Sizes that a zip archive without extensions can tell.
const SIZE_MAX: u64 = 0xffff_0000;
/// 1 January 1980: files of the same content are the same bytes.
const DATE: u16 = 0x21;
const DEFLATED: u16 = 8;
/// Names are UTF-8.
const FLAGS: u16 = 0x800;
const VERSION: u16 = 20;

/// How far a member is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    name: String,
    crc: u32,
    raw: u64,
    packed: u64,
}

impl Member {
    /// Nothing in it yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), crc: 0, raw: 0, packed: 0 }
    }

    /// Packs one more portion; the last one ends the member.
    pub fn pack(&mut self, portion: &[u8], last: bool) -> Vec<u8> {
        let mut checksum = crc32fast::Hasher::new_with_initial_len(self.crc, self.raw);
        checksum.update(portion);
        self.crc = checksum.finalize();
        self.raw += portion.len() as u64;
        let packed = deflated(portion, last);
        self.packed += packed.len() as u64;
        packed
    }

    /// Whether it fits into an archive.
    pub fn fits(&self) -> bool {
        self.raw < SIZE_MAX && self.packed < SIZE_MAX
    }

    /// What stands before its data, once it is ended.
    pub fn header(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(30 + self.name.len());
        out.extend_from_slice(b"PK\x03\x04");
        self.describe(&mut out);
        out.extend_from_slice(self.name.as_bytes());
        out
    }

    /// Header and data.
    pub fn size(&self) -> u64 {
        30 + self.name.len() as u64 + self.packed
    }

    fn describe(&self, out: &mut Vec<u8>) {
        for half in [VERSION, FLAGS, DEFLATED, 0, DATE] {
            out.extend_from_slice(&half.to_le_bytes());
        }
        for word in [self.crc, word(self.packed), word(self.raw)] {
            out.extend_from_slice(&word.to_le_bytes());
        }
        let name = u16::try_from(self.name.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&name.to_le_bytes());
        out.extend_from_slice(&0_u16.to_le_bytes());
    }
}

/// The list of members at the end of an archive, of members in the order in which they lie there. `None` when the
/// archive is too large to be told.
pub fn directory(members: &[&Member]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut offset = 0_u64;
    for member in members {
        if !member.fits() || offset >= SIZE_MAX {
            return None;
        }
        out.extend_from_slice(b"PK\x01\x02");
        out.extend_from_slice(&VERSION.to_le_bytes());
        member.describe(&mut out);
        out.extend_from_slice(&[0; 10]);
        out.extend_from_slice(&word(offset).to_le_bytes());
        out.extend_from_slice(member.name.as_bytes());
        offset += member.size();
    }
    let (count, length) = (u16::try_from(members.len()).ok()?, word(out.len() as u64));
    if offset >= SIZE_MAX {
        return None;
    }
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&count.to_le_bytes());
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&word(offset).to_le_bytes());
    out.extend_from_slice(&0_u16.to_le_bytes());
    Some(out)
}

fn word(size: u64) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}

/// Packed without a memory of what was before, ended on a whole byte.
fn deflated(portion: &[u8], last: bool) -> Vec<u8> {
    let mut packer = Compress::new(Compression::new(4), false);
    let mut out = Vec::with_capacity(portion.len() / 4 + 64);
    let flush = if last { FlushCompress::Finish } else { FlushCompress::Full };
    loop {
        let taken = usize::try_from(packer.total_in()).unwrap_or(usize::MAX);
        let rest = portion.get(taken..).unwrap_or_default();
        let room = out.capacity() - out.len();
        // Writing to memory cannot fail; an end that is told early is an end.
        let status = packer.compress_vec(rest, &mut out, flush).unwrap_or(flate2::Status::StreamEnd);
        let all_in = packer.total_in() == portion.len() as u64;
        let had_room = room > 0 && out.len() < out.capacity();
        if status == flate2::Status::StreamEnd || (!last && all_in && had_room) {
            return out;
        }
        out.reserve(portion.len() / 8 + 256);
    }
}

/// How large everything in an archive is when it is unpacked, by its own list; `None` when it has none.
pub fn unpacked(archive: &[u8]) -> Option<u64> {
    let end = archive.windows(4).rposition(|window| window == b"PK\x05\x06")?;
    let half = |at: usize| Some(u16::from_le_bytes(archive.get(at..at + 2)?.try_into().ok()?));
    let word = |at: usize| Some(u32::from_le_bytes(archive.get(at..at + 4)?.try_into().ok()?));
    let mut at = usize::try_from(word(end + 16)?).ok()?;
    let mut sum = 0_u64;
    for _ in 0..half(end + 10)? {
        if archive.get(at..at + 4)? != b"PK\x01\x02" {
            return None;
        }
        sum += u64::from(word(at + 24)?);
        at += 46 + usize::from(half(at + 28)?) + usize::from(half(at + 30)?) + usize::from(half(at + 32)?);
    }
    Some(sum)
}
