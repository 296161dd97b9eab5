//! How disputes end: by agreement, by a decision for which both sides pay or the documents speak, or by being given up.

use super::books::within;
use super::disputes::{BOTH, OPEN, place};
use super::owed::Owed;
use super::{Law, Model, Rung, Told, days, known, known_mut, law};
use domain::dispute::{
    ArbitrationFeePaid, ArbitrationFeesSettled, ArbitrationOffered, Decision, DisputeDecided,
    DisputeFinalized, DisputeSettled, DisputeWithdrawn, FeeBearer, Finality, SettledBy, WithdrawnBy,
};
use domain::proposal::Party;

impl Model {
    pub(super) fn on_arbitration_offered(&mut self, e: &ArbitrationOffered, told: Told<'_>) -> Law {
        let rules = self.rules_of(e.dispute_id)?;
        let dispute = known_mut(&mut self.disputes, &e.dispute_id)?;
        let currency = known(&self.contracts, &dispute.contract)?.currency;
        dispute.is(&["Recommended"])?;
        match e.rejected_by {
            Some(side) => told.by(&[dispute.party(side)])?,
            None => dispute.by_time(told)?,
        }
        let listed = rules.arbitration_fees.iter().find(|fee| fee.currency() == currency);
        let fee = listed.map(|fee| i128::from(fee.minor())).filter(|fee| *fee > 0);
        let fee = fee.filter(|fee| dispute.disputed >= fee * i128::from(rules.small_claim_multiple));
        law(e.fee.map(|fee| i128::from(fee.minor())) == fee, format!("each side pays {fee:?}"))?;
        let due = days(told.at, if fee.is_some() { rules.arbitration_days } else { rules.award_days });
        law(e.due_at.micros() == due, "arbitration has its window")?;
        dispute.fee = fee;
        dispute.moves("ArbitrationOffered", Some(due));
        Ok(())
    }

    pub(super) fn on_fee_paid(&mut self, e: &ArbitrationFeePaid, told: Told<'_>) -> Law {
        let available = self.free(e.payer, e.amount);
        let dispute = known_mut(&mut self.disputes, &e.dispute_id)?;
        dispute.is(&["ArbitrationOffered"])?;
        told.by(&[dispute.party(e.side)])?;
        law(e.payer == dispute.party(e.side), "a side pays for itself")?;
        let fee = dispute.fee.ok_or("a small claim costs nothing")?;
        law(i128::from(e.amount.minor()) == fee, format!("the fee is {fee}"))?;
        law(!dispute.has_paid(e.side), "a side pays once")?;
        law(e.side == Party::Client || fee <= available, format!("only {available} are free"))?;
        dispute.paid[place(e.side)] = fee;
        if dispute.has_paid(e.side.other()) {
            self.debts.owe(Owed::Arbitration(e.dispute_id));
        }
        let from = if e.side == Party::Client { "2100" } else { "2200" };
        let lines = vec![(format!("{from}:{}", e.payer), fee), (format!("2130:{}", e.dispute_id), -fee)];
        self.books.post(&e.entry, e.amount.currency(), lines)
    }

    pub(super) fn on_settled(&mut self, e: &DisputeSettled, told: Told<'_>) -> Law {
        let dispute = known_mut(&mut self.disputes, &e.dispute_id)?;
        law((e.contract_id, e.milestone_id) == (dispute.contract, dispute.milestone), "it is its own")?;
        let client = dispute.divided(&e.shares)?;
        let agreed = match e.by {
            SettledBy::Concession => {
                dispute.is(&["AwaitingResponse"])?;
                told.by(&[dispute.party(dispute.opener.other())])?;
                dispute.won_by(dispute.opener)
            }
            SettledBy::Offer(number) => {
                dispute.is(OPEN)?;
                let (last, author, client) = dispute.offer.ok_or("nobody offers to settle")?;
                law(number == last, "the last offer stands")?;
                told.by(&[dispute.party(author.other())])?;
                client
            }
            SettledBy::Recommendation => {
                self.debts.must(Owed::Settled(e.dispute_id))?;
                dispute.recommended.ok_or("nothing was recommended")?
            }
        };
        law(client == agreed, "what both sides agree on is settled")?;
        dispute.shares = Some(client);
        dispute.moves("Settled", None);
        let (milestone, held) = (dispute.milestone, dispute.fees_held());
        if held > 0 {
            self.debts.owe(Owed::FeesSettled(e.dispute_id, None));
        }
        known_mut(&mut self.milestones, &milestone)?.awarded = Some(told.at);
        Ok(())
    }

    pub(super) fn on_decided(&mut self, e: &DisputeDecided, told: Told<'_>) -> Law {
        let rules = self.rules_of(e.dispute_id)?;
        let dispute = known_mut(&mut self.disputes, &e.dispute_id)?;
        let client = dispute.judged(&e.shares)?;
        let offered = |fee: bool| {
            dispute.is(&["ArbitrationOffered"])?;
            law(dispute.fee.is_some() == fee, "a small claim is decided from the documents, without a fee")
        };
        let due = match &e.decision {
            Decision::Default => {
                dispute.is(&["AwaitingResponse"])?;
                dispute.by_time(told)?;
                Some(dispute.won_by(dispute.opener))
            }
            Decision::SolePayer(side) => {
                offered(true).and(dispute.by_time(told))?;
                law(dispute.has_paid(*side) && !dispute.has_paid(side.other()), "one side paid")?;
                self.debts.owe(Owed::FeesSettled(e.dispute_id, None));
                Some(dispute.won_by(*side))
            }
            Decision::Recommendation => {
                offered(true).and(dispute.by_time(told))?;
                law(dispute.fees_held() == 0, "nobody paid")?;
                dispute.recommended
            }
            Decision::SmallClaim { arbitrator, .. } => {
                offered(false)?;
                dispute.acts(told.who, *arbitrator, Rung::Arbitration)?;
                Some(client)
            }
            Decision::Award { arbitrator, fees, .. } => {
                dispute.is(&["Arbitration"])?;
                dispute.acts(told.who, *arbitrator, Rung::Arbitration)?;
                dispute.bearer = Some(*fees);
                Some(client)
            }
        };
        law(due == Some(client), format!("the client gets {due:?}"))?;
        let until = days(told.at, rules.appeal_days);
        law(e.appeal_until.micros() == until, "an appeal has its window")?;
        dispute.shares = Some(client);
        dispute.moves("Decided", Some(until));
        Ok(())
    }

    pub(super) fn on_finalized(&mut self, e: &DisputeFinalized, told: Told<'_>) -> Law {
        let dispute = known_mut(&mut self.disputes, &e.dispute_id)?;
        law((e.contract_id, e.milestone_id) == (dispute.contract, dispute.milestone), "it is its own")?;
        let client = dispute.judged(&e.shares)?;
        match &e.finality {
            Finality::Unchallenged => dispute.is(&["Decided"]).and(dispute.by_time(told))?,
            Finality::AppealLapsed => dispute.is(&["Appealed"]).and(dispute.by_time(told))?,
            Finality::Appeal { reviewer, .. } => {
                dispute.is(&["Appealed"])?;
                dispute.acts(told.who, *reviewer, Rung::Appeal)?;
                dispute.shares = Some(client);
            }
        }
        law(dispute.shares == Some(client), "what stands is what was decided")?;
        dispute.moves("Final", None);
        let milestone = dispute.milestone;
        known_mut(&mut self.milestones, &milestone)?.awarded = Some(told.at);
        Ok(())
    }

    pub(super) fn on_withdrawn(&mut self, e: &DisputeWithdrawn, told: Told<'_>) -> Law {
        let dispute = known_mut(&mut self.disputes, &e.dispute_id)?;
        match e.by {
            WithdrawnBy::Opener => {
                dispute.is(&["AwaitingResponse", "Negotiation", "Mediation"])?;
                told.by(&[dispute.party(dispute.opener)])?;
            }
            WithdrawnBy::Both => {
                dispute.is(BOTH)?;
                let first = dispute.given_up.ok_or("nobody proposed to give it up")?;
                told.by(&[dispute.party(first.other())])?;
            }
        }
        if dispute.fees_held() > 0 {
            self.debts.owe(Owed::FeesSettled(e.dispute_id, None));
        }
        self.debts.owe(Owed::Thawed(e.dispute_id));
        dispute.moves("Withdrawn", None);
        Ok(())
    }

    pub(super) fn on_fees_settled(&mut self, e: &ArbitrationFeesSettled, told: Told<'_>) -> Law {
        let dispute = known_mut(&mut self.disputes, &e.dispute_id)?;
        let contract = known(&self.contracts, &dispute.contract)?;
        if !self.debts.settles(Owed::FeesSettled(e.dispute_id, e.bearer)) {
            law(told.is_time() && dispute.status == "Final", "fees are settled with the award")?;
            law(e.bearer == dispute.bearer, "who was to bear the fee bears it")?;
            self.debts.owe(Owed::Award(e.dispute_id));
        }
        let fee = dispute.fee.unwrap_or_default();
        let (client, talent) = match e.bearer {
            None => (0, 0),
            Some(FeeBearer::Client) => (fee, 0),
            Some(FeeBearer::Talent) => (0, fee),
            Some(FeeBearer::Both) => (fee - fee / 2, fee / 2),
        };
        let tax = within(contract.fees.client_fee_tax, client) + within(contract.fees.talent_fee_tax, talent);
        let [paid_by_client, paid_by_talent] = std::mem::take(&mut dispute.paid);
        let back = (paid_by_client - client, paid_by_talent - talent);
        let told_of = (i128::from(e.client_back), i128::from(e.talent_back), i128::from(e.tax));
        law(told_of == (back.0, back.1, tax), format!("{back:?} go back, with {tax} of tax in the rest"))?;
        let kept = client + talent;
        let lines = vec![
            (format!("2130:{}", e.dispute_id), paid_by_client + paid_by_talent),
            (format!("2100:{}", contract.client), -back.0),
            (format!("2200:{}", contract.talent), -back.1),
            ("2700".to_owned(), -kept),
            ("1500".to_owned(), kept),
            ("4100".to_owned(), tax - kept),
            ("2500".to_owned(), -tax),
        ];
        self.books.post(&e.entry, contract.currency, lines)
    }
}
