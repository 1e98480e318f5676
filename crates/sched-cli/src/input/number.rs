//! Numbers in options, with messages that say what to write.

/// A whole number of 1 or more.
pub(crate) fn count(text: &str) -> Result<u64, String> {
    match whole(text) {
        Ok(0) => Err("must be 1 or more".to_owned()),
        number => number,
    }
}

/// A whole number of 0 or more.
pub(crate) fn whole(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| {
        if let Some((from, to)) = text.split_once("..") {
            return format!("must be one number; `--at {from}..{to}` chooses the steps to print");
        }
        match text.parse::<f64>() {
            Ok(number) if number >= 2_f64.powi(64) => "must be less than 2^64".to_owned(),
            Ok(number) if number >= 0.0 && number.fract() == 0.0 => format!("must be written in digits, as {number}"),
            _ => "must be a whole number, such as 1000".to_owned(),
        }
    })
}

/// A whole number that is no burden to memory.
pub(crate) fn few(text: &str) -> Result<u64, String> {
    match whole(text) {
        Ok(1_000_001..) => Err("must be at most 1000000".to_owned()),
        number => number,
    }
}

/// A rate above 0.
pub(crate) fn rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if rate > 0.0 && rate.is_finite() => Ok(rate),
        _ => Err("must be a number above 0, such as 0.1 or 1e-3".to_owned()),
    }
}

/// A share of a value, 0 or more.
pub(crate) fn tolerance(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if share >= 0.0 && share.is_finite() => Ok(share),
        _ => Err("must be a number, 0 or more, such as 1e-9".to_owned()),
    }
}

/// Steps at equal distances.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Steps {
    pub(crate) from: u64,
    pub(crate) count: u64,
    pub(crate) stride: u64,
}

impl Steps {
    pub(crate) fn iter(&self) -> impl Iterator<Item = u64> + use<> {
        let Self { from, count, stride } = *self;
        // Counts rows, because adding the stride once too often may overflow.
        (0..count).map(move |row| from + row * stride)
    }
}

/// Steps to print: `7`, `FROM..TO` or `FROM..TO:STRIDE`.
pub(crate) fn steps(text: &str) -> Result<Steps, String> {
    let steps = || match text.split_once("..") {
        None => Some(Steps { from: text.parse().ok()?, count: 1, stride: 1 }),
        Some((from, rest)) => {
            let (to, stride) = rest.split_once(':').unwrap_or((rest, "1"));
            let (from, to, stride): (u64, u64, u64) = (from.parse().ok()?, to.parse().ok()?, stride.parse().ok()?);
            let length = to.checked_sub(from).filter(|_| stride > 0)?;
            Some(Steps { from, count: length.div_ceil(stride), stride })
        }
    };
    steps().ok_or_else(|| {
        "must be a step, counted from 0, or FROM..TO or FROM..TO:STRIDE with FROM <= TO and STRIDE >= 1, such as 0..1000:10".to_owned()
    })
}
