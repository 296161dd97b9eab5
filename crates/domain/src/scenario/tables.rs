//! Compares what decisions fold to with the transition tables: no state changes but by a row.

use crate::contract::Contract;
use crate::deposit::Deposit;
use crate::dispute::Dispute;
use crate::job::Job;
use crate::payout::Payout;
use crate::proposal::Proposal;
use crate::refund::Refund;
use crate::transition::Transition;
use crate::{CommandKind, State, States, contract, deposit, dispute, job, payout, proposal, refund};
use std::fmt::Debug;

/// Fails unless every state that `command` changed was changed by a row of its machine's table.
#[track_caller]
pub(crate) fn check(command: CommandKind, before: &States, after: &States) {
    for folded in after.folded() {
        let (old, new) = (before.state(&folded.stream), folded.state.as_deref());
        let (from, to) = (old.and_then(State::as_job), new.and_then(State::as_job));
        row(job::TRANSITIONS, command, from.map(Job::status), to.map(Job::status));
        let (from, to) = (old.and_then(State::as_proposal), new.and_then(State::as_proposal));
        let (from, to) = (from.map(Proposal::status), to.map(Proposal::status));
        row(proposal::TRANSITIONS, command, from, to);
        let (from, to) = (old.and_then(State::as_deposit), new.and_then(State::as_deposit));
        let (from, to) = (from.map(Deposit::status), to.map(Deposit::status));
        row(deposit::TRANSITIONS, command, from, to);
        let (from, to) = (old.and_then(State::as_refund), new.and_then(State::as_refund));
        row(refund::TRANSITIONS, command, from.map(Refund::status), to.map(Refund::status));
        let (from, to) = (old.and_then(State::as_dispute), new.and_then(State::as_dispute));
        row(dispute::TRANSITIONS, command, from.map(Dispute::status), to.map(Dispute::status));
        let (from, to) = (old.and_then(State::as_payout), new.and_then(State::as_payout));
        row(payout::TRANSITIONS, command, from.map(Payout::status), to.map(Payout::status));
        let (from, to) = (old.and_then(State::as_contract), new.and_then(State::as_contract));
        contracts(command, from, to);
    }
}

#[track_caller]
fn contracts(command: CommandKind, from: Option<&Contract>, to: Option<&Contract>) {
    let status = |contract: Option<&Contract>| contract.map(Contract::status);
    row(contract::TRANSITIONS, command, status(from), status(to));
    for milestone in to.into_iter().flat_map(|contract| &contract.milestones) {
        let old = from.and_then(|contract| contract.milestone(milestone.id).ok());
        let old = old.map(contract::Milestone::status);
        row(contract::MILESTONE_TRANSITIONS, command, old, Some(milestone.status()));
    }
}

#[track_caller]
fn row<S: Copy + PartialEq + Debug>(
    table: &[Transition<S>],
    command: CommandKind,
    from: Option<S>,
    to: Option<S>,
) {
    let Some(to) = to.filter(|_| from != to) else {
        return;
    };
    let listed = table.iter().any(|row| row.command == command && row.leads(from, to));
    assert!(listed, "no row has {command:?} lead from {from:?} to {to:?}");
}

#[test]
#[should_panic(expected = "no row has SubmitJob lead from None to Open")]
fn a_move_that_no_row_has_is_seen() {
    row(job::TRANSITIONS, CommandKind::SubmitJob, None, Some(job::JobStatus::Open));
}
