//! A process killed while it rebuilds: whatever it was at, the rows are those of the log.

use super::house::{House, folded, reach};
use super::log::Log;
use super::pages::drafted;
use crate::{Name, ReadModels};
use std::env;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// Says to a child which file is its own.
const FILE: &str = "COUNTERFOIL_TEST_REBUILDS";
const CHILD: &str = "tests::killed::a_child_rebuilds_until_it_is_killed";
const READY: &str = "the child rebuilds";
const KILLS: u64 = 12;

/// The same in every process.
async fn log() -> Log {
    let mut log = Log::new();
    log.append(&(0..3_000).map(drafted).collect::<Vec<_>>()).await;
    log
}

#[tokio::test]
async fn a_child_rebuilds_until_it_is_killed() {
    let Ok(path) = env::var(FILE) else { return };
    let (log, models) = (log().await, ReadModels::open(Path::new(&path)).unwrap());
    let _worker = models.start(Arc::new(log.store.clone())).unwrap();
    reach(&models, log.head()).await;
    println!("{READY}");
    for name in Name::ALL.iter().cycle() {
        models.rebuild(*name, |_, _| {}).await.unwrap();
    }
}

#[tokio::test]
async fn a_rebuild_killed_at_any_point_leaves_the_rows_of_the_log_and_is_cleared_away() {
    let (log, house) = (log().await, House::new());
    let sound = folded(&log).await.1.dump();
    let mut hit = 0;
    for kill in 0..KILLS {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", CHILD, "--nocapture"])
            .env(FILE, house.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains(READY)), "the child ended by itself");
        // A different point each time; which one doesn't matter.
        tokio::time::sleep(Duration::from_millis(11 * kill)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        hit += usize::from(!house.left_over().is_empty());
        assert_eq!(house.dump(), sound, "after kill {kill}");
        let (_models, worker) = house.follow(&log).await;
        assert_eq!(house.left_over(), Vec::<String>::new());
        worker.stop().await;
        assert_eq!(house.dump(), sound, "after the start that follows kill {kill}");
    }
    assert!(hit > 0, "no kill met a rebuild");
}
