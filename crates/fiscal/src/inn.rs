//! Tax numbers.

/// Whether a tax number has the right length and check digits: ten of a company, twelve of a person.
pub fn is_valid(inn: &str) -> bool {
    let digits: Option<Vec<u32>> = inn.chars().map(|digit| digit.to_digit(10)).collect();
    match digits.as_deref() {
        Some(digits) if inn.is_ascii() => match digits.len() {
            10 => check(&digits[..9], &COMPANY) == digits[9],
            12 => {
                check(&digits[..10], &PERSON[1..]) == digits[10]
                    && check(&digits[..11], &PERSON) == digits[11]
            }
            _ => false,
        },
        _ => false,
    }
}

/// Whether it is the number of a person: a sole trader's name is personal data.
pub fn is_of_a_person(inn: &str) -> bool {
    inn.len() == 12
}

const COMPANY: [u32; 9] = [2, 4, 10, 3, 5, 9, 4, 6, 8];
const PERSON: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];

fn check(digits: &[u32], weights: &[u32]) -> u32 {
    digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 11 % 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_looked_at() {
        for good in ["7704218694", "7814148471", "5003042456", "7825706086", "500100732259"] {
            assert!(is_valid(good), "{good}");
        }
        for bad in
            ["7704218695", "500100732258", "500100732269", "", "7704218694 ", "77042186941", "٧704218694"]
        {
            assert!(!is_valid(bad), "{bad}");
        }
        assert!(is_of_a_person("500100732259") && !is_of_a_person("7704218694"));
    }
}
