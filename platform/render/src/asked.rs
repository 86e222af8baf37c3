//! Which templates had a part in what is being rendered. The engine says their names to a callback that knows nothing of the page,
//! so they are noted for the thread that renders.

use std::cell::RefCell;
use std::collections::BTreeSet;

thread_local! {
    static ASKED_FOR: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// Notes a template that is about to be used.
pub(crate) fn note(name: &str) {
    ASKED_FOR.with_borrow_mut(|asked| {
        if !asked.contains(name) {
            asked.insert(name.to_owned());
        }
    });
}

/// Renders something that starts with the template `first`; says which templates were used. Within another rendering, what is used
/// here is not noted there.
pub(crate) fn during<T>(first: &str, render: impl FnOnce() -> T) -> (T, BTreeSet<String>) {
    let around = ASKED_FOR.replace(BTreeSet::from([first.to_owned()]));
    let rendered = render();
    (rendered, ASKED_FOR.replace(around))
}
