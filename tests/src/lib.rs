//! What the tests of the workspace share.

pub mod golden;

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
        exactness "exactness.md"
        resume "resume.md"
        why "why.md"
    }
}
