//! A dispute that two people have, with the house between them.

use crate::graphql::Caller;
use crate::journey::{Journey, People, Step};
use crate::node::{Node, Store};
use crate::seasons::{done, shows, until};
use serde_json::{Value, json};

const STEPS: &[Step] = &[
    Step::CreateJob,
    Step::SubmitJob,
    Step::SubmitProposal,
    Step::MakeOffer,
    Step::AcceptOffer,
    Step::Fund(0),
    Step::AwaitFunds(0),
];

/// An amount in dollars, as an input names it.
pub(crate) fn usd(amount: &str) -> Value {
    json!({"amount": amount, "currency": "USD"})
}

/// A dispute, and who take part in it.
pub(crate) struct Dispute<'a> {
    pub(crate) people: &'a People,
    id: String,
}

impl<'a> Dispute<'a> {
    /// The client claims a part of what a contract at this price holds, and the talent answers.
    pub(crate) async fn begin(people: &'a People, (price, claim): (&str, &str)) -> Self {
        let mut journey = Journey::new("disputed", &[price], STEPS);
        journey.run(people).await.unwrap();
        let mut open = journey.milestone(0);
        open["claim"] = usd(claim);
        open["reason"] = "Half of it is missing.".into();
        let id = done(&people.client, "openDispute", open).await["id"].as_str().unwrap().to_owned();
        let dispute = Self { people, id };
        dispute.give(&people.talent, "respondToDispute", json!({"answer": "It is all there."})).await;
        dispute.stands("NEGOTIATION").await;
        dispute
    }

    fn input(&self, mut input: Value) -> Value {
        input["disputeId"] = self.id.clone().into();
        input
    }

    /// Gives a command about it that must succeed.
    pub(crate) async fn give(&self, caller: &Caller, mutation: &str, input: Value) {
        done(caller, mutation, self.input(input)).await;
    }

    /// What somebody is told whose command must not succeed.
    pub(crate) async fn refused(&self, caller: &Caller, mutation: &str, input: Value) -> String {
        let mut input = self.input(input);
        input["idempotencyKey"] = "in-vain".into();
        caller.give(mutation, &input).await.unwrap().told()
    }

    /// Waits until it stands so.
    pub(crate) async fn stands(&self, expected: &str) {
        self.shows("status", json!({"status": expected})).await;
    }

    /// Waits until this is shown of it.
    pub(crate) async fn shows(&self, selection: &str, expected: Value) {
        let query = format!("query($id: DisputeId!) {{ dispute(id: $id) {{ {selection} }} }}");
        shows(&self.people.talent, &query, json!({"id": self.id}), json!({"dispute": expected})).await;
    }

    /// Both sides hand in evidence, and the mediator asks something, and recommends once nothing more is heard.
    pub(crate) async fn mediate(&self, (node, store): (&Node, &Store), client_share: &str) {
        let (People { client, talent }, mediator) = (self.people, node.persona("support"));
        self.give(client, "escalateDispute", json!({})).await;
        self.give(client, "submitEvidence", json!({"text": "The page without its map."})).await;
        self.give(&mediator, "askDisputeQuestion", json!({"question": "Who was to deliver the map?"})).await;
        self.give(talent, "submitEvidence", json!({"text": "The client was, see our letters."})).await;
        let early = json!({"clientShare": usd(client_share), "reasons": "Too early."});
        assert_eq!(self.refused(&mediator, "issueRecommendation", early).await, "refused WRONG_STATE");
        node.put_forward(5).await.unwrap();
        until(store, "dispute.evidence_sealed", 1).await;
        let late = json!({"text": "And there is this."});
        assert_eq!(self.refused(talent, "submitEvidence", late).await, "refused EVIDENCE_SEALED");
        let recommendation = json!({"clientShare": usd(client_share), "reasons": "A part was done."});
        self.give(&mediator, "issueRecommendation", recommendation).await;
        let heard = json!({"evidence": [{"author": "CLIENT"}, {"author": "TALENT"}], "questions": [{"number": 1}],
            "status": "RECOMMENDED"});
        self.shows("evidence { author } questions { number } status", heard).await;
    }
}
