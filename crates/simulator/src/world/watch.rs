//! Watching a marketplace: every event is held against the model and the product's own folding, and in the end
//! everything that is due must have happened.

use super::{Breach, DAY, REMEMBERED, World, told};
use crate::model::Told;
use domain::codec::decode;
use domain::contract::Contract;
use domain::timer;
use domain::{Event, Mark, State, StreamId, Timestamp};
use engine::Clock;
use eventstore::Record;
use sha2::{Digest, Sha256};

/// Who fires timers, as it is recorded.
const TIMERS: &str = "system:timers";

impl World {
    /// Reads what was recorded since the last look, and holds it against the model.
    pub(super) async fn look(&mut self) -> Result<(), Breach> {
        loop {
            let page = self.store.read(self.seen, 1_000).await.map_err(told)?;
            let Some(last) = page.last() else { return Ok(()) };
            self.seen = last.position();
            for (index, record) in page.iter().enumerate() {
                self.see(record)?;
                let key = record.header().command_key;
                let ends = page.get(index + 1).is_none_or(|next| next.header().command_key != key);
                if ends {
                    self.model.end_append().map_err(|rule| self.located(record, &rule))?;
                }
            }
        }
    }

    fn located(&self, record: &Record, rule: &str) -> Breach {
        format!("marketplace {}, position {}: {rule}", self.number, record.position())
    }

    fn see(&mut self, record: &Record) -> Result<(), Breach> {
        let header = record.header();
        let event = decode(&header.event_type, header.schema_version, record.payload())
            .map_err(|error| self.located(record, &error.to_string()))?;
        if self.tell {
            let at = Timestamp::from_micros(header.recorded_at);
            let payload = String::from_utf8_lossy(record.payload());
            println!("  {} {at} {} {} {payload}", header.position, header.actor, header.event_type);
        }
        let told = Told { who: &header.actor, at: header.recorded_at };
        self.model.take(&event, told).map_err(|rule| self.located(record, &rule))?;
        self.count("event", header.event_type.to_string());
        self.fold(record, &event).map_err(|rule| self.located(record, &rule))
    }

    /// The product's own folding must come to the same.
    fn fold(&mut self, record: &Record, event: &Event) -> Result<(), Breach> {
        for membership in &record.header().memberships {
            let stream = StreamId::parse(&membership.stream).ok_or("a stream that has no name")?;
            let (revision, state) =
                self.folded.remove(&stream).map_or((0, None), |(r, state)| (r, Some(state)));
            if membership.revision != revision + 1 {
                return Err(format!("{stream} leaves revision {} out", revision + 1));
            }
            if let Some(state) = &state {
                self.count_firing(record, &stream, state);
            }
            let at = Timestamp::from_micros(record.header().recorded_at);
            let mark = Mark { revision: membership.revision, at };
            let state = State::evolve(state, &stream, event, mark).ok_or("nothing came of it")?;
            if let Some((told, folded)) = self.model.status(&stream).zip(status(&state)) {
                self.count("state", format!("{} {folded}", stream_kind(&stream)));
                if told != folded {
                    return Err(format!("{stream} is {folded}, and by the rules {told}"));
                }
            }
            if let State::Contract(contract) = &state {
                self.compare_milestones(contract)?;
            }
            for timer in timer::timers(&state) {
                if self.timers.len() < REMEMBERED {
                    self.timers.push((stream.clone(), timer));
                } else {
                    let place = usize::try_from(record.position().get()).unwrap_or_default() % REMEMBERED;
                    self.timers[place] = (stream.clone(), timer);
                }
            }
            self.folded.insert(stream, (membership.revision, state));
        }
        Ok(())
    }

    /// Counts the timer of `state` that this record is the firing of, if it is.
    fn count_firing(&self, record: &Record, stream: &StreamId, state: &State) {
        let header = record.header();
        if &*header.actor != TIMERS {
            return;
        }
        for timer in timer::timers(state) {
            let (command, subject) =
                (timer.kind.command().as_str(), timer.kind.subject().unwrap_or_default());
            let key = format!("{TIMERS}\0{stream}/{command}/{subject}/{}", timer.epoch);
            if header.command_key.as_bytes()[..] == Sha256::digest(key)[..] {
                self.count("timer", command);
            }
        }
    }

    /// Each milestone and lot of a contract must stand where the model has it.
    fn compare_milestones(&self, contract: &Contract) -> Result<(), Breach> {
        for milestone in &contract.milestones {
            let folded = format!("{:?}", milestone.status());
            let told = self.model.milestones.get(&milestone.id).ok_or("a milestone of which nobody told")?;
            if told.status != folded {
                return Err(format!("{} is {folded}, and by the rules {}", milestone.id, told.status));
            }
            self.count("state", format!("milestone {folded}"));
            for (lot, by_rules) in milestone.lots.iter().zip(&told.lots) {
                let folded = format!("{:?}", lot.status());
                if by_rules.status != folded {
                    return Err(format!("{} is {folded}, and by the rules {}", lot.id, by_rules.status));
                }
                self.count("state", format!("lot {folded}"));
            }
        }
        Ok(())
    }

    /// Everything heals, time passes, and everything that is due must happen; then the books are held against the
    /// provider's, and the auditor reads the log.
    ///
    /// # Errors
    /// What doesn't converge.
    pub(crate) async fn converge(&mut self) -> Result<(), Breach> {
        self.provider.heal();
        let head = self.head_instant().await?;
        self.clock.advance_to(Timestamp::from_micros(head));
        for node in 0..self.nodes.len() {
            self.nodes[node].store.heal();
            self.restart(node).await?;
        }
        let paused: Vec<String> = self.model.paused.iter().cloned().collect();
        for process in
            domain::process::ProcessName::ALL.iter().filter(|p| paused.contains(&p.as_str().to_owned()))
        {
            let resume = domain::marketplace::ResumeProcess { process: *process };
            self.give(0, (crate::people::office(domain::Role::Admin), resume.into()), true).await?;
        }
        for week in 1..=60 {
            self.provider.settle();
            let to = Timestamp::from_micros(head + week * 7 * DAY);
            self.advance(0, to).await?;
            self.look().await?;
        }
        self.look_for_what_is_left()?;
        self.audit().await
    }

    fn look_for_what_is_left(&self) -> Result<(), Breach> {
        if let Some(late) = self.model.overdue(self.clock.now().micros()) {
            return Err(format!("what is due never happened: {late}"));
        }
        for (id, deposit) in &self.model.deposits {
            if deposit.is_pending() {
                return Err(format!("{id} is still {}", deposit.status));
            }
        }
        for (id, refund) in &self.model.refunds {
            if matches!(refund.status, "Requested" | "Started") {
                return Err(format!("{id} is still {}", refund.status));
            }
        }
        let doubled =
            self.model.accounts.values().any(|account| account.holds.contains_key("reconciliation"));
        for currency in self.model.books.currencies() {
            let (holds, bank) = self.provider.truth(currency);
            let clearing = self.model.clearing(currency);
            if clearing != i128::from(holds) {
                return Err(format!("the provider holds {holds} {currency}, and by our books {clearing}"));
            }
            let ours = self.model.books.total("1010", currency);
            if ours != i128::from(bank) && !doubled {
                return Err(format!("the bank holds {bank} {currency}, and by our books {ours}"));
            }
        }
        Ok(())
    }

    async fn audit(&self) -> Result<(), Breach> {
        let report = audit::verify(&*self.store, &|_, _| {}).await.map_err(told)?;
        match report.findings.first() {
            None => Ok(()),
            Some(finding) => Err(format!("verify finds: {finding:?}")),
        }
    }
}

/// The name of a folded state's status.
fn status(state: &State) -> Option<String> {
    Some(match state {
        State::Job(job) => format!("{:?}", job.status()),
        State::Proposal(proposal) => format!("{:?}", proposal.status()),
        State::Contract(contract) => format!("{:?}", contract.status()),
        State::Deposit(deposit) => format!("{:?}", deposit.status()),
        State::Refund(refund) => format!("{:?}", refund.status()),
        State::Dispute(dispute) => format!("{:?}", dispute.status()),
        State::Payout(payout) => format!("{:?}", payout.status()),
        State::Marketplace(_)
        | State::Account(_)
        | State::Cash(_)
        | State::Provider(_)
        | State::Process(_) => {
            return None;
        }
    })
}

fn stream_kind(stream: &StreamId) -> String {
    let text = stream.to_string();
    text.split('/').next().unwrap_or_default().to_owned()
}
