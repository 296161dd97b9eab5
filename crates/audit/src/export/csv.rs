//! One line per posting, by RFC 4180, but with bare line feeds.

use std::borrow::Cow;
use std::io::{self, Write};

use domain::id::{EventId, TypedId};
use domain::ledger::Side;
use domain::{Event, Timestamp};
use eventstore::Record;

use super::journal::book_name;
use super::select::Selector;
use crate::at::Day;

/// The line of headings.
pub(super) fn head(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "position,recorded_at,effective_on,event_id,event_type,actor,entry_id,line,book,code,title,account,party,\
         contract,side,minor,currency"
    )
}

/// The selected postings of an event. `line` counts those of the whole entry from 1.
pub(super) fn postings(
    out: &mut dyn Write,
    record: &Record,
    event: &Event,
    selector: &Selector<'_>,
) -> io::Result<()> {
    let Some(entry) = event.journal_entry() else {
        return Ok(());
    };
    let header = record.header();
    for (index, line) in entry.lines().iter().enumerate().filter(|(_, line)| selector.selects(line)) {
        let (account, code) = (line.account, line.account.code());
        let side = match line.side {
            Side::Debit => "debit",
            Side::Credit => "credit",
        };
        let fields = [
            header.position.to_string(),
            Timestamp::from_micros(header.recorded_at).to_string(),
            Day::of(header.effective_at).to_string(),
            EventId::from_uuid(header.event_id).to_string(),
            header.event_type.to_string(),
            header.actor.to_string(),
            entry.id().to_string(),
            (index + 1).to_string(),
            book_name(code.book()).to_owned(),
            code.code().to_owned(),
            code.title().to_owned(),
            account.to_string(),
            account.kept().party.map_or(String::new(), |party| party.to_string()),
            account.kept().contract.map_or(String::new(), |contract| contract.to_string()),
            side.to_owned(),
            line.minor.to_string(),
            line.currency.to_string(),
        ];
        writeln!(out, "{}", fields.each_ref().map(|text| field(text)).join(","))?;
    }
    Ok(())
}

/// The field, in quotes when it needs them.
fn field(text: &str) -> Cow<'_, str> {
    if text.contains([',', '"', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", text.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::field;

    #[test]
    fn only_what_would_break_a_line_is_quoted() {
        assert_eq!(field("provider:sandbox"), "provider:sandbox");
        assert_eq!(field("a,b"), "\"a,b\"");
        assert_eq!(field("say \"a\"\nthen b"), "\"say \"\"a\"\"\nthen b\"");
    }
}
