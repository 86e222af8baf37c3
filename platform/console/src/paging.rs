//! Pages of a list whose length nobody counts: one line more than a page holds says that there is a next one.

/// The first `most` of what was found, and whether there was more.
pub(crate) fn cut<T>(mut found: Vec<T>, most: i64) -> (Vec<T>, bool) {
    let most = usize::try_from(most).unwrap_or_default();
    let has_more = found.len() > most;
    found.truncate(most);
    (found, has_more)
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn one_too_many_tells_of_a_next_page() {
        assert_eq!(cut(vec![1, 2, 3], 2), (vec![1, 2], true));
        assert_eq!(cut(vec![1, 2], 2), (vec![1, 2], false));
    }
}
