//! A read model rebuilt beside the live one, and put in its place.

use super::house::{House, folded, reach};
use super::log::{Log, OPENING};
use super::market::Market;
use super::pages::drafted;
use crate::{HaltReason, Name, Position, ReadModels, RebuildError, StartError};
use domain::Event;
use domain::id::JobId;
use domain::job::{JobEvent, JobSubmitted};
use rusqlite::Connection;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Notify;

/// More than two pages, and then some.
const LONG: u128 = 20_300;

fn ignored(_folded: Position, _head: Position) {}

/// Appends this many drafts.
async fn draft(log: &mut Log, count: u128) {
    let all: Vec<_> = (0..count).map(drafted).collect();
    for some in all.chunks(5_000) {
        log.append(some).await;
    }
}

/// A log of this many drafts.
async fn drafts(count: u128) -> Log {
    let mut log = Log::new();
    draft(&mut log, count).await;
    log
}

fn opened(job: u128) -> Event {
    let job_id = JobId::from_u128(job);
    Event::Job(JobEvent::Submitted(JobSubmitted { job_id, expires_at: Some(OPENING) }))
}

/// The rows of all tables of the read model and its checkpoint's position, of one state of the file.
fn seen(models: &ReadModels, name: Name) -> (i64, i64) {
    let tables = format!(
        "select name from sqlite_schema where type = 'table' and (name = '{name}' or name like '{name}\\_%' escape '\\')"
    );
    let answer = models.query(|on| {
        on.execute_batch("begin")?;
        let tables: Vec<String> =
            on.prepare(&tables)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut rows = 0;
        for table in tables {
            rows += on.query_row(&format!("select count(*) from {table}"), [], |row| row.get::<_, i64>(0))?;
        }
        let position = format!("select position from checkpoint where name = '{name}'");
        let position = on.query_row(&position, [], |row| row.get(0))?;
        on.execute_batch("commit")?;
        Ok((rows, position))
    });
    answer.unwrap()
}

/// Watches the read model until told to stop: neither its rows nor its position ever become fewer, and the position made
/// known is never ahead of the rows. Answers with how often it looked.
fn watch(models: &ReadModels, name: Name, stop: &AtomicBool) -> u64 {
    let (mut before, mut looks) = (seen(models, name), 0);
    while !stop.load(Ordering::Acquire) {
        let status = models.status(OPENING).into_iter().find(|status| status.name == name).unwrap();
        let now = seen(models, name);
        assert!(now.0 >= before.0 && now.1 >= before.1, "{name} went back from {before:?} to {now:?}");
        assert!(now.1 >= i64::try_from(status.position.get()).unwrap(), "{name} was said to be further");
        (before, looks) = (now, looks + 1);
    }
    looks
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_model_rebuilt_while_writes_go_on_is_a_fold_from_scratch_and_never_seen_to_go_back() {
    let (mut market, house) = (Market::open().await, House::new());
    draft(&mut market.log, LONG).await;
    let (models, worker) = house.follow(&market.log).await;
    let (asked, asks) = std::sync::mpsc::channel();
    let (written, writes) = std::sync::mpsc::channel();
    let writes = std::sync::Mutex::new(writes);
    // Writes a journey whenever it is asked to, and never stops in between.
    let writing = tokio::spawn(async move {
        let mut drafts = LONG..;
        loop {
            match asks.try_recv() {
                Ok(()) => written.send(market.agree(&[100, 7]).await).unwrap(),
                Err(std::sync::mpsc::TryRecvError::Empty) => {
                    market.log.append(&[drafted(drafts.next().unwrap())]).await;
                    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                }
                Err(std::sync::mpsc::TryRecvError::Disconnected) => return market.log,
            }
        }
    });
    for name in Name::ALL.iter().copied() {
        let stop = AtomicBool::new(false);
        let looks = std::thread::scope(|scope| {
            let watching = scope.spawn(|| watch(&models, name, &stop));
            let rebuilding = models.rebuild(name, |_, _| {
                asked.send(()).unwrap();
                writes.lock().unwrap().recv().unwrap();
            });
            let at = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(rebuilding));
            stop.store(true, Ordering::Release);
            assert!(at.unwrap().get() > u64::try_from(LONG).unwrap());
            watching.join().unwrap()
        });
        assert!(looks > 0, "nobody looked at {name}");
    }
    drop(asked);
    let log = writing.await.unwrap();
    reach(&models, log.head()).await;
    worker.stop().await;
    assert_eq!(house.left_over(), Vec::<String>::new());
    assert_eq!(house.dump(), folded(&log).await.1.dump());
}

#[tokio::test]
async fn a_row_garbled_during_a_rebuild_would_be_found() {
    let (log, house) = (drafts(LONG).await, House::new());
    let (models, worker) = house.follow(&log).await;
    let sound = house.dump();
    let beside = house.path().with_file_name("read.rebuild-job_board.db");
    let garble = |folded: Position, _head| {
        if folded > Position::START {
            let beside = Connection::open(&beside).unwrap();
            beside.execute("update job_board set headcount = 9 where rowid = 77", []).unwrap();
        }
    };
    models.rebuild(Name::JobBoard, garble).await.unwrap();
    worker.stop().await;
    let differing = house.dump().iter().zip(&sound).filter(|(one, other)| one != other).count();
    assert_eq!(differing, 1, "of rows that were to differ");
}

#[tokio::test]
async fn damaged_rows_are_healed_and_those_of_others_left_alone() {
    let (mut market, house) = (Market::open().await, House::new());
    market.journey().await;
    let (models, worker) = house.follow(&market.log).await;
    let sound = house.dump();
    house.tamper(
        "update contract_board set policy_version = 77; delete from contract_board_milestone where number = 2; \
         drop table contract_board_party; update job_board set hires = 5",
    );
    models.rebuild(Name::ContractBoard, ignored).await.unwrap();
    let differing: Vec<_> = house.dump().into_iter().filter(|row| !sound.contains(row)).collect();
    assert!(matches!(differing.as_slice(), [row] if row.starts_with("job_board: ")), "{differing:?}");
    models.rebuild(Name::JobBoard, ignored).await.unwrap();
    assert_eq!(house.dump(), sound);
    worker.stop().await;
}

#[tokio::test]
async fn every_index_is_there_after_a_rebuild() {
    let (mut market, house) = (Market::open().await, House::new());
    market.everything().await;
    let (models, worker) = house.follow(&market.log).await;
    let schema = || -> Vec<(String, String)> {
        let file = Connection::open(house.path()).unwrap();
        let mut schema =
            file.prepare("select name, sql from sqlite_schema where sql is not null order by name").unwrap();
        let rows = schema.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    let (before, rows) = (schema(), house.dump());
    for name in Name::ALL {
        models.rebuild(*name, ignored).await.unwrap();
    }
    worker.stop().await;
    assert_eq!(schema(), before);
    assert_eq!(house.dump(), rows);
    let file = Connection::open(house.path()).unwrap();
    let found: String = file.query_row("pragma integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(found, "ok");
}

#[tokio::test]
async fn a_read_model_that_a_damaged_row_halted_follows_on_once_it_is_rebuilt() {
    let (mut log, house) = (drafts(3).await, House::new());
    let (models, worker) = house.follow(&log).await;
    house.tamper("delete from job_board where headcount > 0");
    log.append(&[opened(1)]).await;
    let halted = models.wait_for(&[Name::JobBoard], log.head(), super::house::PATIENCE).await;
    assert!(matches!(halted, crate::Waited::Halted { .. }), "{halted:?}");
    assert_eq!(models.rebuild(Name::JobBoard, ignored).await, Ok(log.head()));
    log.append(&[opened(2)]).await;
    reach(&models, log.head()).await;
    worker.stop().await;
    assert_eq!(house.dump(), folded(&log).await.1.dump());
}

#[tokio::test]
async fn a_read_model_that_is_still_being_folded_may_be_overtaken() {
    let (log, house) = (drafts(LONG).await, House::new());
    drop(house.follow(&log).await);
    house.tamper("update checkpoint set version = 0 where name = 'job_board'");
    let models = house.open();
    let worker = models.start(Arc::new(log.store.clone())).unwrap();
    assert_eq!(models.rebuild(Name::JobBoard, ignored).await, Ok(log.head()));
    reach(&models, log.head()).await;
    worker.stop().await;
    assert_eq!(house.dump(), folded(&log).await.1.dump());
}

#[tokio::test]
async fn an_event_that_halts_is_reported_and_nothing_is_swapped() {
    let (mut log, house) = (drafts(3).await, House::new());
    log.append(&[opened(99), drafted(5)]).await;
    let models = house.open();
    let worker = models.start(Arc::new(log.store.clone())).unwrap();
    models.wait_for(&[Name::JobBoard], log.head(), super::house::PATIENCE).await;
    house.tamper("update job_board set headcount = 9");
    let before = house.dump();
    let refused = models.rebuild(Name::JobBoard, ignored).await;
    let Err(RebuildError::Halted(HaltReason::Poison { position, .. })) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(position.get(), 4);
    assert_eq!((house.dump(), house.left_over()), (before, Vec::new()));
    // The others can be rebuilt, as they don't read the event.
    assert_eq!(models.rebuild(Name::ContractBoard, ignored).await, Ok(log.head()));
    worker.stop().await;
}

#[tokio::test]
async fn an_event_that_halts_is_met_far_from_the_head_too() {
    let (mut log, house) = (Log::new(), House::new());
    log.append(&[opened(99)]).await;
    log.append(&(0..4_000).map(drafted).collect::<Vec<_>>()).await;
    let models = house.open();
    let worker = models.start(Arc::new(log.store.clone())).unwrap();
    let refused = models.rebuild(Name::JobBoard, ignored).await;
    assert!(matches!(refused, Err(RebuildError::Halted(HaltReason::Poison { .. }))), "{refused:?}");
    assert_eq!(house.left_over(), Vec::<String>::new());
    worker.stop().await;
}

#[tokio::test]
async fn only_a_running_worker_swaps() {
    let (log, house) = (drafts(3).await, House::new());
    let (models, worker) = house.follow(&log).await;
    worker.stop().await;
    assert_eq!(models.rebuild(Name::JobBoard, ignored).await, Err(RebuildError::NoWorker));
    let worker = models.start(Arc::new(log.store.clone())).unwrap();
    assert_eq!(models.rebuild(Name::JobBoard, ignored).await, Ok(log.head()));
    let second = models.start(Arc::new(log.store.clone()));
    assert!(matches!(second, Err(StartError::Running)));
    worker.stop().await;
}

/// Has the rebuild broken off when its progress is told for the nth time; whether it came to that.
async fn broken_off(models: &ReadModels, name: Name, nth: u32) -> bool {
    let (enough, mut told) = (Notify::new(), 0);
    let rebuilding = models.rebuild(name, |_, _| {
        told += 1;
        if told == nth {
            enough.notify_one();
        }
    });
    tokio::select! {
        biased;
        () = enough.notified() => true,
        done = rebuilding => {
            done.unwrap();
            false
        }
    }
}

#[tokio::test]
async fn a_rebuild_broken_off_at_any_page_changes_nothing_and_does_not_bar_the_next() {
    let (log, house) = (drafts(LONG).await, House::new());
    let (models, worker) = house.follow(&log).await;
    let sound = house.dump();
    let mut times = 0;
    while broken_off(&models, Name::JobBoard, times + 1).await {
        times += 1;
        // The page that was being folded is not broken off.
        while models.rebuild(Name::ContractBoard, ignored).await == Err(RebuildError::Running) {
            tokio::task::yield_now().await;
        }
        assert_eq!((house.dump(), house.left_over()), (sound.clone(), Vec::new()));
    }
    assert!(times >= 2, "it was broken off {times} times");
    worker.stop().await;
    assert_eq!(house.dump(), sound);
}

#[tokio::test]
async fn there_is_one_rebuild_at_a_time() {
    let (log, house) = (drafts(3).await, House::new());
    let (models, worker) = house.follow(&log).await;
    let (one, other) =
        tokio::join!(models.rebuild(Name::JobBoard, ignored), models.rebuild(Name::JobBoard, ignored));
    assert_eq!((one, other), (Ok(log.head()), Err(RebuildError::Running)));
    worker.stop().await;
}

#[tokio::test]
async fn what_a_killed_rebuild_left_is_no_part_of_the_next_and_goes_with_the_next_start() {
    let (log, house) = (drafts(3).await, House::new());
    let (models, worker) = house.follow(&log).await;
    let leave = || {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let path = house.path().with_file_name(format!("read.rebuild-job_board.db{suffix}"));
            fs::write(path, "half a file").unwrap();
        }
    };
    leave();
    assert_eq!(models.rebuild(Name::JobBoard, ignored).await, Ok(log.head()));
    worker.stop().await;
    assert_eq!(house.dump(), folded(&log).await.1.dump());
    leave();
    let worker = models.start(Arc::new(log.store.clone())).unwrap();
    assert_eq!(house.left_over(), Vec::<String>::new());
    worker.stop().await;
}

#[tokio::test]
async fn the_file_of_a_rebuild_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (log, house) = (drafts(LONG).await, House::new());
    let (models, worker) = house.follow(&log).await;
    let mut found = Vec::new();
    let look = |_, _| {
        for name in house.left_over() {
            found.push(fs::metadata(house.path().with_file_name(name)).unwrap().permissions().mode() & 0o777);
        }
    };
    models.rebuild(Name::JobBoard, look).await.unwrap();
    worker.stop().await;
    assert!(!found.is_empty() && found.iter().all(|mode| *mode == 0o600), "{found:?}");
}

#[tokio::test]
async fn a_checkpoint_that_somebody_else_moved_is_not_swapped_over() {
    let (log, house) = (drafts(LONG).await, House::new());
    let (models, worker) = house.follow(&log).await;
    let meddle = |_, _| house.tamper("update checkpoint set position = 5 where name = 'job_board'");
    let refused = models.rebuild(Name::JobBoard, meddle).await;
    let fenced = HaltReason::Fenced { expected: log.head() };
    assert_eq!(refused, Err(RebuildError::Halted(fenced)));
    assert_eq!(seen(&models, Name::JobBoard), (i64::try_from(LONG).unwrap(), 5));
    worker.stop().await;
}

#[tokio::test]
async fn a_folder_whose_name_is_no_text_is_as_good_as_any() {
    use std::os::unix::ffi::OsStrExt;
    let (log, house) = (drafts(3).await, House::new());
    let folder = house.path().with_file_name(std::ffi::OsStr::from_bytes(b"gr\xfcn"));
    fs::create_dir(&folder).unwrap();
    let models = ReadModels::open(&folder.join("read.db")).unwrap();
    let worker = models.start(Arc::new(log.store.clone())).unwrap();
    assert_eq!(models.rebuild(Name::JobBoard, ignored).await, Ok(log.head()));
    worker.stop().await;
    assert!(models.job(JobId::from_u128(2)).unwrap().is_some());
}

#[tokio::test]
async fn progress_goes_from_nothing_to_near_the_head() {
    let (log, house) = (drafts(LONG).await, House::new());
    let (models, worker) = house.follow(&log).await;
    let mut told = Vec::new();
    models.rebuild(Name::JobBoard, |folded, head| told.push((folded.get(), head.get()))).await.unwrap();
    let head = log.head().get();
    assert_eq!(told, [(0, head), (10_000, head), (20_000, head)]);
    worker.stop().await;
}

#[test]
fn a_read_model_is_found_by_its_name_alone() {
    for name in Name::ALL {
        assert_eq!(Name::parse(name.as_str()), Some(*name));
    }
    assert_eq!(["", "JobBoard", "job_board "].map(Name::parse), [None; 3]);
}
