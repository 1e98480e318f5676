//! The optimizer beside a scheduler: schedulers keep some of their state in its parameter groups.

use super::number::number;
use crate::read::{Dict, TorchFile, Value};

/// The parameter groups of an optimizer.
pub(super) struct Optimizer<'a> {
    pub(super) path: String,
    pub(super) groups: Vec<Dict<'a>>,
}

impl<'a> Optimizer<'a> {
    /// The optimizer that stands beside the scheduler at `path`, or beside what holds it: the one of its number where both
    /// are in lists, as Lightning has them, or else the only one with so many groups.
    pub(super) fn beside(file: &'a TorchFile, path: &str, groups: Option<usize>) -> Option<Self> {
        let mut place = path;
        let number = path.rsplit('.').next().and_then(|last| last.parse::<usize>().ok());
        while !place.is_empty() {
            place = place.rfind('.').map_or("", |dot| &place[..dot]);
            let Ok(holder) = file.at(place) else { continue };
            let mut found = Self::all_in(holder, place);
            found.retain(|(_, optimizer)| groups.is_none_or(|groups| optimizer.groups.len() == groups));
            if found.len() > 1 {
                found.retain(|(index, _)| number.is_some() && *index == number);
            }
            if found.len() == 1 {
                return found.pop().map(|(_, optimizer)| optimizer);
            }
        }
        None
    }

    /// The optimizers among the values of a dict, also in lists, each with its number in the list.
    fn all_in(holder: Value<'a>, place: &str) -> Vec<(Option<usize>, Self)> {
        let mut found = Vec::new();
        for (key, value) in holder.as_dict().into_iter().flat_map(Dict::entries) {
            let Some(key) = key.as_str() else { continue };
            let path = if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") };
            let items = value.as_items().into_iter().flatten().enumerate();
            let inner = items.map(|(i, value)| (Some(i), value, format!("{path}.{i}")));
            let candidates = [(None, value, path.clone())].into_iter().chain(inner);
            found.extend(candidates.filter_map(|(i, value, path)| Some((i, Self::of(value, path)?))));
        }
        found
    }

    fn of(value: Value<'a>, path: String) -> Option<Self> {
        let groups: Vec<_> = value.get("param_groups")?.as_items()?.map(Value::as_dict).collect::<Option<_>>()?;
        (!groups.is_empty() && groups.iter().all(|group| group.get("lr").is_some())).then_some(Self { path, groups })
    }

    /// A number that every group has.
    pub(super) fn numbers(&self, key: &str) -> Option<Vec<f64>> {
        self.groups.iter().map(|group| number(group.get(key)?)).collect()
    }

    /// The momentum of each group, or the first of its betas.
    pub(super) fn momenta(&self) -> Option<Vec<f64>> {
        let momentum = |group: &Dict<'_>| match group.get("betas") {
            Some(betas) => number(betas.as_items()?.next()?),
            None => number(group.get("momentum")?),
        };
        self.groups.iter().map(momentum).collect()
    }
}
