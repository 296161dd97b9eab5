//! A question for every query and every subscription, and for every way that leads to a type of the table.

use super::PartyId;
use super::house::{CLIENT, TALENT};

/// What a query gives to those whom its own row lets pass.
#[derive(Clone, Copy, Debug)]
pub(super) enum Gives {
    /// Something to all of them.
    All,
    /// The one thing of a type, if it is within reach; `open` says whether it is open to everybody.
    One { of: &'static str, open: bool },
    /// As that, and null where the type's row would refuse.
    Node { of: &'static str, open: bool },
    /// Those of a type that are within reach.
    Within(&'static str),
    /// Those of a type that are the caller's own, however far they reach.
    Own(&'static str),
}

/// A question, in which names of the fixture stand for ids.
#[derive(Clone, Copy, Debug)]
pub(super) struct Probe {
    pub(super) field: &'static str,
    pub(super) document: &'static str,
    /// Where the answer is, in the data.
    pub(super) at: &'static str,
    pub(super) gives: Gives,
    /// Whose the thing is.
    pub(super) parties: &'static [PartyId],
}

const BOTH: &[PartyId] = &[CLIENT, TALENT];

const fn probe(
    field: &'static str,
    document: &'static str,
    at: &'static str,
    gives: Gives,
    parties: &'static [PartyId],
) -> Probe {
    Probe { field, document, at, gives, parties }
}

pub(super) const PROBES: &[Probe] = &[
    probe("Query.viewer", "{ viewer { roles } }", "/viewer", Gives::All, &[]),
    probe("Query.readModels", "{ readModels { name } }", "/readModels", Gives::All, &[]),
    probe("Query.trialBalance", "{ trialBalance { code } }", "/trialBalance", Gives::All, &[]),
    probe("Query.job", "{ job(id: JOB) { id } }", "/job", Gives::One { of: "Job", open: true }, &[CLIENT]),
    probe("Query.job", "{ job(id: DRAFT) { id } }", "/job", Gives::One { of: "Job", open: false }, &[CLIENT]),
    probe(
        "Query.job",
        "{ job(id: JOB) { proposals { nodes { id } } } }",
        "/job/proposals/nodes",
        Gives::Within("Proposal"),
        BOTH,
    ),
    probe(
        "Query.jobs",
        "{ jobs { nodes { id } } }",
        "/jobs/nodes",
        Gives::One { of: "Job", open: true },
        &[],
    ),
    probe(
        "Query.jobs",
        "{ jobs(filter: { mine: true }) { nodes { id } } }",
        "/jobs/nodes",
        Gives::Own("Job"),
        &[CLIENT],
    ),
    probe(
        "Query.proposal",
        "{ proposal(id: PROPOSAL) { id } }",
        "/proposal",
        Gives::One { of: "Proposal", open: false },
        BOTH,
    ),
    probe(
        "Query.proposals",
        "{ proposals(filter: { actingAs: CLIENT }) { nodes { id } } }",
        "/proposals/nodes",
        Gives::Own("Proposal"),
        &[CLIENT],
    ),
    probe(
        "Query.proposals",
        "{ proposals(filter: { actingAs: TALENT }) { nodes { id } } }",
        "/proposals/nodes",
        Gives::Own("Proposal"),
        &[TALENT],
    ),
    probe(
        "Query.contract",
        "{ contract(id: CONTRACT) { id milestones { id } } }",
        "/contract",
        Gives::One { of: "Contract", open: false },
        BOTH,
    ),
    probe(
        "Query.contracts",
        "{ contracts { nodes { id } } }",
        "/contracts/nodes",
        Gives::Within("Contract"),
        BOTH,
    ),
    probe(
        "Query.accountBalances",
        "{ accountBalances { nodes { account } } }",
        "/accountBalances/nodes",
        Gives::Within("AccountBalance"),
        BOTH,
    ),
    probe(
        "Query.accountBalances",
        "{ accountBalances(contractId: CONTRACT) { nodes { account } } }",
        "/accountBalances",
        Gives::One { of: "AccountBalance", open: false },
        BOTH,
    ),
    probe(
        "Query.node",
        "{ node(id: JOB) { id } }",
        "/node",
        Gives::Node { of: "Job", open: true },
        &[CLIENT],
    ),
    probe(
        "Query.node",
        "{ node(id: DRAFT) { id } }",
        "/node",
        Gives::Node { of: "Job", open: false },
        &[CLIENT],
    ),
    probe(
        "Query.node",
        "{ node(id: PROPOSAL) { id } }",
        "/node",
        Gives::Node { of: "Proposal", open: false },
        BOTH,
    ),
    probe(
        "Query.nodes",
        "{ nodes(ids: [CONTRACT]) { id } }",
        "/nodes/0",
        Gives::Node { of: "Contract", open: false },
        BOTH,
    ),
    probe(
        "Query.contract",
        "{ contract(id: CONTRACT, asOf: {}) { asOf { position } balances { account } milestones { status } } }",
        "/contract/balances",
        Gives::One { of: "Contract", open: false },
        BOTH,
    ),
    probe(
        "Query.contract",
        "{ contract(id: CONTRACT) { timeline { nodes { id } } } }",
        "/contract/timeline/nodes",
        Gives::One { of: "Contract", open: false },
        BOTH,
    ),
    probe(
        "Query.contract",
        "{ contract(id: CONTRACT) { milestones { dispute { id } } } }",
        "/contract/milestones/1/dispute",
        Gives::One { of: "Dispute", open: false },
        BOTH,
    ),
    probe(
        "Query.contract",
        "{ contract(id: CONTRACT) { milestones { refunds { id } } } }",
        "/contract/milestones/2/refunds",
        Gives::One { of: "Refund", open: false },
        BOTH,
    ),
    probe(
        "Query.account",
        "{ account(currency: CURRENCY, partyId: PAYEE) { free { amount } } }",
        "/account",
        Gives::One { of: "Account", open: false },
        &[TALENT],
    ),
    probe(
        "Query.account",
        "{ account(currency: CURRENCY, partyId: PAYEE, asOf: {}) { free { amount } } }",
        "/account",
        Gives::One { of: "Account", open: false },
        &[TALENT],
    ),
    probe("Query.accounts", "{ accounts { currency } }", "/accounts", Gives::Own("Account"), BOTH),
    probe(
        "Query.accounts",
        "{ accounts(partyId: PAYEE) { currency } }",
        "/accounts",
        Gives::One { of: "Account", open: false },
        &[TALENT],
    ),
    probe("Query.ledger", "{ ledger(asOf: {}) { balances { code } } }", "/ledger/balances", Gives::All, &[]),
    probe(
        "Query.payout",
        "{ payout(id: PAYOUT) { id } }",
        "/payout",
        Gives::One { of: "Payout", open: false },
        &[TALENT],
    ),
    probe(
        "Query.payouts",
        "{ payouts(status: REQUESTED) { nodes { id } } }",
        "/payouts/nodes",
        Gives::Within("Payout"),
        &[TALENT],
    ),
    probe(
        "Query.dispute",
        "{ dispute(id: DISPUTE) { id contract { id } } }",
        "/dispute",
        Gives::One { of: "Dispute", open: false },
        BOTH,
    ),
    probe(
        "Query.dispute",
        "{ dispute(id: DISPUTE, asOf: {}) { status asOf { position } contract { asOf { position } } } }",
        "/dispute/contract/asOf",
        Gives::One { of: "Dispute", open: false },
        BOTH,
    ),
    probe(
        "Query.disputes",
        "{ disputes { nodes { id } } }",
        "/disputes/nodes",
        Gives::Within("Dispute"),
        BOTH,
    ),
    probe(
        "Query.payoutReviews",
        "{ payoutReviews { nodes { id } } }",
        "/payoutReviews/nodes",
        Gives::All,
        &[],
    ),
    probe("Query.attention", "{ attention { nodes { id } } }", "/attention/nodes", Gives::All, &[]),
    probe("Query.rebuilds", "{ rebuilds { name } }", "/rebuilds", Gives::Within("Rebuild"), &[]),
    probe("Query.pauses", "{ pauses { what } }", "/pauses", Gives::Within("Pause"), &[]),
    probe("Query.due", "{ due { nodes { kind } } }", "/due/nodes", Gives::Within("Timer"), BOTH),
    probe(
        "Query.due",
        "{ due(partyId: PAYEE) { nodes { kind } } }",
        "/due/nodes",
        Gives::One { of: "Timer", open: false },
        &[TALENT],
    ),
    probe(
        "Query.node",
        "{ node(id: PAYOUT) { id } }",
        "/node",
        Gives::Node { of: "Payout", open: false },
        &[TALENT],
    ),
    probe(
        "Query.node",
        "{ node(id: REFUND) { id } }",
        "/node",
        Gives::Node { of: "Refund", open: false },
        BOTH,
    ),
    probe(
        "Query.node",
        "{ node(id: DISPUTE) { id } }",
        "/node",
        Gives::Node { of: "Dispute", open: false },
        BOTH,
    ),
    probe(
        "Subscription.jobChanged",
        "subscription { jobChanged(jobId: JOB) { job { id } } }",
        "/jobChanged/job",
        Gives::One { of: "Job", open: true },
        &[CLIENT],
    ),
    probe(
        "Subscription.jobChanged",
        "subscription { jobChanged(jobId: DRAFT) { job { id } } }",
        "/jobChanged/job",
        Gives::One { of: "Job", open: false },
        &[CLIENT],
    ),
    probe(
        "Subscription.proposalChanged",
        "subscription { proposalChanged(proposalId: PROPOSAL) { proposal { id } } }",
        "/proposalChanged/proposal",
        Gives::One { of: "Proposal", open: false },
        BOTH,
    ),
    probe(
        "Subscription.contractChanged",
        "subscription { contractChanged(contractId: CONTRACT) { contract { id } } }",
        "/contractChanged/contract",
        Gives::One { of: "Contract", open: false },
        BOTH,
    ),
    probe(
        "Subscription.payoutChanged",
        "subscription { payoutChanged(payoutId: PAYOUT) { payout { id } } }",
        "/payoutChanged/payout",
        Gives::One { of: "Payout", open: false },
        &[TALENT],
    ),
    probe(
        "Subscription.disputeChanged",
        "subscription { disputeChanged(disputeId: DISPUTE) { dispute { id } } }",
        "/disputeChanged/dispute",
        Gives::One { of: "Dispute", open: false },
        BOTH,
    ),
    probe(
        "Subscription.accountChanged",
        "subscription { accountChanged(currency: CURRENCY, partyId: PAYEE) { account { free { amount } } } }",
        "/accountChanged/account",
        Gives::One { of: "Account", open: false },
        &[TALENT],
    ),
    probe(
        "Subscription.attentionChanged",
        "subscription { attentionChanged { attention { nodes { id } } } }",
        "/attentionChanged/attention/nodes",
        Gives::All,
        &[],
    ),
    probe(
        "Subscription.payoutReviewsChanged",
        "subscription { payoutReviewsChanged { payouts { nodes { id } } } }",
        "/payoutReviewsChanged/payouts/nodes",
        Gives::All,
        &[],
    ),
    probe(
        "Subscription.disputesChanged",
        "subscription { disputesChanged { disputes { nodes { id } } } }",
        "/disputesChanged/disputes/nodes",
        Gives::All,
        &[],
    ),
    probe("Subscription.events", "subscription { events(after: 0) { id } }", "/events", Gives::All, &[]),
];
