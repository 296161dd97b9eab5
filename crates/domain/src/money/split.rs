//! Proportions and splits of an integer amount.

use super::Rounding;

/// `amount × part ÷ whole`, rounded; 0 when `whole` is 0. All arguments are 0 or more.
pub fn proportion(amount: i64, part: i64, whole: i64, rounding: Rounding) -> i64 {
    if whole == 0 {
        return 0;
    }
    let product = i128::from(amount) * i128::from(part);
    let (quotient, remainder) = (product / i128::from(whole), product % i128::from(whole));
    let up = match (2 * remainder).cmp(&i128::from(whole)) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => match rounding {
            Rounding::HalfEven => quotient % 2 == 1,
            Rounding::HalfUp => true,
            Rounding::Floor => false,
        },
        std::cmp::Ordering::Greater => rounding != Rounding::Floor,
    };
    i64::try_from(quotient + i128::from(up)).unwrap_or(i64::MAX)
}

/// Splits `amount` by `weights` so that the parts add up to it again: each gets the floor of its share, and the
/// minor units left over go to the largest remainders, ties to the earlier part. All zero when the weights are.
pub fn largest_remainder(amount: i64, weights: &[i64]) -> Vec<i64> {
    let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
    if total == 0 {
        return vec![0; weights.len()];
    }
    let share = |weight: &i64| i128::from(amount) * i128::from(*weight);
    let mut parts: Vec<i64> =
        weights.iter().map(|w| i64::try_from(share(w) / total).unwrap_or(i64::MAX)).collect();
    let mut left = amount - parts.iter().sum::<i64>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|i| std::cmp::Reverse(share(&weights[*i]) % total));
    for i in order {
        if left == 0 {
            break;
        }
        parts[i] += 1;
        left -= 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn leftover_cents_go_to_the_largest_remainder_then_to_the_earlier_part() {
        assert_eq!(largest_remainder(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(largest_remainder(100, &[60, 40]), [60, 40]);
        assert_eq!(largest_remainder(5, &[1, 2]), [2, 3]);
        assert_eq!(largest_remainder(5, &[0, 0]), [0, 0]);
    }

    proptest! {
        #[test]
        fn parts_add_up_and_none_is_off_by_a_whole_unit(
            amount in 0..=1_000_000_000_000_000_i64,
            weights in prop::collection::vec(0..=1_000_000_000_i64, 1..12),
        ) {
            let parts = largest_remainder(amount, &weights);
            let total: i64 = weights.iter().sum();
            prop_assert_eq!(parts.iter().sum::<i64>(), if total == 0 { 0 } else { amount });
            for (part, weight) in parts.iter().zip(&weights) {
                let floor = proportion(amount, *weight, total, Rounding::Floor);
                prop_assert!((floor..=floor + 1).contains(part));
            }
        }
    }
}
