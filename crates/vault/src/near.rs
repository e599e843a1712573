//! How near names are to each other, for suggestions in errors.

/// How many characters must be changed, put in or left out to make one name of the other, if that
/// is `limit` at most.
///
/// ```
/// use manifill_vault::near::distance;
///
/// let chars = |name: &str| name.chars().collect::<Vec<_>>();
/// assert_eq!(distance(&chars("pasword"), &chars("password"), 2), Some(1));
/// assert_eq!(distance(&chars("token"), &chars("password"), 2), None);
/// ```
pub fn distance(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > limit {
        return None;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut left = i + 1;
        let mut corner = std::mem::replace(&mut row[0], left);
        for (y, cell) in b.iter().zip(&mut row[1..]) {
            let change = corner + usize::from(x != y);
            corner = *cell;
            *cell = change.min(corner + 1).min(left + 1);
            left = *cell;
        }
    }
    row.last().copied().filter(|distance| *distance <= limit)
}
