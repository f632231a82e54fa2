//! Questions, read as strictly as the real services read them.

use super::state::Number;

/// What is asked for. The moment is kept to the minute: the services compare no seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Asked {
    pub number: Number,
    /// `20240917T1801`.
    pub at: String,
    /// In kopecks.
    pub sum: u64,
    pub operation: u8,
    /// As the drive is printed, zeros in front and all.
    pub drive: String,
}

impl Asked {
    /// Of a code as tills print it, the small `t` of the check service's echo included.
    pub fn of_code(code: &str) -> Result<Self, &'static str> {
        let mut parts: [Option<&str>; 6] = [None; 6];
        for pair in code.split('&') {
            let (name, value) = pair.split_once('=').ok_or("a part without =")?;
            let place = ["t", "s", "fn", "i", "fp", "n"].iter().position(|known| *known == name);
            let place = place.ok_or("an unknown part")?;
            if parts[place].replace(value).is_some() {
                return Err("a part comes twice");
            }
        }
        let [Some(at), Some(sum), Some(drive), Some(document), Some(sign), Some(operation)] = parts else {
            return Err("a part is missing");
        };
        Self::of_parts(at, sum, drive, document, sign, operation)
    }

    pub fn of_parts(
        at: &str,
        sum: &str,
        drive: &str,
        document: &str,
        sign: &str,
        operation: &str,
    ) -> Result<Self, &'static str> {
        if drive.len() != 16 {
            return Err("fn must have 16 digits");
        }
        let number = Number {
            drive: number(drive).ok_or("fn must have 16 digits")?,
            document: number(document).filter(|_| document.len() <= 10).ok_or("i must be a number")?,
            sign: number(sign).filter(|_| sign.len() <= 10).ok_or("fp must be a number")?,
        };
        let operation = match operation {
            "1" => 1,
            "2" => 2,
            "3" => 3,
            "4" => 4,
            _ => return Err("n must be 1 to 4"),
        };
        let at = minute(at).ok_or("t must be like 20240917T1801")?;
        let sum = kopecks(sum).ok_or("s must be like 1285.21")?;
        Ok(Self { number, at, sum, operation, drive: drive.to_owned() })
    }

    /// `1285.21`, without zeros behind: as the check service repeats it.
    pub fn short_sum(&self) -> String {
        let (rubles, kopecks) = (self.sum / 100, self.sum % 100);
        match (kopecks, kopecks % 10) {
            (0, _) => rubles.to_string(),
            (_, 0) => format!("{rubles}.{}", kopecks / 10),
            _ => format!("{rubles}.{kopecks:02}"),
        }
    }

    /// `2024-09-17T18:01:00`.
    pub fn date_time(&self) -> String {
        let at = &self.at;
        format!("{}-{}-{}T{}:{}:00", &at[..4], &at[4..6], &at[6..8], &at[9..11], &at[11..13])
    }
}

fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// Up to the minute, with a capital T.
fn minute(at: &str) -> Option<String> {
    if !at.is_ascii() {
        return None;
    }
    let at = at.to_ascii_uppercase();
    let (date, time) = at.split_once('T')?;
    number(date).filter(|_| date.len() == 8)?;
    number(time).filter(|_| matches!(time.len(), 4 | 6))?;
    Some(format!("{date}T{}", &time[..4]))
}

fn kopecks(sum: &str) -> Option<u64> {
    let (rubles, kopecks) = sum.split_once('.').unwrap_or((sum, "00"));
    let kopecks = match kopecks.len() {
        1 => number(kopecks)? * 10,
        2 => number(kopecks)?,
        _ => return None,
    };
    number(rubles)?.checked_mul(100)?.checked_add(kopecks)
}
