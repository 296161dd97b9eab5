//! The tables against the schema, and the schema's answers against the table.

mod declared;
mod hiring;
mod house;
mod live;
mod matrix;
mod probes;
mod rebuilt;
mod told;

use super::*;

fn person(role: Role) -> Caller {
    Caller::Person { party: PartyId::from_u128(1), roles: vec![role] }
}

#[test]
fn what_has_no_row_is_denied() {
    for role in Role::PEOPLE {
        assert_eq!(reach_of(&person(*role), "Query.nothing"), None);
    }
}

#[test]
fn parties_reach_their_own_and_staff_reach_all() {
    let own = Some(Reach::Own(PartyId::from_u128(1)));
    assert_eq!(reach_of(&person(Role::Client), "Contract"), own);
    assert_eq!(reach_of(&person(Role::Auditor), "Contract"), Some(Reach::Any));
    assert_eq!(reach_of(&Caller::Guest, "Contract"), None);
    assert_eq!(reach_of(&Caller::Guest, "Job"), Some(Reach::Public));
}

#[test]
fn the_trial_balance_is_for_bookkeepers() {
    assert_eq!(reach_of(&person(Role::Finance), "Query.trialBalance"), Some(Reach::Any));
    assert_eq!(reach_of(&person(Role::Support), "Query.trialBalance"), None);
}

#[test]
fn of_several_roles_the_farthest_reaches() {
    let both = Caller::Person { party: PartyId::from_u128(1), roles: vec![Role::Talent, Role::Auditor] };
    assert_eq!(reach_of(&both, "Contract"), Some(Reach::Any));
}
