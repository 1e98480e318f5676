//! The nodes of a schedule, with the steps of the run in which each holds.

use sched_core::Node;

/// A node whose clock is a straight function of the run's.
pub(crate) struct Piece<'a> {
    pub(crate) node: &'a Node,
    /// The step of the run at which its time is 0; may be negative.
    pub(crate) start: f64,
    /// Steps of the run per unit of its time.
    pub(crate) scale: f64,
    /// The step before which something else takes over, or the end of the run.
    pub(crate) stop: f64,
}

impl<'a> Piece<'a> {
    /// The step at which this time of the node has come.
    pub(crate) fn step(&self, time: f64) -> f64 {
        self.start + time * self.scale
    }

    /// The pieces of a schedule in a run, in order.
    pub(crate) fn all(node: &'a Node, end: u64) -> Vec<Self> {
        let mut pieces = Vec::new();
        Piece { node, start: 0.0, scale: 1.0, stop: end as f64 }.walk(&mut pieces);
        pieces
    }

    fn walk(self, pieces: &mut Vec<Self>) {
        let Self { node, start, scale, stop } = self;
        let of = |node, start, scale, stop| Piece { node, start, scale, stop };
        pieces.push(self);
        match node {
            Node::Sequence(phases) => {
                for (i, phase) in phases.iter().enumerate() {
                    let from = start + phase.start as f64 * scale;
                    let to = phases.get(i + 1).map_or(stop, |next| stop.min(start + next.start as f64 * scale));
                    if from < to {
                        of(phase.schedule.node(), from, scale, to).walk(pieces);
                    }
                }
            }
            Node::Product(children)
            | Node::Sum(children)
            | Node::Average(children)
            | Node::Min(children)
            | Node::Max(children) => {
                children.iter().for_each(|child| of(child.node(), start, scale, stop).walk(pieces));
            }
            Node::Clamp { of: child, .. } => of(child.node(), start, scale, stop).walk(pieces),
            Node::Every { n, of: child } => of(child.node(), start, scale * *n as f64, stop).walk(pieces),
            Node::Stretch { k, of: child } => of(child.node(), start, scale * k, stop).walk(pieces),
            Node::Delay { steps, of: child } => {
                of(child.node(), start + *steps as f64 * scale, scale, stop).walk(pieces);
            }
            Node::Advance { by, of: child } => of(child.node(), start - by * scale, scale, stop).walk(pieces),
            _ => {}
        }
    }
}
