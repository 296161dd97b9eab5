//! Keyset pages: a page begins after a key, not at an offset, so that it costs the same anywhere and skips nothing.

/// Most rows of one page.
pub const PAGE_ROWS_MAX: usize = 100;

/// Which rows of a list: the `first` ones after the row of key `after`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page<K> {
    /// How many rows; beyond [`PAGE_ROWS_MAX`] it counts as that.
    pub first: usize,
    /// The key of the last row seen; `None` begins at the list's beginning. The row need not exist any more.
    pub after: Option<K>,
}

impl<K> Page<K> {
    /// The first `first` rows of the list.
    pub const fn first(first: usize) -> Self {
        Self { first, after: None }
    }

    fn rows(&self) -> usize {
        self.first.min(PAGE_ROWS_MAX)
    }

    /// How many rows a statement has to give: one more than asked for tells whether there is a next page.
    pub(crate) fn limit(&self) -> i64 {
        i64::try_from(self.rows() + 1).unwrap_or(i64::MAX)
    }

    /// The answer to this page, of the rows found within [`Page::limit`].
    pub(crate) fn slice<T>(&self, mut rows: Vec<T>) -> Slice<T> {
        let has_next = rows.len() > self.rows();
        rows.truncate(self.rows());
        Slice { rows, has_next }
    }
}

/// Rows of one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slice<T> {
    /// At most as many as were asked for.
    pub rows: Vec<T>,
    /// Whether the list goes on after them.
    pub has_next: bool,
}
