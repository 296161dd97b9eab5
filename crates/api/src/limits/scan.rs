//! One pass over the text of a document, before it is parsed: how deep brackets nest, how many tokens there are, and
//! how long its strings are. It need not know the grammar: what isn't a document is the parser's to refuse.

use super::{Breach, Denied, NESTING_MAX, STRING_BYTES_MAX, TOKENS_MAX};

/// Checks the text. Linear in its length; no recursion, no allocation.
pub(super) fn scan(text: &str) -> Result<(), Denied> {
    let bytes = text.as_bytes();
    let (mut at, mut nesting, mut tokens) = (0, 0_usize, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        let rest = &bytes[at..];
        let (token, len) = match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' => (false, 1),
            b'#' => (false, run(rest, |byte| !matches!(byte, b'\n' | b'\r'))),
            b'"' => (true, string(rest)?),
            b'{' | b'(' | b'[' => {
                nesting += 1;
                (true, 1)
            }
            b'}' | b')' | b']' => {
                nesting = nesting.saturating_sub(1);
                (true, 1)
            }
            _ => (true, run(rest, |byte| byte.is_ascii_alphanumeric() || byte == b'_').max(1)),
        };
        at += len;
        tokens += usize::from(token);
        if nesting > NESTING_MAX {
            return Err(Breach::Nesting.into());
        }
        if tokens > TOKENS_MAX {
            return Err(Breach::Tokens.into());
        }
    }
    Ok(())
}

/// How many bytes from the first on are such.
fn run(bytes: &[u8], such: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| such(**byte)).count()
}

/// The length of the string that starts here, quotes included. One that isn't closed in its line ends with it; the
/// parser stops there.
fn string(bytes: &[u8]) -> Result<usize, Denied> {
    let len = if bytes.starts_with(b"\"\"\"") { block(bytes)? } else { line(bytes) };
    if len > STRING_BYTES_MAX { Err(Breach::StringTooLong.into()) } else { Ok(len) }
}

fn line(bytes: &[u8]) -> usize {
    let mut at = 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\n' | b'\r' => return at,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// The parser would take the first two quotes of a block that is never closed for an empty string, and go on to read
/// what this pass took for its inside: so that is refused here.
fn block(bytes: &[u8]) -> Result<usize, Denied> {
    let mut at = 3;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if rest.starts_with(b"\"\"\"") {
            return Ok(at + 3);
        }
        at += if rest.starts_with(b"\\\"\"\"") { 4 } else { 1 };
    }
    Err(Denied::Syntax { message: "a block string isn't closed".to_owned(), locations: Vec::new() })
}
