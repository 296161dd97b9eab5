//! `token`: prints a token signed by the key of `dev`.

use super::dev::issuer;
use crate::options::TokenOptions;
use crate::wire::Failure;
use api::auth::Grant;
use domain::Role;
use domain::id::MarketplaceId;
use engine::{Clock, SystemClock};
use std::process::ExitCode;
use std::time::Duration;

pub(crate) fn run(options: &TokenOptions) -> Result<ExitCode, Failure> {
    let data = &options.store.data;
    if !data.join("secrets").join("issuer.pk8").exists() {
        return Err(
            format!("{} has no key to sign with; run counterfoil dev there first", data.display()).into()
        );
    }
    let roles = options.role.iter().map(|name| role(name)).collect::<Result<Vec<_>, _>>()?;
    let marketplace = MarketplaceId::parse(&options.store.marketplace)?;
    let lifetime = Duration::from_hours(u64::from(options.days) * 24);
    let grant = Grant { subject: &options.subject, roles: &roles, marketplace: &marketplace, lifetime };
    println!("{}", issuer(data)?.sign(&grant, SystemClock.now())?);
    Ok(ExitCode::SUCCESS)
}

fn role(name: &str) -> Result<Role, Failure> {
    Role::parse_person(name).ok_or_else(|| {
        let known: Vec<_> = Role::PEOPLE.iter().map(|role| role.as_str()).collect();
        format!("there is no role {name}; there are {}", known.join(", ")).into()
    })
}
