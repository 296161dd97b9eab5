//! Jobs and proposals on the longer way to a contract, and forged logs of them.

use audit::code;
use domain::id::{JobId, PartyId, ProposalId};
use domain::job::{
    ApproveJob, CloseJob, CreateJob, InviteTalent, PauseJob, ReinstateJob, RejectJob, RemoveJob, ReopenJob,
    ResumeJob, ReviseJob, SubmitJob,
};
use domain::marketplace::PublishPolicy;
use domain::money::Money;
use domain::policy::{HiringRules, Policy};
use domain::proposal::{
    AcceptOffer, CounterOffer, DeclineOffer, DeclineProposal, MakeDirectOffer, MakeOffer, OfferedMilestone,
    ReviseProposal, SaveProposal, ShortlistProposal, SubmitProposal, SubmitSavedProposal, WithdrawOffer,
    WithdrawProposal,
};
use domain::timer::TimerKind;
use domain::{Actor, Command, Event, Role, State, StreamId};
use serde_json::json;

use crate::forged::{find, found};
use crate::history::{Fact, History, PROCESS, person, text};
use crate::outgoing::{recorded_by, recorded_earlier};

fn client() -> Actor {
    person(71, Role::Client)
}

fn talent() -> Actor {
    person(72, Role::Talent)
}

fn support() -> Actor {
    person(903, Role::Support)
}

fn party(actor: &Actor) -> PartyId {
    actor.party().unwrap()
}

fn terms(amount: &str) -> Vec<OfferedMilestone> {
    vec![OfferedMilestone { title: text("All of it"), amount: Money::parse(amount, "USD").unwrap() }]
}

fn moderated(moderation: bool) -> PublishPolicy {
    let hiring = HiringRules { moderation, ..HiringRules::default() };
    PublishPolicy { policy: Policy { hiring, ..Policy::default() } }
}

impl History {
    /// What the first events are about, in the stream that `pick` takes.
    fn made<T>(&mut self, by: &Actor, command: impl Into<Command>, pick: fn(StreamId) -> Option<T>) -> T {
        let events = self.give(by, command);
        events.iter().flat_map(Event::streams).find_map(pick).unwrap()
    }

    fn drafted(&mut self) -> JobId {
        let create = CreateJob { title: text("A search"), description: text("For somebody"), headcount: 1 };
        self.made(&client(), create, |stream| if let StreamId::Job(id) = stream { Some(id) } else { None })
    }

    fn opened(&mut self) -> JobId {
        let job_id = self.drafted();
        self.give(&client(), SubmitJob { job_id });
        job_id
    }

    fn began(&mut self, by: &Actor, command: impl Into<Command>) -> ProposalId {
        self.made(by, command, |stream| if let StreamId::Proposal(id) = stream { Some(id) } else { None })
    }

    fn proposed(&mut self, job_id: JobId) -> ProposalId {
        self.began(&talent(), SubmitProposal { job_id, cover_letter: text("Take me") })
    }

    fn revise(&mut self, job_id: JobId, headcount: u16) {
        let (title, description) = (text("A longer search"), text("For somebody else"));
        self.give(&client(), ReviseJob { job_id, title, description, headcount });
    }

    /// Accepts the open offer.
    fn accept(&mut self, by: &Actor, proposal_id: ProposalId) {
        let folded = &self.states[&StreamId::Proposal(proposal_id)];
        let offer = folded.state.as_deref().and_then(State::as_proposal).unwrap().offer().unwrap();
        let (number, terms_hash) = (offer.number, offer.terms_hash);
        self.give(by, AcceptOffer { proposal_id, number, terms_hash });
    }

    fn fired(&mut self, stream: &StreamId, kind: TimerKind) {
        assert!(self.fire(stream, |set| set == kind), "{kind:?}");
    }

    /// Jobs that go through every state, and come back.
    pub(crate) fn searching(&mut self) {
        let (client, support, invited) = (client(), support(), party(&talent()));
        self.give(&PROCESS, moderated(true));
        let job_id = self.drafted();
        self.give(&client, SubmitJob { job_id });
        self.give(&support, RejectJob { job_id, reasons: text("Say more") });
        self.revise(job_id, 1);
        self.give(&client, SubmitJob { job_id });
        self.give(&support, ApproveJob { job_id });
        self.give(&PROCESS, moderated(false));
        self.give(&client, InviteTalent { job_id, talent: invited });
        self.fired(&StreamId::Job(job_id), TimerKind::LapseInvitation(invited));
        self.give(&client, InviteTalent { job_id, talent: invited });
        self.give(&client, PauseJob { job_id });
        self.give(&client, ResumeJob { job_id });
        self.give(&client, CloseJob { job_id });
        self.give(&support, RemoveJob { job_id, reasons: text("Not a job") });
        self.give(&support, ReinstateJob { job_id });
        self.give(&client, ReopenJob { job_id });
        self.revise(job_id, 3);
        let hired = self.proposed(job_id);
        self.give(&client, MakeOffer { proposal_id: hired, milestones: terms("100") });
        self.accept(&talent(), hired);
        self.revise(job_id, 1);
        self.revise(job_id, 2);
        self.give(&client, ReopenJob { job_id });
        self.give(&client, PauseJob { job_id });
        self.give(&support, RemoveJob { job_id, reasons: text("Not a job") });
        self.give(&support, ReinstateJob { job_id });
        self.fired(&StreamId::Job(job_id), TimerKind::AutoCloseJob);
    }

    /// Proposals that end in every way.
    pub(crate) fn haggling(&mut self) {
        let (client, talent) = (client(), talent());
        let job_id = self.opened();
        let saved = self.began(&talent, SaveProposal { job_id, cover_letter: text("Perhaps") });
        self.give(&talent, ReviseProposal { proposal_id: saved, cover_letter: text("Surely") });
        self.give(&talent, SubmitSavedProposal { proposal_id: saved });
        self.revise(job_id, 2);
        self.give(&talent, ReviseProposal { proposal_id: saved, cover_letter: text("Gladly") });
        self.give(&client, ShortlistProposal { proposal_id: saved });
        self.give(&talent, WithdrawProposal { proposal_id: saved });
        let declined = self.proposed(job_id);
        self.give(&client, DeclineProposal { proposal_id: declined, reasons: Some(text("No")) });
        let direct = MakeDirectOffer { job_id, talent: party(&talent), milestones: terms("100") };
        let haggled = self.began(&client, direct);
        let counter = CounterOffer { proposal_id: haggled, number: 1, milestones: terms("200") };
        self.give(&talent, counter);
        self.give(&talent, WithdrawOffer { proposal_id: haggled });
        self.give(&client, MakeOffer { proposal_id: haggled, milestones: terms("150") });
        self.give(&talent, DeclineOffer { proposal_id: haggled, number: 3, reasons: None });
        let late = self.proposed(job_id);
        self.give(&client, MakeOffer { proposal_id: late, milestones: terms("100") });
        let left = self.proposed(job_id);
        self.give(&client, CloseJob { job_id });
        self.accept(&talent, late);
        self.fired(&StreamId::Job(job_id), TimerKind::CloseProposal(left));
        let silent = self.opened();
        let silent = self.proposed(silent);
        self.fired(&StreamId::Proposal(silent), TimerKind::ExpireProposal);
    }
}

fn searching() -> Vec<Fact> {
    let mut history = History::new();
    history.searching();
    history.facts
}

fn haggling() -> Vec<Fact> {
    let mut history = History::new();
    history.haggling();
    history.facts
}

#[test]
fn what_support_decides_is_found_when_the_client_records_it() {
    for name in ["job.approved", "job.rejected", "job.removed", "job.reinstated"] {
        let mut facts = searching();
        let at = find(&facts, name, 0);
        recorded_by(&mut facts, at, &client().to_string());
        found(&facts, at, "FORBIDDEN");
    }
}

#[test]
fn what_is_the_clients_is_found_when_the_talent_records_it() {
    for name in ["job.revised", "job.talent_invited", "job.paused", "job.resumed", "job.closed"] {
        let mut facts = searching();
        let at = find(&facts, name, 0);
        recorded_by(&mut facts, at, &talent().to_string());
        found(&facts, at, "FORBIDDEN");
    }
    for name in ["proposal.shortlisted", "proposal.declined", "proposal.begun"] {
        let mut facts = haggling();
        let at = find(&facts, name, 0);
        recorded_by(&mut facts, at, &talent().to_string());
        found(&facts, at, "FORBIDDEN");
    }
}

#[test]
fn what_is_the_talents_is_found_when_the_client_records_it() {
    for name in [
        "proposal.saved",
        "proposal.saved_submitted",
        "proposal.revised",
        "proposal.withdrawn",
        "offer.superseded",
        "offer.withdrawn",
        "offer.declined",
    ] {
        let mut facts = haggling();
        let at = find(&facts, name, 0);
        recorded_by(&mut facts, at, &client().to_string());
        found(&facts, at, "FORBIDDEN");
    }
}

#[test]
fn a_search_that_somebody_else_goes_on_with_is_found() {
    let mut facts = searching();
    let at = find(&facts, "job.reopened", 0);
    recorded_by(&mut facts, at, &support().to_string());
    found(&facts, at, code::COMPANION_UNEXPECTED);
}

#[test]
fn an_answer_without_the_offer_that_it_makes_is_found() {
    for name in ["offer.superseded", "proposal.begun"] {
        let mut facts = haggling();
        let at = find(&facts, name, 0);
        assert_eq!(facts.remove(at + 1).event.event_type().0, "offer.made");
        found(&facts, at, code::COMPANION_MISSING);
    }
}

#[test]
fn an_answer_with_an_offer_of_the_wrong_side_is_found() {
    let mut facts = haggling();
    let at = find(&facts, "offer.superseded", 0);
    facts[at + 1].edit(|offer| offer["author"] = json!("client"));
    found(&facts, at, code::COMPANION_MISSING);
}

#[test]
fn a_search_for_nobody_more_that_is_not_filled_is_found() {
    let mut facts = searching();
    let filled = find(&facts, "job.filled", 0);
    assert_eq!(facts[filled - 1].event.event_type().0, "job.revised");
    facts.remove(filled);
    found(&facts, filled - 1, code::COMPANION_MISSING);
}

#[test]
fn what_time_does_too_soon_is_found() {
    for name in ["job.invitation_lapsed", "job.closed"] {
        let mut facts = searching();
        let nth = facts.iter().filter(|fact| fact.event.event_type().0 == name).count() - 1;
        let at = find(&facts, name, nth);
        recorded_earlier(&mut facts, at, 1);
        found(&facts, at, "WRONG_STATE");
    }
    for name in ["proposal.closed", "proposal.expired"] {
        let mut facts = haggling();
        let at = find(&facts, name, 0);
        recorded_earlier(&mut facts, at, 1);
        found(&facts, at, "WRONG_STATE");
    }
}

#[test]
fn other_facts_than_those_that_follow_are_found() {
    for (name, field, value) in [
        ("job.revised", "version", json!(7)),
        ("job.revised", "headcount", json!(0)),
        ("job.talent_invited", "talent", json!(party(&client()).to_string())),
        ("job.reinstated", "until", json!(1_790_000_000_000_000_i64)),
    ] {
        let mut facts = searching();
        let at = find(&facts, name, 0);
        facts[at].edit(|payload| payload[field] = value);
        found(&facts, at, "WRONG_STATE");
    }
    for (name, field, value) in [
        ("proposal.saved", "silence_days", json!(61)),
        ("proposal.saved_submitted", "job_version", json!(2)),
        ("proposal.revised", "job_version", json!(1)),
        ("proposal.begun", "job_version", json!(1)),
        ("offer.withdrawn", "number", json!(1)),
    ] {
        let mut facts = haggling();
        let at = find(&facts, name, 0);
        facts[at].edit(|payload| payload[field] = value);
        found(&facts, at, "WRONG_STATE");
    }
}

#[test]
fn windows_other_than_the_policys_are_found() {
    for (name, field) in [
        ("job.submitted", "expires_at"),
        ("job.approved", "expires_at"),
        ("job.talent_invited", "expires_at"),
        ("job.paused", "closes_at"),
        ("job.resumed", "expires_at"),
        ("job.closed", "grace_ends_at"),
        ("job.removed", "grace_ends_at"),
        ("job.reopened", "expires_at"),
    ] {
        let mut facts = searching();
        let at = find(&facts, name, 0);
        facts[at].edit(|payload| payload[field] = json!(1_790_000_000_000_001_i64));
        found(&facts, at, "WRONG_STATE");
    }
}

#[test]
fn a_hire_for_a_job_that_was_removed_is_found() {
    let mut history = History::new();
    let job_id = history.opened();
    let proposal_id = history.proposed(job_id);
    history.give(&client(), MakeOffer { proposal_id, milestones: terms("100") });
    history.give(&support(), RemoveJob { job_id, reasons: text("Not a job") });
    history.give(&support(), ReinstateJob { job_id });
    history.accept(&talent(), proposal_id);
    let mut facts = history.facts;
    facts.remove(find(&facts, "job.reinstated", 0));
    found(&facts, find(&facts, "offer.accepted", 0), "WRONG_STATE");
}
