use traced::traced;

#[traced(fields(rows = Empty, plan.kind = Empty))]
fn undeclared() {
    traced::record!(row = 1);
    traced::record!(plan.knd = 1, columns = 2);
}

#[traced(fields(rows = Empty))]
fn malformed() {
    traced::record!();
    traced::record!(rows = 1, rows = 2);
    traced::record!(rows = Empty);
    traced::record!("rows");
    traced::record!(rows: 1);
}

struct Opaque;

#[traced(fields(rows = Empty))]
fn not_recordable() {
    traced::record!(rows = Opaque);
}

#[traced(fields(known = 1))]
fn no_late_field() {
    traced::record!(rows = 1);
}

fn not_annotated() {
    traced::record!(rows = 1);
}

#[traced(fields(rows = Empty))]
fn in_another_function() {
    fn inner() {
        traced::record!(rows = 1);
    }
    inner();
}

#[traced]
fn before_the_box() -> std::pin::Pin<Box<dyn Future<Output = ()>>> {
    traced::record!(rows = 0, "text" = 1);
    Box::pin(async {})
}

#[traced]
fn before_the_first_poll() -> impl Future<Output = ()> {
    traced::record!(rows = 0);
    std::future::ready(())
}

#[traced(fields(rows = Empty))]
#[track_caller]
fn before_the_first_poll_here() -> impl Future<Output = ()> {
    traced::record!(row = 0);
    std::future::ready(())
}

#[traced(fields(rows = Empty, rows = Empty, rows))]
fn declared_twice() {}

fn main() {
    undeclared();
    malformed();
    not_recordable();
    no_late_field();
    not_annotated();
    in_another_function();
    declared_twice();
}
