//! Who may do what: the coarse half, role × action. The fine half, who is a party to what, is each decision's own.

use crate::command::CommandKind;
use crate::context::Actor;
use crate::refusal::{Code, Refusal};

/// Lets `actor` give commands of `kind`, or says that the role lacks the action. The transition tables are the one
/// source; what no table grants is denied.
///
/// # Errors
/// [`Code::Forbidden`].
pub fn permit(kind: CommandKind, actor: &Actor) -> Result<(), Refusal> {
    let granted = kind.roles();
    if actor.roles().iter().any(|role| granted.contains(role)) {
        return Ok(());
    }
    let names: Vec<_> = granted.iter().map(|role| role.as_str()).collect();
    Err(Refusal::new(Code::Forbidden, format!("{} needs the role {}", kind.as_str(), names.join(" or "))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::Role;
    use crate::id::{PartyId, TypedId};

    fn person(role: Role) -> Actor {
        Actor::Person { party: PartyId::from_uuid(uuid::Uuid::nil()), roles: vec![role] }
    }

    #[test]
    fn an_auditor_changes_nothing() {
        for kind in CommandKind::ALL {
            assert_eq!(permit(*kind, &person(Role::Auditor)).unwrap_err().code, Code::Forbidden, "{kind:?}");
        }
    }

    #[test]
    fn only_the_role_in_the_table_may() {
        assert!(permit(CommandKind::ApproveMilestone, &person(Role::Client)).is_ok());
        assert!(permit(CommandKind::ApproveMilestone, &person(Role::Talent)).is_err());
        assert!(permit(CommandKind::ConfirmDeposit, &person(Role::Admin)).is_err());
        assert!(permit(CommandKind::ConfirmDeposit, &Actor::Provider("sandbox")).is_ok());
    }
}
