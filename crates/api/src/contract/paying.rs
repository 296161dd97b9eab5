//! Commands that pay in parts, early or more, and that move a milestone's money.

use super::{Contract, of_outcome};
use crate::command::{give, inputs, payload};
use crate::error::system;
use crate::http::SystemCode;
use crate::money::MoneyInput;
use crate::scalar::{ContractId, MilestoneId};
use async_graphql::{Context, Enum, Object, Result};
use domain::contract::{
    AgreeMove, DemandRefund, DropMove, GrantRefund, MoveFunds, PartiallyRelease, PayBonus, ReleaseEarly, Rest,
};
use domain::deposit::PaymentMethod;
use domain::text::Text;
use domain::{Code, Refusal};
use engine::Engine;

inputs! {
    /// Input of `partiallyRelease`.
    PartiallyReleaseInput {
        /// The contract.
        contract_id: ContractId,
        /// The milestone.
        milestone_id: MilestoneId,
        /// What is released: less than escrow holds.
        amount: MoneyInput,
        /// What becomes of the rest.
        rest: RestOfRelease,
        /// The milestone that the rest is to fund, where it rolls forward; it needs just that much.
        roll_forward_to: Option<MilestoneId>,
        /// Why the rest is asked back, where it is, at most 10,000 characters; the talent reads it.
        reasons: Option<String>,
    }
    /// Input of `releaseEarly`.
    ReleaseEarlyInput {
        /// The contract.
        contract_id: ContractId,
        /// The milestone.
        milestone_id: MilestoneId,
    }
    /// Input of `moveFunds`.
    MoveFundsInput {
        /// The contract.
        contract_id: ContractId,
        /// The milestone whose money it is.
        milestone_id: MilestoneId,
        /// The milestone that it is to fund, all of it.
        to: MilestoneId,
    }
    /// Input of `agreeMove`.
    AgreeMoveInput {
        /// The contract.
        contract_id: ContractId,
        /// The milestone whose money it is.
        milestone_id: MilestoneId,
    }
    /// Input of `dropMove`.
    DropMoveInput {
        /// The contract.
        contract_id: ContractId,
        /// The milestone whose money it is.
        milestone_id: MilestoneId,
    }
    /// Input of `demandRefund`.
    DemandRefundInput {
        /// The contract.
        contract_id: ContractId,
        /// The milestone.
        milestone_id: MilestoneId,
    }
    /// Input of `payBonus`.
    PayBonusInput {
        /// The contract.
        contract_id: ContractId,
        /// What it is for, in one line of at most 200 characters.
        title: String,
        /// What the talent gets, before the talent fee.
        amount: MoneyInput,
        /// The payment provider's token of the instrument, never a card's number.
        payment_method: String,
    }
    /// Input of `grantRefund`.
    GrantRefundInput {
        /// The contract.
        contract_id: ContractId,
        /// The milestone that was released.
        milestone_id: MilestoneId,
        /// What the client gets; less the platform's part, the talent gives it.
        amount: MoneyInput,
    }
}

/// What becomes of the escrow that a partial release leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum RestOfRelease {
    /// It stays for more work.
    Kept,
    /// The client asks for it back, which silence agrees to.
    AskedBack,
    /// It is to fund another milestone, once the talent agrees.
    RolledForward,
}

/// # Errors
/// `NOT_FOUND` where the rest rolls forward to no milestone.
fn rest_of(rest: RestOfRelease, to: Option<MilestoneId>) -> Result<Rest, Refusal> {
    match rest {
        RestOfRelease::Kept => Ok(Rest::Kept),
        RestOfRelease::AskedBack => Ok(Rest::AskedBack),
        RestOfRelease::RolledForward => to.map(|to| Rest::RolledForward(to.0)).ok_or_else(|| {
            Refusal::new(Code::NotFound, "say which milestone it is to fund").at("rollForwardTo")
        }),
    }
}

payload! {
    /// What `partiallyRelease` came to.
    PartiallyReleasePayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `releaseEarly` came to.
    ReleaseEarlyPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `moveFunds` came to.
    MoveFundsPayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `agreeMove` came to.
    AgreeMovePayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `dropMove` came to.
    DropMovePayload {
        /// The contract.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `demandRefund` came to.
    DemandRefundPayload {
        /// The contract; the milestone is refunded, and the money is on its way to the client.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `payBonus` came to.
    PayBonusPayload {
        /// The contract; the bonus is released once the provider confirms the deposit.
        contract: Contract = of_outcome
    }
}

payload! {
    /// What `grantRefund` came to.
    GrantRefundPayload {
        /// The contract; the money is on its way to the client.
        contract: Contract = of_outcome
    }
}

/// Commands that pay in parts, early or more, and that move a milestone's money.
#[derive(Default)]
pub(crate) struct PayingMutations;

/// Commands that pay in parts, early or more, and that move a milestone's money.
#[Object]
impl PayingMutations {
    /// Releases a part of a milestone's escrow for the work that waits for review. For the client.
    async fn partially_release(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How much, and what becomes of the rest.")] input: PartiallyReleaseInput,
    ) -> Result<PartiallyReleasePayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            let amount = input.amount.read().map_err(|refusal| refusal.at("amount"))?;
            let reasons = input.reasons.as_deref().map(Text::parse).transpose();
            Ok(PartiallyRelease {
                contract_id: input.contract_id.0,
                milestone_id: input.milestone_id.0,
                amount,
                rest: rest_of(input.rest, input.roll_forward_to)?,
                reasons: reasons.map_err(|refusal| refusal.at("reasons"))?,
            })
        });
        outcome.await.map(PartiallyReleasePayload)
    }

    /// Releases a milestone's escrow before work is handed in. For the client.
    async fn release_early(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which milestone.")] input: ReleaseEarlyInput,
    ) -> Result<ReleaseEarlyPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(ReleaseEarly { contract_id: input.contract_id.0, milestone_id: input.milestone_id.0 })
        });
        outcome.await.map(ReleaseEarlyPayload)
    }

    /// Wants the money of one milestone to fund another, once the talent agrees. For the client.
    async fn move_funds(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "From where to where.")] input: MoveFundsInput,
    ) -> Result<MoveFundsPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(MoveFunds {
                contract_id: input.contract_id.0,
                milestone_id: input.milestone_id.0,
                to: input.to.0,
            })
        });
        outcome.await.map(MoveFundsPayload)
    }

    /// Agrees that the money moves, which moves it. For the talent.
    async fn agree_move(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which milestone.")] input: AgreeMoveInput,
    ) -> Result<AgreeMovePayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(AgreeMove { contract_id: input.contract_id.0, milestone_id: input.milestone_id.0 })
        });
        outcome.await.map(AgreeMovePayload)
    }

    /// Has the money stay where it is. For either side.
    async fn drop_move(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which milestone.")] input: DropMoveInput,
    ) -> Result<DropMovePayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(DropMove { contract_id: input.contract_id.0, milestone_id: input.milestone_id.0 })
        });
        outcome.await.map(DropMovePayload)
    }

    /// Takes the money of a milestone back on which no work was handed in for long; nobody has to agree. For the client.
    async fn demand_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which milestone.")] input: DemandRefundInput,
    ) -> Result<DemandRefundPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(DemandRefund { contract_id: input.contract_id.0, milestone_id: input.milestone_id.0 })
        });
        outcome.await.map(DemandRefundPayload)
    }

    /// Pays the talent a bonus after the contract has ended. For the client.
    async fn pay_bonus(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How much, what for, and from what.")] input: PayBonusInput,
    ) -> Result<PayBonusPayload> {
        let rail = ctx.data::<Engine>()?.default_rail();
        let rail = rail.ok_or_else(|| system(SystemCode::Unavailable, "this server takes no deposits"))?;
        let outcome = give(ctx, &input.idempotency_key, || {
            let payment_method = PaymentMethod::parse(&input.payment_method);
            Ok(PayBonus {
                contract_id: input.contract_id.0,
                title: Text::parse(&input.title).map_err(|refusal| refusal.at("title"))?,
                amount: input.amount.read().map_err(|refusal| refusal.at("amount"))?,
                rail,
                payment_method: payment_method.map_err(|refusal| refusal.at("paymentMethod"))?,
            })
        });
        outcome.await.map(PayBonusPayload)
    }

    /// Gives released money back after the contract has ended. For the talent.
    async fn grant_refund(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which milestone, and how much.")] input: GrantRefundInput,
    ) -> Result<GrantRefundPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(GrantRefund {
                contract_id: input.contract_id.0,
                milestone_id: input.milestone_id.0,
                amount: input.amount.read().map_err(|refusal| refusal.at("amount"))?,
            })
        });
        outcome.await.map(GrantRefundPayload)
    }
}
