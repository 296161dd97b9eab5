//! A sample of each command that isn't a timer's, for whatever world it is given in; and who there is to give them.
//!
//! A new command needs a line here, in the file of its noun. It names the world's last thing of a kind, or an id that
//! nothing has where there is none yet. Where what a command carries matters, there are several of it.

mod disputing;
mod hiring;
mod money;
mod operating;
mod working;

use super::world::World;
use crate::contract::{AgreeEnd, PauseContract, RequestEnd};
use crate::deposit::StartDepositAttempt;
use crate::scenario::ladder::disputed;
use crate::scenario::{
    ADMIN, CLIENT, CLIENT_AS_TALENT, COMPLIANCE, CONTRACT, FINANCE, Given, OTHER_PROVIDER, OTHER_TALENT,
    PROVIDER, STRANGER, SYSTEM, TALENT, TALENT_AS_CLIENT, Who, changes_requested, drafted, fund,
    funded_contract, funded_first, given, milestone, offered, proposed, request_refund, submitted, usd, work,
};
use crate::{Command, Role, States, StreamId};

/// Somebody of the walk, by name.
#[derive(Clone, Copy)]
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) who: Who,
}

impl Part {
    pub(crate) fn has_any(&self, roles: &[Role]) -> bool {
        self.who.actor().roles().iter().any(|role| roles.contains(role))
    }
}

pub(super) const fn part(name: &'static str, who: Who) -> Part {
    Part { name, who }
}

const SUPPORT: Who = Who::Person(20, &[Role::Support]);
const ARBITRATOR: Who = Who::Person(21, &[Role::Arbitrator]);
const OTHER_ARBITRATOR: Who = Who::Person(22, &[Role::Arbitrator]);
const AUDITOR: Who = Who::Person(23, &[Role::Auditor]);
const AGENCY: Who = Who::Person(24, &[Role::Agency]);

/// Who fires what is due.
pub(super) const TIMER: Part = part("timer", SYSTEM);

/// Those who carry everything forward.
pub(super) const PARTS: &[Part] = &[
    part("client", CLIENT),
    part("talent", TALENT),
    part("support", SUPPORT),
    part("arbitrator", ARBITRATOR),
    part("another arbitrator", OTHER_ARBITRATOR),
    part("finance", FINANCE),
    part("compliance", COMPLIANCE),
    part("admin", ADMIN),
    part("system", SYSTEM),
    part("provider", PROVIDER),
];

/// Those with the right role who have no business there, and those whose roles have no command.
pub(super) const STRANGERS: &[Part] = &[
    part("another client", STRANGER),
    part("another talent", OTHER_TALENT),
    part("another provider", OTHER_PROVIDER),
    part("auditor", AUDITOR),
    part("agency", AGENCY),
];

/// Parties with the role of the other side.
pub(super) const MISCAST: &[Part] =
    &[part("the client as a talent", CLIENT_AS_TALENT), part("the talent as a client", TALENT_AS_CLIENT)];

/// Where the walk begins: without anything, under policies that lead elsewhere, and where a detour would take too long.
pub(super) fn beginnings() -> Vec<World> {
    let alike = [250_000, 250_000, 240_000].map(usd);
    let on_offer = |headcount| given([drafted(headcount), submitted(), proposed(), offered(&[usd(250_000)])]);
    let disputed = |claim| disputed(250_000, claim).offered(1);
    let mut beginnings = vec![
        World::begin("nothing", Given { states: States::default(), ..given([]) }),
        World::begin("the usual policy", given([])),
    ];
    beginnings.extend(operating::policies());
    beginnings.extend([
        World::begin("the only place is on offer", on_offer(1)),
        World::begin("one place of two is on offer", on_offer(2)),
        World::begin("work was sent back, and its money asked for", sent_back()),
        World::begin("milestones of one amount, and nearly", given(funded_first(&alike))),
        World::begin("a deposit is under way at the end", under_way()),
        World::begin("a small claim", disputed(20_000).given),
        World::begin("both sides can pay for arbitration", disputed(200_000).funds(30_000).given),
        World::begin("a contract has ended while it was paused", ended_paused()),
    ]);
    beginnings
}

/// A contract that was paused goes on paused when it is opened again.
fn ended_paused() -> Given {
    let paused = given(funded_contract(usd(250_000))).then(CLIENT, PauseContract { contract_id: CONTRACT });
    let asked = paused.then(CLIENT, RequestEnd { contract_id: CONTRACT });
    asked.then(TALENT, AgreeEnd { contract_id: CONTRACT })
}

/// A milestone goes back to where it was after a dispute, which no state of its own tells.
fn sent_back() -> Given {
    given(funded_contract(usd(250_000))).and([work(), changes_requested()]).then(CLIENT, request_refund())
}

/// A deposit fails with the end of its contract only if there is another milestone that needs none.
fn under_way() -> Given {
    let asked = given(funded_first(&[usd(250_000), usd(50_000)])).then(CLIENT, fund(milestone(2)));
    let mut streams = asked.states.folded().iter().rev();
    let deposit = streams.find_map(|folded| match folded.stream {
        StreamId::Deposit(id) => Some(id),
        _ => None,
    });
    asked.clone().then(SYSTEM, StartDepositAttempt { deposit_id: deposit.unwrap() })
}

/// A sample of each command, and of some several.
pub(super) fn samples(world: &World) -> Vec<Command> {
    let mut samples = operating::samples(world);
    samples.extend(hiring::samples(world));
    samples.extend(working::samples(world));
    samples.extend(disputing::samples(world));
    samples.extend(money::samples(world));
    samples
}
