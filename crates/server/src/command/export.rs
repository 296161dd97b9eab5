//! `export`: writes the books, or the log itself, for other tools.

use super::reading::{Bar, Output, open};
use crate::options::ExportOptions;
use crate::wire::Failure;
use audit::as_of::{AsOf, resolve};
use audit::export::{Selection, export};
use eventstore::{EventStore, Position};
use std::process::ExitCode;

pub(crate) async fn run(options: ExportOptions) -> Result<ExitCode, Failure> {
    let store = open(&options.data)?;
    let selection = selection(&store, &options).await?;
    let mut output = Output::open(options.output.as_deref())?;
    let bar = Bar::new(output.is_terminal());
    let format = options.format.into();
    export(&store, &selection, format, output.writer(), &|passed, goal| bar.tell(passed, goal)).await?;
    drop(bar);
    output.finish()?;
    Ok(ExitCode::SUCCESS)
}

async fn selection(store: &dyn EventStore, options: &ExportOptions) -> Result<Selection, Failure> {
    let to = resolve(store, options.to.unwrap_or_default(), None).await?.position;
    let after = match options.from {
        None | Some(AsOf::Head) => Position::START,
        Some(AsOf::Position(first)) => Position::new(first.get().saturating_sub(1)),
        // What was recorded at the instant itself is in.
        Some(AsOf::RecordedAt(instant)) => {
            resolve(store, AsOf::RecordedAt(instant.saturating_sub(1)), None).await?.position
        }
    };
    if after > to {
        return Err(format!("--from is position {}, after --to, which is {to}", after.next()).into());
    }
    Ok(Selection {
        after,
        to,
        book: options.book.map(Into::into),
        account: options.account,
        party: options.party,
    })
}
