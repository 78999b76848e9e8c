//! Which span is under which. Nothing here recurses: a chain of spans may be as deep as a trace is long.

use std::collections::HashMap;

/// What a tree needs to know of a span.
#[derive(Clone, Copy, Debug)]
pub(super) struct Leaf {
    pub(super) id: u64,
    /// Zero: none.
    pub(super) parent: u64,
    pub(super) start: u64,
}

/// A span, in the order in which a tree is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// Its index among the spans.
    pub(super) index: usize,
    /// The index of the span it is under.
    pub(super) parent: Option<usize>,
    pub(super) depth: usize,
    /// No sibling follows.
    pub(super) last: bool,
    pub(super) has_children: bool,
    /// The root of a tree that belongs under a span outside of these, and is the first that does.
    pub(super) first_under: Option<u64>,
}

/// The spans in the order of printing: depth first, siblings by their start. A root whose parent `is_known`
/// outside of these spans stands one level deep, next to the others under the same parent.
pub(super) fn ordered(spans: &[Leaf], is_known: impl Fn(u64) -> bool) -> Vec<Node> {
    let mut by_id = HashMap::with_capacity(spans.len());
    for (index, span) in spans.iter().enumerate() {
        by_id.entry(span.id).or_insert(index);
    }
    let mut by_start: Vec<usize> = (0..spans.len()).collect();
    by_start.sort_by_key(|&index| spans[index].start);

    let mut children: Vec<Vec<usize>> = vec![Vec::new(); spans.len()];
    let mut roots = Vec::new();
    for &index in &by_start {
        match by_id.get(&spans[index].parent) {
            Some(&parent) if parent != index && spans[index].parent != 0 => children[parent].push(index),
            _ => roots.push(index),
        }
    }

    let mut walk = Walk { nodes: Vec::with_capacity(spans.len()), seen: vec![false; spans.len()], children };
    for (under, group) in grouped(spans, roots, is_known) {
        walk.trees(&group, under);
    }
    // Ids that lead in a circle have no root among them: the first takes its place.
    for index in by_start {
        if !walk.seen[index] {
            walk.trees(&[index], None);
        }
    }
    walk.nodes
}

/// The roots, those under the same known parent together.
fn grouped(
    spans: &[Leaf],
    roots: Vec<usize>,
    is_known: impl Fn(u64) -> bool,
) -> Vec<(Option<u64>, Vec<usize>)> {
    let mut groups: Vec<(Option<u64>, Vec<usize>)> = Vec::new();
    let mut by_parent = HashMap::new();
    for root in roots {
        let parent = spans[root].parent;
        if parent == 0 || parent == spans[root].id || !is_known(parent) {
            groups.push((None, vec![root]));
            continue;
        }
        let at = *by_parent.entry(parent).or_insert_with(|| {
            groups.push((Some(parent), Vec::new()));
            groups.len() - 1
        });
        groups[at].1.push(root);
    }
    groups
}

struct Walk {
    nodes: Vec<Node>,
    seen: Vec<bool>,
    children: Vec<Vec<usize>>,
}

impl Walk {
    fn trees(&mut self, roots: &[usize], under: Option<u64>) {
        let depth = usize::from(under.is_some());
        let mut stack: Vec<Node> = Vec::new();
        for (number, &index) in roots.iter().enumerate().rev() {
            stack.push(Node {
                index,
                parent: None,
                depth,
                last: number + 1 == roots.len(),
                has_children: false,
                first_under: under.filter(|_| number == 0),
            });
        }
        while let Some(mut node) = stack.pop() {
            self.seen[node.index] = true;
            let children = std::mem::take(&mut self.children[node.index]);
            let before = stack.len();
            for &child in children.iter().rev() {
                // In a circle, the way back to where it was entered.
                if !self.seen[child] {
                    stack.push(Node {
                        index: child,
                        parent: Some(node.index),
                        depth: node.depth + 1,
                        last: stack.len() == before,
                        has_children: false,
                        first_under: None,
                    });
                }
            }
            node.has_children = stack.len() > before;
            self.nodes.push(node);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(id: u64, parent: u64, start: u64) -> Leaf {
        Leaf { id, parent, start }
    }

    fn shape(spans: &[Leaf], known: &[u64]) -> Vec<(u64, usize)> {
        let nodes = ordered(spans, |id| known.contains(&id));
        nodes.iter().map(|node| (spans[node.index].id, node.depth)).collect()
    }

    #[test]
    fn children_stand_under_their_parents_in_the_order_of_their_start() {
        let spans = [leaf(4, 2, 4), leaf(3, 1, 3), leaf(2, 1, 2), leaf(1, 0, 1)];
        assert_eq!(shape(&spans, &[]), [(1, 0), (2, 1), (4, 2), (3, 1)]);
        let nodes = ordered(&spans, |_| false);
        assert_eq!(nodes.iter().map(|node| node.last).collect::<Vec<_>>(), [true, false, true, true]);
        assert_eq!(
            nodes.iter().map(|node| node.has_children).collect::<Vec<_>>(),
            [true, true, false, false]
        );
    }

    #[test]
    fn roots_under_a_parent_shown_earlier_stand_together() {
        let spans = [leaf(5, 9, 1), leaf(6, 8, 2), leaf(7, 9, 3), leaf(1, 77, 4)];
        assert_eq!(shape(&spans, &[8, 9]), [(5, 1), (7, 1), (6, 1), (1, 0)]);
        let nodes = ordered(&spans, |id| id != 77);
        assert_eq!(
            nodes.iter().map(|node| node.first_under).collect::<Vec<_>>(),
            [Some(9), None, Some(8), None]
        );
    }

    #[test]
    fn circles_and_repeated_ids_show_every_span_once() {
        assert_eq!(shape(&[leaf(1, 1, 1)], &[1]), [(1, 0)]);
        assert_eq!(shape(&[leaf(1, 2, 1), leaf(2, 1, 2), leaf(3, 2, 3)], &[]), [(1, 0), (2, 1), (3, 2)]);
        assert_eq!(shape(&[leaf(1, 0, 1), leaf(1, 0, 2), leaf(2, 1, 3)], &[]), [(1, 0), (2, 1), (1, 0)]);
        assert_eq!(shape(&[leaf(0, 0, 1), leaf(0, 0, 2)], &[]), [(0, 0), (0, 0)]);
    }
}
