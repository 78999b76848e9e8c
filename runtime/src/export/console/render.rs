//! A trace as lines.

use super::details::{self, Detail, Outcome};
use super::shown::{Known, Name};
use super::style::{Line, Paint, Style};
use super::text;
use super::traces::{Due, Why};
use super::tree::{self, Leaf, Node};
use super::units;
use crate::record::{SpanView, StatusView};
use opentelemetry::trace::SpanKind;

/// What is the same for all traces.
#[derive(Debug)]
pub(super) struct Renderer {
    pub(super) style: Style,
    /// The resource's.
    pub(super) service: String,
    /// Services in the order in which they were met, for their colours.
    services: Vec<String>,
}

/// What was shown: for later.
#[derive(Debug)]
pub(super) struct Rendered {
    pub(super) text: String,
    pub(super) start: u64,
    pub(super) end: u64,
    /// Of each span: its id, its name, and the parent it was shown without.
    pub(super) names: Vec<(u64, Name, Option<u64>)>,
}

impl Renderer {
    pub(super) fn new(style: Style, service: String) -> Self {
        Self { style, services: vec![service.clone()], service }
    }

    /// The spans as a tree; `known` is what was shown of the trace before.
    pub(super) fn render(&mut self, due: &Due, known: Option<&Known>) -> Rendered {
        let views: Vec<_> = due.spans.iter().map(super::traces::Kept::view).collect();
        let leaves: Vec<_> = views.iter().map(leaf).collect();
        let nodes = tree::ordered(&leaves, |id| known.is_some_and(|known| known.knows(id)));
        let start = views.iter().map(|span| span.header.start).min().unwrap_or(0);
        let end = views.iter().map(|span| span.header.end.max(span.header.start)).max().unwrap_or(0);
        let trace = Trace {
            due,
            known,
            passed_on: passed_on(&views, &nodes),
            services: services(&views, &nodes, &self.service),
            start: known.map_or(start, |known| known.start.min(start)),
            end: known.map_or(end, |known| known.end.max(end)),
            views,
        };
        let mut page =
            Page { style: self.style, columns: Columns::new(self.style.width), out: String::from("\n") };
        page.header(&trace, &self.service);
        let mut more = Vec::new();
        for node in &nodes {
            let paint = Paint::Service(number(&mut self.services, trace.services[node.index]));
            page.span(&trace, node, &mut more, paint, &self.service);
        }
        let name = |node: &Node| {
            let span = &trace.views[node.index];
            let above = span.header.parent_id;
            let shown = node.parent.is_some() || known.is_some_and(|known| known.name(above).is_some());
            let parent = Some(above).filter(|above| *above != 0 && !shown);
            (span.header.span_id, Name::new(span.name(), trace.services[node.index]), parent)
        };
        Rendered { text: page.out, start, end, names: nodes.iter().map(name).collect() }
    }
}

/// The number of a service, by the order in which they were met.
fn number(services: &mut Vec<String>, service: &str) -> usize {
    /// Beyond these, colours repeat anyway.
    const MOST: usize = 64;
    services.iter().position(|known| known == service).unwrap_or_else(|| {
        if services.len() < MOST {
            services.push(service.to_owned());
        }
        services.len() - 1
    })
}

fn leaf(span: &SpanView<'_>) -> Leaf {
    Leaf { id: span.header.span_id, parent: span.header.parent_id, start: span.header.start }
}

/// The child that each span's error came from: the status says the same.
fn passed_on(views: &[SpanView<'_>], nodes: &[Node]) -> Vec<Option<usize>> {
    let errors: Vec<_> = views
        .iter()
        .map(|span| if let StatusView::Error(text) = span.status() { Some(text) } else { None })
        .collect();
    let mut passed_on = vec![None; views.len()];
    for node in nodes {
        if let Some(parent) = node.parent
            && errors[node.index].is_some()
            && errors[node.index] == errors[parent]
        {
            passed_on[parent] = Some(node.index);
        }
    }
    passed_on
}

/// The service of each span: what it says itself, else its parent's, where that is in the same process by the
/// span's own account, else the resource's.
fn services<'a>(views: &[SpanView<'a>], nodes: &[Node], resource: &'a str) -> Vec<&'a str> {
    let mut services = vec![resource; views.len()];
    for node in nodes {
        let span = &views[node.index];
        let own = span.attributes().find_map(|(key, value)| match value {
            crate::record::ValueView::Str(text) if key == "service.name" => Some(text),
            _ => None,
        });
        let parent = node.parent.filter(|_| !span.header.flags.parent_remote());
        services[node.index] = own.or(parent.map(|parent| services[parent])).unwrap_or(resource);
    }
    services
}

/// Where things stand.
#[derive(Clone, Copy, Debug)]
struct Columns {
    /// The tree.
    left: usize,
    /// The bars; zero: there is no room for them.
    bar: usize,
    /// Levels of the tree that are drawn.
    levels: usize,
}

const DURATION: usize = 8;
const GAP: usize = 2;

impl Columns {
    fn new(width: usize) -> Self {
        let bar = match width {
            90.. => 24,
            70.. => 12,
            _ => 0,
        };
        let left = width - DURATION - GAP - if bar > 0 { bar + GAP } else { 0 };
        Self { left, bar, levels: (left.saturating_sub(30) / 3).max(2) }
    }
}

/// What is known of the spans that are shown together.
struct Trace<'a> {
    due: &'a Due,
    known: Option<&'a Known>,
    views: Vec<SpanView<'a>>,
    passed_on: Vec<Option<usize>>,
    services: Vec<&'a str>,
    start: u64,
    end: u64,
}

struct Page {
    style: Style,
    columns: Columns,
    out: String,
}

impl Page {
    fn header(&mut self, trace: &Trace<'_>, service: &str) {
        let spans = &trace.views;
        let failed = |(span, passed_on): &(&SpanView<'_>, &Option<usize>)| {
            passed_on.is_none() && matches!(span.status(), StatusView::Error(_))
        };
        let errors = spans.iter().zip(&trace.passed_on).filter(failed).count();
        let mut parts = vec![
            (Paint::Bold, format!("{:032x}", trace.due.trace_id)),
            (Paint::Service(0), text::cut(service, 40).into_owned()),
            (Paint::Plain, details::count(spans.len(), "span")),
        ];
        if errors > 0 {
            parts.push((Paint::Error, details::count(errors, "error")));
        }
        if trace.known.is_some() {
            parts.push((Paint::Dim, "continued".to_owned()));
        }
        if trace.due.is_unfinished() {
            parts.push((Paint::Cancelled, "unfinished".to_owned()));
        }
        let time = units::utc(trace.start);
        // As wide as a bar.
        let has_time = self.columns.bar >= time.len();
        let (mut room, mut shown) = (self.columns.left, time.as_str());
        let width = parts.iter().map(|(_, part)| text::width(part) + GAP).sum::<usize>() - GAP;
        if has_time
            && width > room
            && let Some((date, of_day)) = time.split_once(' ')
        {
            // What there is to say needs the room of the date.
            room += date.len() + 1;
            shown = of_day;
        }
        let mut line = Line::new(self.style);
        let mut parts = parts.into_iter().peekable();
        while let Some((paint, part)) =
            parts.next_if(|(_, part)| line.width() == 0 || line.width() + GAP + text::width(part) <= room)
        {
            line.pad_to(if line.width() == 0 { 0 } else { line.width() + GAP });
            line.push(paint, &part);
        }
        line.pad_to(line.width().max(self.columns.left) + GAP);
        line.push(Paint::Bold, &units::aligned(trace.end.saturating_sub(trace.start)));
        if has_time {
            line.pad_to(line.width() + GAP);
            line.push(Paint::Dim, shown);
        }
        line.end(&mut self.out);
        let mut line = Line::new(self.style);
        if !has_time {
            line.push(Paint::Dim, &time);
        }
        for (paint, part) in parts {
            line.pad_to(if line.width() == 0 { 0 } else { line.width() + GAP });
            line.push(paint, &part);
        }
        if line.width() > 0 {
            line.end(&mut self.out);
        }
        self.note(trace.due);
    }

    /// Why an unfinished trace is shown.
    fn note(&mut self, due: &Due) {
        let open = details::count(due.missing, "open span");
        let why = match due.why {
            Why::Age(age) => format!("not over after {} s", age.as_secs()),
            Why::Bound => "more spans are held back than there is room for".to_owned(),
            Why::Flush if due.missing > 0 => "flushed before it was over".to_owned(),
            _ => return,
        };
        let open = if due.missing > 0 { format!("; {open}") } else { String::new() };
        let mut line = Line::new(self.style);
        line.push(Paint::Dim, &format!("… as far as it is known: {why}{open}"));
        line.end(&mut self.out);
    }

    /// A span's lines. `more` says of each level whether siblings follow.
    fn span(&mut self, trace: &Trace<'_>, node: &Node, more: &mut Vec<bool>, service: Paint, resource: &str) {
        let span = &trace.views[node.index];
        if let Some(parent) = node.first_under {
            self.later(trace, parent);
        }
        more.truncate(node.depth.saturating_sub(1));
        let outcome = Outcome::of(span);
        let skipped = more.len().saturating_sub(self.columns.levels - 1);
        let mut line = self.frame(more, skipped);
        if node.depth > 0 {
            line.push(Paint::Dim, if node.last { "└─ " } else { "├─ " });
            more.push(!node.last);
        }
        self.name(&mut line, trace, node, outcome, service, resource);
        line.pad_to(self.columns.left);
        line.pad_to(line.width() + GAP);
        line.push(Paint::Plain, &units::aligned(span.duration()));
        if self.columns.bar > 0 {
            line.pad_to(line.width() + GAP);
            let bar = bar(trace, span, self.columns.bar);
            let paint =
                if matches!(outcome, Outcome::Unset | Outcome::Ok) { service } else { outcome.paint() };
            line.push(Paint::Plain, &" ".repeat(bar.0));
            line.push(paint, &bar.1);
        }
        line.end(&mut self.out);

        let mut said = connections(trace, node);
        said.extend(details::of(span, trace.passed_on[node.index].map(|from| &trace.views[from])));
        for detail in &said {
            self.detail(more, skipped, node.has_children, detail);
        }
    }

    fn name(
        &self,
        line: &mut Line,
        trace: &Trace<'_>,
        node: &Node,
        outcome: Outcome,
        paint: Paint,
        resource: &str,
    ) {
        let span = &trace.views[node.index];
        let kind = match span.kind() {
            SpanKind::Server => "  SERVER",
            SpanKind::Client => "  CLIENT",
            SpanKind::Producer => "  PRODUCER",
            SpanKind::Consumer => "  CONSUMER",
            SpanKind::Internal => "",
        };
        // Once where it changes, not on every span of it.
        let around = node.parent.map_or(resource, |parent| trace.services[parent]);
        let own = trace.services[node.index];
        let service = if own == around {
            String::new()
        } else {
            format!("  ({})", text::cut(own, self.columns.left / 4))
        };
        let sign = outcome.sign();
        let others = [sign, kind, &service].map(text::width).iter().sum::<usize>();
        let room = self.columns.left.saturating_sub(line.width() + others).max(1);
        line.push(outcome.paint(), sign);
        let name = if span.name().is_empty() { "(no name)" } else { span.name() };
        let plain = outcome.paint() == Paint::Plain || outcome == Outcome::Ok;
        let bold = if node.parent.is_none() { Paint::Bold } else { Paint::Plain };
        line.push(if plain { bold } else { outcome.paint() }, &text::cut(name, room));
        line.push(Paint::Kind, kind);
        line.push(paint, &service);
    }

    /// The line over spans whose parent was shown before, or is still open.
    fn later(&mut self, trace: &Trace<'_>, parent: u64) {
        let mut line = Line::new(self.style);
        match trace.known.and_then(|known| known.name(parent)) {
            Some(name) => line.push(Paint::Dim, &format!("… later, under {name}")),
            None => line.push(Paint::Dim, &format!("… later, under span {parent:016x}, which has not ended")),
        }
        line.end(&mut self.out);
    }

    fn detail(&mut self, more: &[bool], skipped: usize, has_children: bool, detail: &Detail) {
        let lead = text::width(&detail.lead);
        let indent = 3 * (more.len() - skipped + 1);
        let room = self.style.width.saturating_sub(indent + lead);
        for (number, text) in text::flow(&detail.items, room, detail.max_lines).iter().enumerate() {
            let mut line = self.frame(more, skipped);
            line.push(Paint::Dim, if has_children { "│  " } else { "   " });
            if number == 0 {
                line.push(detail.paint, &detail.lead);
            } else {
                line.pad_to(line.width() + lead);
            }
            line.push(detail.paint, text);
            line.end(&mut self.out);
        }
    }

    /// The lines of the tree that lead past this one. Of a deep tree, the first levels are skipped.
    fn frame(&self, more: &[bool], skipped: usize) -> Line {
        let mut line = Line::new(self.style);
        let mut frame = String::new();
        for (level, &more) in more.iter().enumerate().skip(skipped) {
            frame.push_str(match (level == skipped && skipped > 0, more) {
                (true, _) => "⋯  ",
                (_, true) => "│  ",
                (_, false) => "   ",
            });
        }
        line.push(Paint::Dim, &frame);
        line
    }
}

/// What a span has to do with others that are not shown with it.
fn connections(trace: &Trace<'_>, node: &Node) -> Vec<Detail> {
    let header = trace.views[node.index].header;
    let mut said = Vec::new();
    if node.parent.is_none() && node.depth == 0 && header.parent_id != 0 {
        let text = if header.flags.parent_remote() {
            format!("remote parent {:016x}", header.parent_id)
        } else {
            format!("parent {:016x} is not known here", header.parent_id)
        };
        said.push(Detail::new(Paint::Dim, "↑ ", vec![text]));
    }
    let above = trace.known.map_or(&[][..], |known| known.waiting_for(header.span_id));
    if !above.is_empty() {
        let names = above.iter().map(|name| format!("{name}")).collect();
        said.push(Detail::new(Paint::Dim, "↑ shown before: ", names));
    }
    said
}

/// When a span ran, within its trace: spaces, then a bar of half cells, at least one of them.
fn bar(trace: &Trace<'_>, span: &SpanView<'_>, cells: usize) -> (usize, String) {
    let halves = cells * 2;
    let all = u128::from(trace.end.saturating_sub(trace.start)).max(1);
    let at = |time: u64| {
        let after = u128::from(time.saturating_sub(trace.start));
        usize::try_from((after * halves as u128 + all / 2) / all).unwrap_or(halves).min(halves)
    };
    let from = at(span.header.start).min(halves - 1);
    let to = at(span.header.end).max(from + 1);
    let mut bar = String::new();
    for cell in from / 2..to.div_ceil(2) {
        let (left, right) = (from <= cell * 2, to >= cell * 2 + 2);
        bar.push(match (left, right) {
            (true, true) => '━',
            (true, false) => '╸',
            (false, _) => '╺',
        });
    }
    (from / 2, bar)
}
