//! Card numbers in free text: 13 to 19 digits with the check digit of Luhn, written in groups or not.

/// How many digits a card's number has.
const DIGITS: std::ops::RangeInclusive<usize> = 13..=19;

/// Whether `text` has what could be a card's number. Groups of digits count together when one space or dash stands
/// between them; a number neither begins nor ends inside of a group.
pub(crate) fn has_card_number(text: &str) -> bool {
    let mut run: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        if !matches!(&rest[..start], " " | "-") {
            run.clear();
        }
        let group = &rest[start..];
        let end = group.find(|c: char| !c.is_ascii_digit()).unwrap_or(group.len());
        run.push(&group[..end]);
        if ends_with_card(&run) {
            return true;
        }
        rest = &group[end..];
    }
    false
}

/// Whether the last groups are one.
fn ends_with_card(groups: &[&str]) -> bool {
    let (mut digits, mut sum) = (0, 0);
    for group in groups.iter().rev() {
        for digit in group.bytes().rev() {
            let value = u32::from(digit - b'0') * if digits % 2 == 0 { 1 } else { 2 };
            sum += value / 10 + value % 10;
            digits += 1;
            if digits > *DIGITS.end() {
                return false;
            }
        }
        if DIGITS.contains(&digits) && sum % 10 == 0 {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn card_numbers_are_seen_however_they_are_grouped() {
        for text in [
            "4242424242424242",
            "card: 4242-4242-4242-4242, thanks",
            "4242 4242 4242 4242",
            "3782 822463 10005",
            "no. 1 4242 4242 4242 4242 12/34",
            "(6011000990139424)",
            "4222222222222",
        ] {
            assert!(has_card_number(text), "{text}");
        }
    }

    #[test]
    fn ordinary_numbers_pass() {
        for text in [
            "",
            "call +44 20 7946 0958",
            "0049 30 1234567",
            "order 4242424242424241",
            "order 42424242424242424242",
            "2,500.00 or 1 000 000",
            "2026-11-21 08:44:30",
            "4242  4242  4242  4242",
            "4242.4242",
        ] {
            assert!(!has_card_number(text), "{text}");
        }
    }
}
