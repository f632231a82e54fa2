//! The files of `tests/data`.

/// A file as it is.
pub fn bytes(name: &str) -> Vec<u8> {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The rows of a file of comma separated values, without its header.
pub fn rows(name: &str) -> Vec<Vec<String>> {
    let text = String::from_utf8(bytes(name)).expect("UTF-8");
    text.lines().skip(1).filter(|line| !line.is_empty()).map(cells).collect()
}

fn cells(line: &str) -> Vec<String> {
    let (mut all, mut quoted) = (vec![String::new()], false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        let cell = all.last_mut().expect("never empty");
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => cell.extend(letters.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => all.push(String::new()),
            other => cell.push(other),
        }
    }
    all
}
