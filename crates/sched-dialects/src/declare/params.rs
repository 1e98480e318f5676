//! The declaration of a scheduler's parameters.

use super::param::Param;

/// Declares a scheduler, or a block of parameters that several share, as a struct of its parameters.
///
/// A field is `name: Type`, then maybe `where RULE`, then maybe `= default`; blocks come last, `..name: Block`. The struct
/// and its fields have the library's own names. For each field there is an associated constant of the same name, the
/// [`Param`], of which errors are made: `Self::gamma.must(self.gamma < 1.0, "be below 1")`.
macro_rules! params {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $($field:ident: $type:ty $(where $rule:path)? $(= $default:expr)?,)*
            $(..$block:ident: $block_type:ty,)*
        }
    ) => {
        $(#[$meta])*
        #[allow(non_camel_case_types, non_snake_case, clippy::upper_case_acronyms, reason = "the library's own names")]
        $vis struct $name {
            $($vis $field: $type,)*
            $($vis $block: $block_type,)*
        }

        #[allow(non_upper_case_globals, reason = "the library's own names")]
        impl $name {
            $(
                $vis const $field: $crate::declare::Param = $crate::declare::Param::of::<$type>(stringify!($field))
                    $(.or(|| $crate::declare::Literal::value($default)))?;
            )*
        }

        impl $crate::declare::Params for $name {
            const NAME: &'static str = stringify!($name);
            const PARAMS: &'static [$crate::declare::Param] = {
                const PARTS: &[&[$crate::declare::Param]] =
                    &[&[$($name::$field),*], $(<$block_type as $crate::declare::Params>::PARAMS),*];
                &$crate::declare::concat::<{ $crate::declare::total(PARTS) }>(PARTS)
            };

            #[allow(non_snake_case, unused_variables, reason = "the library's own names; some have no parameter")]
            fn read(cx: &$crate::declare::Context<'_>) -> Result<Self, $crate::declare::Refusal> {
                $(
                    let $field: $type = cx.get(Self::$field)?;
                    $(Self::$field.follow(&$rule, &$field)?;)?
                )*
                Ok(Self {
                    $($field,)*
                    $($block: $crate::declare::Params::read(cx)?,)*
                })
            }
        }
    };
}
pub(crate) use params;

pub(crate) const fn total(parts: &[&[Param]]) -> usize {
    let (mut total, mut i) = (0, 0);
    while i < parts.len() {
        total += parts[i].len();
        i += 1;
    }
    total
}

pub(crate) const fn concat<const N: usize>(parts: &[&[Param]]) -> [Param; N] {
    let mut all = [Param::of::<bool>(""); N];
    let (mut count, mut i) = (0, 0);
    while i < parts.len() {
        let mut j = 0;
        while j < parts[i].len() {
            all[count] = parts[i][j];
            (count, j) = (count + 1, j + 1);
        }
        i += 1;
    }
    all
}
