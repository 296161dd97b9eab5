use super::*;
use std::collections::BTreeSet;

/// The default file with one text replaced.
fn with(old: &str, new: &str) -> String {
    assert_eq!(DEFAULT.matches(old).count(), 1, "{old}");
    DEFAULT.replace(old, new)
}

fn line_of(text: &str, part: &str) -> usize {
    line_at(text, text.find(part).unwrap())
}

/// The one mistake of a file, as it is shown.
#[track_caller]
fn mistake(text: &str) -> String {
    let mistakes = parse(text).unwrap_err();
    assert_eq!(mistakes.len(), 1, "{mistakes:?}");
    mistakes[0].to_string()
}

#[test]
fn the_default_file_is_the_default_policy() {
    assert_eq!(parse(DEFAULT).unwrap(), Policy::default());
}

#[test]
fn every_key_of_the_default_file_says_what_it_means() {
    let lines: Vec<&str> = DEFAULT.lines().collect();
    let mut explained = BTreeSet::new();
    for (index, line) in lines.iter().enumerate() {
        let is_key = !line.starts_with([' ', '#', ']']) && !line.is_empty();
        if is_key {
            assert!(index > 0 && lines[index - 1].starts_with("# "), "{line} has no comment above it");
            explained.insert(line.split(' ').next().unwrap().trim_matches(['[', ']']));
        }
    }
    let policy = serde_json::to_value(Policy::default()).unwrap();
    for (table, keys) in policy.as_object().unwrap() {
        assert!(explained.contains(table.as_str()), "[{table}]");
        for key in keys.as_object().unwrap().keys() {
            assert!(explained.contains(key.as_str()), "{table}.{key}");
        }
    }
}

#[test]
fn an_unknown_key_is_told_with_its_line_and_what_was_likely_meant() {
    let text = with("review_days = 14", "review_days = 14\nreveiw_days = 10");
    let line = line_of(&text, "reveiw_days");
    let expected = "windows.reveiw_days: there is no such key; did you mean windows.review_days?";
    assert_eq!(mistake(&text), format!("line {line}: {expected}"));
    assert!(
        mistake(&format!("{DEFAULT}\n[zeppelin]\n")).ends_with("zeppelin: there is no such key; remove it")
    );
}

#[test]
fn a_missing_key_is_told_with_its_table_and_its_default() {
    let text = with("retry_hours = [1, 6, 24]", "");
    let line = line_of(&text, "[payouts]");
    let expected = "payouts.retry_hours: the key is missing; the default is retry_hours = [1,6,24]";
    assert_eq!(mistake(&text).replace(", 6, ", ",6,"), format!("line {line}: {expected}"));
}

#[test]
fn a_missing_table_is_told_as_one() {
    let text = DEFAULT.split("[disputes]").next().unwrap();
    assert_eq!(mistake(text), "line 1: disputes: the key is missing; add the table [disputes]");
}

#[test]
fn a_value_of_another_form_is_told_with_the_form_and_the_default() {
    for (old, new, expected) in [
        ("offer_days = 7", "offer_days = \"7\"", "expected a whole number, found string; the default is 7"),
        ("offer_days = 7", "offer_days = 7.5", "expected a whole number, found float; the default is 7"),
        (
            "moderation = false",
            "moderation = 0",
            "expected true or false, found integer; the default is false",
        ),
        (
            "client_fee = \"0.15\"",
            "client_fee = 0.15",
            "expected text in quotes, found float; the default is \"0.15\"",
        ),
        ("[1, 6, 24]", "[1, \"six\", 24]", "expected a whole number, found string; the default is 1"),
    ] {
        let text = with(old, new);
        let told = mistake(&text);
        assert!(told.starts_with(&format!("line {}: ", line_of(&text, new))), "{told}");
        assert!(told.ends_with(expected), "{told}");
    }
}

#[test]
fn a_figure_out_of_its_range_is_told_with_the_range() {
    for (old, new, expected) in [
        ("review_days = 14", "review_days = 0", "windows.review_days: expected 1 to 3650; the default is 14"),
        ("milestones = 50", "milestones = 101", "limits.milestones: expected 1 to 100; the default is 50"),
        (
            "client_fee = \"0.15\"",
            "client_fee = \"15\"",
            "fees.client_fee: RATE_OUT_OF_RANGE: expected a decimal from 0 to 1",
        ),
        (
            "headcount = 100",
            "headcount = 70000",
            "limits.headcount: invalid value: integer `70000`, expected u16",
        ),
        ("headcount = 100", "headcount = -1", "limits.headcount: invalid value: integer `-1`, expected u16"),
    ] {
        let text = with(old, new);
        let told = mistake(&text);
        assert!(told.starts_with(&format!("line {}: {expected}", line_of(&text, new))), "{told}");
    }
}

#[test]
fn an_amount_has_no_more_decimals_than_its_currency() {
    let text =
        with(r#"{ amount = "45000", currency = "JPY" }"#, r#"{ amount = "45000.5", currency = "JPY" }"#);
    let told = mistake(&text);
    assert!(
        told.starts_with(&format!("line {}: disputes.arbitration_fees[2]: ", line_of(&text, "45000.5"))),
        "{told}"
    );
    let text = with(r#"{ amount = "45000", currency = "JPY" }"#, r#"{ minor = 45000, currency = "JPY" }"#);
    assert!(mistake(&text).contains("this is no amount of money; write it as { amount = "));
}

#[test]
fn a_currency_that_is_listed_twice_is_told_by_its_key() {
    let text = with(r#"{ amount = "45000", currency = "JPY" }"#, r#"{ amount = "45", currency = "EUR" }"#);
    assert!(mistake(&text).contains("disputes.arbitration_fees: EUR is listed twice"));
}

#[test]
fn all_mistakes_of_form_are_told_at_once_and_in_order() {
    let text = with("offer_days = 7", "offer_day = 7").replace("moderation = false", "moderation = 1");
    let keys: Vec<String> = parse(&text).unwrap_err().into_iter().map(|mistake| mistake.key).collect();
    assert_eq!(keys, ["windows.offer_days", "windows.offer_day", "hiring.moderation"]);
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    let text = with("offer_days = 7", "offer_days = ");
    assert!(mistake(&text).starts_with(&format!("line {}: ", line_of(&text, "offer_days ="))));
}

#[test]
fn two_policies_differ_key_by_key() {
    let before = Policy::default();
    let mut after = before.clone();
    after.windows.review_days = 10;
    after.payouts.review_above.truncate(1);
    let told: Vec<String> = differences(&before, &after).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2);
    assert!(told[0].ends_with(r#" → [{ amount = "10000.00", currency = "USD" }]"#), "{}", told[0]);
    assert_eq!(told[1], "windows.review_days: 14 → 10");
    assert!(differences(&before, &before).unwrap().is_empty());
}
