//! The stories: a job a row, with what its people do and when. Days count from the story's first, hours are UTC.

mod acts;
mod disputing;
mod hiring;
mod paying;
mod searching;
mod troubles;
mod working;

use domain::account::HoldReason;
use domain::dispute::FeeBearer;
use domain::payout::Resolution;
use domain::process::ProcessName;
use domain::proposal::Party;

/// All of them.
pub(in crate::demo) const STORIES: [&[Story]; 6] = [
    hiring::STORIES,
    working::STORIES,
    troubles::STORIES,
    paying::STORIES,
    searching::STORIES,
    disputing::STORIES,
];

/// A job and all that comes of it.
#[derive(Debug)]
pub(in crate::demo) struct Story {
    /// The day of the demo on which it begins.
    pub(in crate::demo) begins: u16,
    pub(in crate::demo) title: &'static str,
    pub(in crate::demo) brief: &'static str,
    pub(in crate::demo) client: &'static str,
    /// Who proposes, and may be hired.
    pub(in crate::demo) talent: &'static str,
    /// The currency, and the milestones with their amounts.
    pub(in crate::demo) terms: (&'static str, &'static [(&'static str, &'static str)]),
    pub(in crate::demo) headcount: u16,
    /// What happens.
    pub(in crate::demo) acts: &'static [Act],
}

/// What happens: the day, the time of day as `hhmm`, and the step.
pub(in crate::demo) type Act = &'static [(u16, u16, Step)];

/// What somebody does. Milestones count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo) enum Step {
    /// The client drafts the job.
    Draft,
    /// The client opens it.
    Open,
    /// The story's talent proposes.
    Propose,
    /// Somebody else proposes.
    Rival,
    /// The client or the talent offers the story's terms.
    Offer(Party),
    /// The other side accepts.
    Accept,
    /// What else happens between a draft and a contract.
    Search(Search),
    /// What else happens to a contract.
    Deal(Deal),
    /// What happens in a dispute.
    Quarrel(Quarrel),
    /// The client pays for a milestone with this token.
    Fund(usize, &'static str),
    /// The talent hands in work.
    Work(usize),
    /// The client sends it back.
    Changes(usize),
    /// The client approves it.
    Approve(usize),
    /// The client asks for the money back.
    AskRefund(usize),
    /// The client takes that back.
    ForgetRefund(usize),
    /// The talent agrees to give the money back.
    AgreeRefund(usize),
    /// The talent doesn't, which opens a dispute.
    RefuseRefund(usize),
    /// The talent gives the money back unasked.
    GiveBack(usize),
    /// The client gives the dispute up.
    WithdrawDispute,
    /// One side cancels the unfunded contract.
    Cancel(Party),
    /// One side asks for the contract's end.
    AskEnd(Party),
    /// It takes that back.
    ForgetEnd(Party),
    /// The other side agrees.
    AgreeEnd(Party),
    /// The talent asks for so many per cent of a milestone's amount; 88 is all, after fee and tax.
    Payout(usize, i64, &'static str),
    /// The talent takes that back.
    CancelPayout,
    /// Finance lets it go.
    ApprovePayout,
    /// Compliance refuses it.
    RejectPayout,
    /// Finance has found out what became of it.
    Resolve(Resolution),
    /// Compliance places a hold on the talent's account.
    Hold(HoldReason),
    /// Compliance releases it.
    ReleaseHold(HoldReason),
    /// The operator has support look at every job before it opens, until the fees are as usual again.
    Moderated,
    /// The operator waives all fees.
    NoFees,
    /// The operator asks for fees again.
    UsualFees,
    /// The admin pauses a process, and says why.
    Pause(ProcessName, &'static str),
}

/// What somebody does to find people, or work, beside the usual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo) enum Search {
    /// Support opens the job.
    Approve,
    /// Support sends it back.
    Reject,
    /// Support takes it away.
    Remove,
    /// Support puts it back.
    Reinstate,
    /// The client writes it anew, for so many people.
    Revise(u16),
    /// The client invites the story's talent.
    Invite,
    /// The client takes no proposals for a while.
    Pause,
    /// The client goes on.
    Resume,
    /// The client ends the search.
    Close,
    /// The client goes on after all.
    Reopen,
    /// The talent begins a proposal that nobody sees.
    Save,
    /// The talent writes the proposal anew.
    Rewrite,
    /// The talent submits what was saved.
    SubmitSaved,
    /// The talent takes the proposal back.
    Withdraw,
    /// The client keeps it in view.
    Shortlist,
    /// The client doesn't want it.
    Decline,
    /// The client offers the story's terms to its talent, who has not proposed.
    DirectOffer,
    /// The other side answers with the story's terms.
    Counter,
    /// The author takes the offer back.
    TakeBack,
    /// The other side doesn't want it.
    DeclineOffer,
}

/// What else happens to a contract. Amounts are in the story's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo) enum Deal {
    /// One side proposes a further milestone.
    Propose(Party, &'static str, &'static str),
    /// The client agrees to it.
    Agree(usize),
    /// One side pauses the contract.
    Pause(Party),
    /// The client releases so much; the rest is to fund another milestone.
    ReleasePart(usize, &'static str, usize),
    /// The talent agrees to that.
    AgreeMove(usize),
    /// The client releases without waiting for work.
    ReleaseEarly(usize),
    /// The client pays a bonus.
    Bonus(&'static str, &'static str),
    /// Compliance freezes the money.
    Freeze(usize),
    /// Compliance ends the contract.
    Terminate,
}

/// What happens in a dispute. Amounts are the client's share, in the story's currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::demo) enum Quarrel {
    /// One side claims so much of a milestone's money.
    Claim(Party, usize, &'static str),
    /// The other side answers.
    Answer(Party),
    /// One side offers to settle.
    Offer(Party, &'static str),
    /// The other side accepts that.
    AcceptOffer(Party, u16),
    /// One side asks support to mediate.
    Escalate(Party),
    /// One side hands in evidence.
    Evidence(Party),
    /// The mediator asks.
    Ask,
    /// The mediator recommends.
    Recommend(&'static str),
    /// One side refuses that.
    Refuse(Party),
    /// One side pays for arbitration.
    PayFee(Party),
    /// The arbitrator decides from the documents.
    SmallClaim(&'static str),
    /// The arbitrator decides, and says who bears the fee.
    Award(&'static str, FeeBearer),
    /// One side appeals.
    Appeal(Party),
    /// Somebody else decides that.
    DecideAppeal(&'static str),
}

type Terms = (&'static str, &'static [(&'static str, &'static str)]);

/// A story of one place: when it begins, its title and brief, its client and talent, its terms, its acts.
const fn story(
    begins: u16,
    (title, brief): (&'static str, &'static str),
    (client, talent): (&'static str, &'static str),
    terms: Terms,
    acts: &'static [Act],
) -> Story {
    Story { begins, title, brief, client, talent, terms, headcount: 1, acts }
}
