//! Stores with planted defects: the contract must notice each of them.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use eventstore::{
    AppendError, Batch, Checkpoint, CheckpointError, CommandKey, EventStore, Finding, Head, MemoryStore,
    Position, Record, StoreFault, Subscription,
};
use testkit::{records::MARKETPLACE, store_contract as contract};
use tokio::sync::watch;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Defect {
    /// Every fourth batch is acknowledged and lost.
    LosesBatches,
    /// A batch on an old head is acknowledged.
    ForgivesLostHeads,
    /// A subscription begins one record late.
    SkipsRecords,
    /// A checkpoint moves wherever the consumer says that it stands.
    BelievesConsumers,
    /// Of a stream only the newest record is found.
    ForgetsStreams,
    /// No command was ever seen before.
    ForgetsCommands,
    /// The head is the one before.
    LagsBehind,
}

struct Defective {
    store: MemoryStore,
    defect: Defect,
    appends: AtomicU32,
}

fn defective(defect: Defect) -> impl Fn() -> Defective {
    move || Defective { store: MemoryStore::new(MARKETPLACE), defect, appends: AtomicU32::new(0) }
}

#[async_trait]
impl EventStore for Defective {
    fn marketplace(&self) -> &Arc<str> {
        self.store.marketplace()
    }

    async fn head(&self) -> Result<Head, StoreFault> {
        let mut head = self.store.head().await?;
        if self.defect == Defect::LagsBehind && head != Head::EMPTY {
            head.position = Position::new(head.position.get() - 1);
        }
        Ok(head)
    }

    async fn append(&self, batch: Batch) -> Result<(), AppendError> {
        let count = self.appends.fetch_add(1, Ordering::Relaxed);
        if self.defect == Defect::LosesBatches && count % 4 == 3 {
            return Ok(());
        }
        let outcome = self.store.append(batch).await;
        let forgiven = self.defect == Defect::ForgivesLostHeads;
        if forgiven && matches!(outcome, Err(AppendError::LostHead { .. })) { Ok(()) } else { outcome }
    }

    async fn read(&self, after: Position, limit: usize) -> Result<Vec<Arc<Record>>, StoreFault> {
        self.store.read(after, limit).await
    }

    async fn read_stream(&self, stream: &str, after_revision: u64) -> Result<Vec<Arc<Record>>, StoreFault> {
        let mut records = self.store.read_stream(stream, after_revision).await?;
        if self.defect == Defect::ForgetsStreams && records.len() > 1 {
            records.drain(..records.len() - 1);
        }
        Ok(records)
    }

    async fn stream_revisions(&self, streams: &[Arc<str>]) -> Result<Vec<u64>, StoreFault> {
        self.store.stream_revisions(streams).await
    }

    async fn find_commands(&self, keys: &[CommandKey]) -> Result<Vec<Vec<Arc<Record>>>, StoreFault> {
        if self.defect == Defect::ForgetsCommands {
            return Ok(vec![Vec::new(); keys.len()]);
        }
        self.store.find_commands(keys).await
    }

    fn subscribe(&self, after: Position) -> Subscription {
        let skipped = if self.defect == Defect::SkipsRecords { after.next() } else { after };
        self.store.subscribe(skipped)
    }

    fn watch_head(&self) -> watch::Receiver<Position> {
        self.store.watch_head()
    }

    async fn checkpoint(&self, consumer: &str) -> Result<Option<Checkpoint>, StoreFault> {
        self.store.checkpoint(consumer).await
    }

    async fn advance(
        &self,
        consumer: &str,
        from: Option<Checkpoint>,
        to: Checkpoint,
    ) -> Result<(), CheckpointError> {
        let from = match self.defect {
            Defect::BelievesConsumers => self.store.checkpoint(consumer).await?,
            Defect::LosesBatches
            | Defect::ForgivesLostHeads
            | Defect::SkipsRecords
            | Defect::ForgetsStreams
            | Defect::ForgetsCommands
            | Defect::LagsBehind => from,
        };
        self.store.advance(consumer, from, to).await
    }

    async fn close(&self) {
        self.store.close().await;
    }

    async fn inspect(&self, progress: &(dyn Fn(Position) + Sync)) -> Result<Vec<Finding>, StoreFault> {
        self.store.inspect(progress).await
    }
}

#[tokio::test]
#[should_panic(expected = "assertion")]
async fn a_lost_batch_is_noticed() {
    contract::a_page_is_bounded_and_contiguous(defective(Defect::LosesBatches)).await;
}

#[tokio::test]
#[should_panic(expected = "the batch was appended")]
async fn a_forgiven_lost_head_is_noticed() {
    contract::a_lost_head_changes_nothing(defective(Defect::ForgivesLostHeads)).await;
}

#[test]
#[should_panic(expected = "is none of")]
fn a_forgiven_lost_head_is_noticed_by_the_model() {
    contract::interleaved_writers_leave_what_the_model_says(defective(Defect::ForgivesLostHeads));
}

#[tokio::test]
#[should_panic(expected = "assertion")]
async fn racing_with_forgiven_lost_heads_is_noticed() {
    contract::racing_writers_each_win_their_own_positions(defective(Defect::ForgivesLostHeads)).await;
}

#[tokio::test]
#[should_panic(expected = "assertion")]
async fn a_skipped_record_is_noticed() {
    contract::a_subscription_starts_anywhere_and_follows_the_appends(defective(Defect::SkipsRecords)).await;
}

#[tokio::test]
#[should_panic(expected = "assertion")]
async fn a_checkpoint_without_comparison_is_noticed() {
    contract::a_checkpoint_moves_only_from_where_it_is(defective(Defect::BelievesConsumers)).await;
}

#[tokio::test]
#[should_panic(expected = "assertion")]
async fn a_forgotten_stream_is_noticed() {
    contract::a_record_is_found_in_each_of_its_streams(defective(Defect::ForgetsStreams)).await;
}

#[tokio::test]
#[should_panic(expected = "assertion")]
async fn a_forgotten_command_is_noticed() {
    contract::commands_are_found_in_the_order_of_the_question(defective(Defect::ForgetsCommands)).await;
}

#[tokio::test]
#[should_panic(expected = "assertion")]
async fn a_head_that_lags_is_noticed() {
    contract::what_was_appended_comes_back_byte_for_byte(defective(Defect::LagsBehind)).await;
}
