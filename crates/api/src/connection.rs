//! Relay connections with keyset cursors.

use crate::account::AccountBalance;
use crate::contract::{Contract, Fact};
use crate::dispute::Dispute;
use crate::error::thrown;
use crate::job::Job;
use crate::operation::{AttentionItem, Timer};
use crate::payout::Payout;
use crate::proposal::Proposal;
use crate::scalar::Cursor;
use async_graphql::{Object, Result, SimpleObject};
use domain::{Code, Refusal};
use projections::{PAGE_ROWS_MAX, Page, Slice};

/// Rows of a page when the caller doesn't say.
const FIRST_DEFAULT: i32 = 20;

/// Where a page stands in its list.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct PageInfo {
    /// Whether the list goes on after this page.
    has_next_page: bool,
    /// Always false: lists are read forwards.
    has_previous_page: bool,
    /// The first edge's cursor.
    start_cursor: Option<Cursor>,
    /// The last edge's cursor; give it as `after` to read on.
    end_cursor: Option<Cursor>,
}

/// What can be listed in pages.
pub(crate) trait Listed: Sized {
    /// The type of a page.
    type Connection;
    /// The page of these nodes with their places.
    fn connection(listed: Vec<(Self, Cursor)>, page_info: PageInfo) -> Self::Connection;
}

macro_rules! connections {
    ($($node:ty, $edge:ident, $connection:ident;)*) => {$(
        /// A node with its place in the list.
        #[derive(Clone, Debug, SimpleObject)]
        pub(crate) struct $edge {
            /// The node.
            node: $node,
            /// Its place; opaque.
            cursor: Cursor,
        }

        /// A page of a list.
        #[derive(Clone, Debug)]
        pub(crate) struct $connection {
            edges: Vec<$edge>,
            page_info: PageInfo,
        }

        /// A page of a list.
        #[Object]
        impl $connection {
            /// The nodes with their cursors.
            async fn edges(&self) -> &[$edge] {
                &self.edges
            }

            /// The nodes alone.
            async fn nodes(&self) -> Vec<&$node> {
                self.edges.iter().map(|edge| &edge.node).collect()
            }

            /// Where the page stands.
            async fn page_info(&self) -> &PageInfo {
                &self.page_info
            }
        }

        impl Listed for $node {
            type Connection = $connection;
            fn connection(listed: Vec<(Self, Cursor)>, page_info: PageInfo) -> $connection {
                let edges = listed.into_iter().map(|(node, cursor)| $edge { node, cursor }).collect();
                $connection { edges, page_info }
            }
        }
    )*};
}

connections! {
    Job, JobEdge, JobConnection;
    Proposal, ProposalEdge, ProposalConnection;
    Contract, ContractEdge, ContractConnection;
    AccountBalance, AccountBalanceEdge, AccountBalanceConnection;
    Payout, PayoutEdge, PayoutConnection;
    Dispute, DisputeEdge, DisputeConnection;
    AttentionItem, AttentionItemEdge, AttentionItemConnection;
    Timer, TimerEdge, TimerConnection;
    Fact, FactEdge, FactConnection;
}

/// How many rows a caller asks for.
///
/// # Errors
/// [`Code::CountOutOfRange`] unless `first` is 1 to 100.
pub(crate) fn first_rows(first: Option<i32>) -> Result<usize> {
    let first = usize::try_from(first.unwrap_or(FIRST_DEFAULT)).unwrap_or(0);
    if (1..=PAGE_ROWS_MAX).contains(&first) {
        return Ok(first);
    }
    Err(thrown(&Refusal::new(Code::CountOutOfRange, format!("first: expected 1 to {PAGE_ROWS_MAX}"))))
}

/// The page that a caller asks for, its cursor read by `key`.
///
/// # Errors
/// As [`first_rows`]; [`Code::IdMalformed`] for a foreign cursor.
pub(crate) fn page<K>(
    first: Option<i32>,
    after: Option<&Cursor>,
    key: impl Fn(&str) -> Option<K>,
) -> Result<Page<K>> {
    let first = first_rows(first)?;
    let after = match after {
        None => None,
        Some(cursor) => Some(key(&cursor.0).ok_or_else(|| {
            thrown(&Refusal::new(Code::IdMalformed, "after: expected a cursor that this connection gave"))
        })?),
    };
    Ok(Page { first, after })
}

/// The connection of a page's rows; a row of which `node` makes nothing is left out.
///
/// # Errors
/// Those of `node`.
pub(crate) fn connection<R, T: Listed>(
    slice: Slice<R>,
    key: impl Fn(&R) -> String,
    node: impl Fn(R) -> Result<Option<T>>,
) -> Result<T::Connection> {
    let mut listed = Vec::with_capacity(slice.rows.len());
    for row in slice.rows {
        let cursor = Cursor(key(&row));
        if let Some(node) = node(row)? {
            listed.push((node, cursor));
        }
    }
    let cursor = |place: Option<&(T, Cursor)>| place.map(|(_, cursor)| cursor.clone());
    let page_info = PageInfo {
        has_next_page: slice.has_next,
        has_previous_page: false,
        start_cursor: cursor(listed.first()),
        end_cursor: cursor(listed.last()),
    };
    Ok(T::connection(listed, page_info))
}
