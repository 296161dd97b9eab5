//! `replay`: a contract, an account or the ledger as of any moment, the facts that led there, and what changed between
//! two moments.

mod diff;
mod text;
mod view;

use super::reading::{Bar, Output, open};
use crate::options::{ReplayOptions, ReplaySubject, ReplayView};
use crate::wire::Failure;
use audit::as_of::{At, LedgerWalk, account_at, contract_at, ledger_at, resolve};
use audit::replay::{Subject, Timeline};
use domain::StreamId;
use domain::id::PartyId;
use domain::money::Currency;
use eventstore::EventStore;
use serde::Serialize;
use serde_json::json;
use std::fmt::Display;
use std::process::ExitCode;
use std::sync::Arc;

pub(crate) async fn run(options: ReplayOptions) -> Result<ExitCode, Failure> {
    let (ReplaySubject::Contract { view, .. }
    | ReplaySubject::Account { view, .. }
    | ReplaySubject::Ledger { view }) = &options.subject;
    let store = open(&view.data)?;
    let subject = match options.subject {
        ReplaySubject::Contract { id, .. } => Some(Subject::Contract(id)),
        ReplaySubject::Account { party, currency: Some(currency), .. } => {
            Some(Subject::Account(party, currency))
        }
        ReplaySubject::Account { party, currency: None, .. } => {
            Some(Subject::Account(party, only_currency(&store, party).await?))
        }
        ReplaySubject::Ledger { .. } => None,
    };
    let mut asked = Asked { store: &store, output: Output::open(view.output.as_deref())?, json: view.json };
    match (subject, view.diff.as_deref()) {
        (Some(subject), Some([before, after])) => {
            let between = diff::between(&store, (*before, *after), view.effective_on).await?;
            let changed = diff::of(&store, subject, between).await?;
            asked.say(&changed, &changed)?;
        }
        (None, Some([before, after])) => {
            let between = diff::between(&store, (*before, *after), view.effective_on).await?;
            let bar = Bar::new(false);
            let changed = diff::of_ledger(&store, between, &|passed, goal| bar.tell(passed, goal)).await?;
            drop(bar);
            asked.say(&changed, &changed)?;
        }
        (subject, _) => asked.show(subject, view).await?,
    }
    asked.output.finish()?;
    Ok(ExitCode::SUCCESS)
}

/// The currency of the party's account, if there is just one. Costs one look-up for each currency that exists.
async fn only_currency(store: &dyn EventStore, party: PartyId) -> Result<Currency, Failure> {
    let all: Vec<Currency> = Currency::all().collect();
    let stream = |currency: &Currency| StreamId::Account(party, *currency).to_string().into();
    let streams: Vec<Arc<str>> = all.iter().map(stream).collect();
    let revisions = store.stream_revisions(&streams).await?;
    let used = all.into_iter().zip(revisions).filter(|(_, revision)| *revision > 0);
    let used: Vec<Currency> = used.map(|(currency, _)| currency).collect();
    match used[..] {
        [] => Err(format!("{party} has no account in this log; check the id").into()),
        [currency] => Ok(currency),
        _ => {
            let codes: Vec<&str> = used.iter().map(Currency::code).collect();
            Err(format!("{party} has accounts in {}; choose one with --currency", codes.join(", ")).into())
        }
    }
}

/// Where to look, and how to answer.
struct Asked<'a> {
    store: &'a dyn EventStore,
    output: Output,
    json: bool,
}

impl Asked<'_> {
    async fn show(&mut self, subject: Option<Subject>, view: &ReplayView) -> Result<(), Failure> {
        let at = resolve(self.store, view.as_of.unwrap_or_default(), view.effective_on).await?;
        match subject {
            Some(subject) if view.follow => self.follow(subject, at).await,
            Some(Subject::Contract(id)) => {
                let contract = contract_at(self.store, id, at).await?;
                self.say(&view::contract(&contract), &text::Contract(&contract))
            }
            Some(Subject::Account(party, currency)) => {
                let account = account_at(self.store, party, currency, at).await?;
                self.say(&account, &text::Account(&account))
            }
            None if view.follow => self.follow_ledger(at).await,
            None => {
                let bar = Bar::new(false);
                let ledger = ledger_at(self.store, at, &|passed, goal| bar.tell(passed, goal)).await?;
                drop(bar);
                self.say(&ledger, &text::Ledger(&ledger))
            }
        }
    }

    /// Each fact as it was, with what stood after it.
    async fn follow(&mut self, subject: Subject, at: At) -> Result<(), Failure> {
        let mut timeline = Timeline::read(self.store, subject, at).await?;
        let title = subject.stream().to_string();
        self.say(&json!({"of": title, "at": at}), &text::Title { of: &title, at })?;
        let mut before = Vec::new();
        while let Some(step) = timeline.next().transpose()? {
            let states = view::states(timeline.state());
            let changed = view::changed(&before, &states);
            self.say(
                &view::Step { step: &step, states: &states },
                &text::Step { subject, of: &step, changed: &changed },
            )?;
            before = states;
        }
        Ok(())
    }

    async fn follow_ledger(&mut self, at: At) -> Result<(), Failure> {
        self.say(&json!({"of": "ledger", "at": at}), &text::Title { of: "ledger", at })?;
        let mut walk = LedgerWalk::new(self.store, at);
        let bar = Bar::new(self.output.is_terminal());
        let tell = |passed, goal| bar.tell(passed, goal);
        while let Some(step) = walk.next(&tell).await? {
            self.say(&step, &text::LedgerStep(&step))?;
        }
        Ok(())
    }

    /// One object on one line, or text.
    fn say(&mut self, object: &impl Serialize, text: &impl Display) -> Result<(), Failure> {
        let written = if self.json {
            let line = serde_json::to_string(object)?;
            writeln!(self.output.writer(), "{line}")
        } else {
            let text = text.to_string();
            writeln!(self.output.writer(), "{}", text.strip_suffix('\n').unwrap_or(&text))
        };
        written.map_err(|error| format!("the output can't be written: {error}").into())
    }
}
