//! What the tests of the workspace share.

pub mod golden;
pub mod pages;

/// The Rust of the book, which runs as doctests.
#[cfg(doctest)]
mod book {
    macro_rules! pages {
        ($($page:ident $file:literal)*) => {$(
            #[doc = include_str!(concat!("../../docs/", $file))]
            mod $page {}
        )*};
    }

    pages! {
        design "design.md"
        exactness "exactness.md"
        follow_a_metric "follow-a-metric.md"
        resume "resume.md"
        units_and_plans "units-and-plans.md"
        watch "watch.md"
        why "why.md"
    }
}
