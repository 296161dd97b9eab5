//! A line diff for people: what was removed and added, with a little of what surrounds it.

/// Unchanged lines shown on each side of a change.
const CONTEXT_LINES: usize = 3;

/// Lines shown at most; a generated file that differs more than that is better read in the editor.
const SHOWN_LINES_MAX: usize = 200;

/// Cells of the comparison table at most (16 MiB); beyond it the changed region is shown as removed and added whole.
const TABLE_CELLS_MAX: usize = 4 << 20;

/// One line of the comparison: `' '` in both texts, `'-'` only in the old, `'+'` only in the new.
type Line<'a> = (char, &'a str);

/// The differing lines of two texts, each with its sign, in the order of the texts.
pub(crate) fn lines(old: &str, new: &str) -> String {
    let compared = compare(&old.lines().collect::<Vec<_>>(), &new.lines().collect::<Vec<_>>());
    let changes: Vec<usize> = (0..compared.len()).filter(|&index| compared[index].0 != ' ').collect();
    let near = |index: usize| {
        let next = changes.partition_point(|&change| change + CONTEXT_LINES < index);
        changes.get(next).is_some_and(|&change| change <= index + CONTEXT_LINES)
    };
    let shown: Vec<usize> = (0..compared.len()).filter(|&index| near(index)).collect();
    let mut rows = Vec::with_capacity(shown.len());
    for (place, &index) in shown.iter().take(SHOWN_LINES_MAX).enumerate() {
        if place > 0 && shown[place - 1] + 1 != index {
            rows.push("  …\n".to_owned());
        }
        let (sign, line) = compared[index];
        rows.push(format!("{sign} {line}\n"));
    }
    if shown.len() > SHOWN_LINES_MAX {
        rows.push(format!("  … and {} more lines\n", shown.len() - SHOWN_LINES_MAX));
    }
    rows.concat()
}

/// Every line of both texts: what they share at either end needs no table.
fn compare<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    let head = old.iter().zip(new).take_while(|(left, right)| left == right).count();
    let (old_rest, new_rest) = (&old[head..], &new[head..]);
    let tail =
        old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(left, right)| left == right).count();
    let (old_middle, new_middle) = (&old_rest[..old_rest.len() - tail], &new_rest[..new_rest.len() - tail]);
    let same = |line: &&'a str| (' ', *line);
    let mut compared: Vec<Line<'a>> = old[..head].iter().map(same).collect();
    compared.extend(compare_middle(old_middle, new_middle));
    compared.extend(old[old.len() - tail..].iter().map(same));
    compared
}

/// Follows a longest common subsequence of the two texts.
fn compare_middle<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Line<'a>> {
    let width = new.len() + 1;
    let common = common_lengths(old, new);
    let length = |left: usize, right: usize| common.get(left * width + right).copied().unwrap_or(0);
    let (mut left, mut right) = (0, 0);
    let mut compared = Vec::with_capacity(old.len() + new.len());
    while left < old.len() || right < new.len() {
        if left < old.len() && right < new.len() && old[left] == new[right] {
            compared.push((' ', old[left]));
            (left, right) = (left + 1, right + 1);
        } else if left < old.len()
            && (right == new.len() || length(left + 1, right) >= length(left, right + 1))
        {
            compared.push(('-', old[left]));
            left += 1;
        } else {
            compared.push(('+', new[right]));
            right += 1;
        }
    }
    compared
}

/// For every pair of suffixes the length of their longest common subsequence, row by row; empty where the table would
/// be too large.
fn common_lengths(old: &[&str], new: &[&str]) -> Vec<u32> {
    let width = new.len() + 1;
    let cells = (old.len() + 1).saturating_mul(width);
    if cells > TABLE_CELLS_MAX {
        return Vec::new();
    }
    let mut common = vec![0; cells];
    for left in (0..old.len()).rev() {
        for right in (0..new.len()).rev() {
            let below = (left + 1) * width + right;
            common[below - width] = if old[left] == new[right] {
                common[below + 1] + 1
            } else {
                common[below].max(common[below - width + 1])
            };
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_line_is_removed_and_added_between_its_neighbours() {
        assert_eq!(lines("a\nb\nc\n", "a\nB\nc\n"), "  a\n- b\n+ B\n  c\n");
    }

    #[test]
    fn equal_texts_have_no_lines() {
        assert_eq!(lines("a\nb\n", "a\nb\n"), "");
    }

    #[test]
    fn lines_far_from_any_change_are_left_out() {
        let filler: Vec<String> = (0..20).map(|number| number.to_string()).collect();
        let old = format!("first\n{}\nlast\n", filler.join("\n"));
        let text = lines(&old, &old.replace("first", "FIRST").replace("last", "LAST"));
        assert_eq!(text, "- first\n+ FIRST\n  0\n  1\n  2\n  …\n  17\n  18\n  19\n- last\n+ LAST\n");
    }

    #[test]
    fn an_inserted_line_leaves_what_follows_unchanged() {
        assert_eq!(lines("a\nb\nd\ne\n", "x\na\nb\nc\nd\ne\ny\n").matches('+').count(), 3);
    }

    #[test]
    fn a_long_diff_is_cut_and_says_so() {
        let made = "line\n".repeat(SHOWN_LINES_MAX + 5);
        assert!(lines("", &made).ends_with("… and 5 more lines\n"));
    }

    #[test]
    fn texts_too_large_for_the_table_are_still_compared_whole() {
        let (old, new) = ("old\n".repeat(3_000), "new\n".repeat(3_000));
        let compared = compare(&old.lines().collect::<Vec<_>>(), &new.lines().collect::<Vec<_>>());
        assert_eq!(compared.len(), 6_000);
    }
}
