//! Counts of any integer type, so that nobody has to cast.

use super::error::ScheduleError;

/// A number of steps, epochs or the like, of any integer type: burn counts in `usize`, and a plain literal works as well.
///
/// A negative number is an error that names the parameter, from the constructor itself or from the builder's last call.
/// [`Repeat`](crate::Repeat), [`RangeTest`](crate::RangeTest) and [`Plan`](crate::Plan), which are read from files as well,
/// store it as 0 and refuse that.
///
/// ```
/// use sched_core::Schedule;
///
/// # fn main() -> Result<(), sched_core::ScheduleError> {
/// let batches: usize = 390;
/// let schedule = Schedule::cosine_annealing(0.1, 0.0, 90 * batches)?.warmup(0.0, 5 * batches)?;
/// assert_eq!(schedule, Schedule::cosine_annealing(0.1, 0.0, 35_100)?.warmup(0.0, 1_950)?);
///
/// let error = Schedule::cosine_annealing(0.1, 0.0, -1).unwrap_err();
/// assert_eq!(error.to_string(), "`t_max` is -1, but must be 0 or more");
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "a count of steps is an integer, not `{Self}`",
    label = "convert this to an integer type such as `u64` or `usize`"
)]
pub trait StepCount: Integer {}

mod sealed {
    pub trait Integer: Copy {
        /// The number itself, which every one of these types can tell.
        fn integer(self) -> i128;
    }
}

use sealed::Integer;

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl StepCount for $integer {}

        impl Integer for $integer {
            fn integer(self) -> i128 {
                self as i128
            }
        }
    )*};
}

integers!(u8 u16 u32 u64 usize i8 i16 i32 i64 isize);

/// A count as a builder was given it, to be checked when it builds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Given(i128);

impl Given {
    pub(crate) fn new(count: impl StepCount) -> Self {
        Self(count.integer())
    }

    /// The count, which must not be negative.
    pub(crate) fn get(self, field: &'static str) -> Result<u64, ScheduleError> {
        u64::try_from(self.0).map_err(|_| ScheduleError::Negative { field, value: self.0 as i64 })
    }

    /// The count, 0 for a negative one.
    pub(crate) fn or_zero(self) -> u64 {
        u64::try_from(self.0).unwrap_or(0)
    }

    /// The count as a length of time.
    pub(crate) fn steps(self) -> f64 {
        self.0 as f64
    }
}

/// A count of any integer type: 0 or more.
///
/// # Errors
///
/// [`ScheduleError::Negative`].
pub fn whole(field: &'static str, count: impl StepCount) -> Result<u64, ScheduleError> {
    Given::new(count).get(field)
}
