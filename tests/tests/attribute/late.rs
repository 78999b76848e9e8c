//! `fields(key = Empty)` and `record!`.

use traced::traced;

use crate::recorder::{recorded, recorded_async};

#[traced(fields(rows = Empty, plan.kind = Empty, "any text" = Empty, never = Empty))]
fn query(sql: &str) -> usize {
    let rows = sql.len();
    traced::record!(rows, plan.kind = ?["scan"]);
    {
        traced::record!("any text" = %rows,);
    }
    rows
}

#[traced(leaf, fields(sum = Empty))]
fn leaf(values: &[u32]) {
    let add = |value: &u32| traced::record!(sum = value + 1);
    values.iter().for_each(add);
}

#[traced(fields(outer = Empty))]
fn nested() -> Result<(), std::num::ParseIntError> {
    #[traced(fields(inner = Empty))]
    fn inside(n: u32) {
        traced::record!(inner = n);
    }
    inside(1);
    let call = || {
        inside(2);
        traced::record!(outer = "1".parse::<u32>()?);
        Ok(())
    };
    call()
}

#[traced(fields(bare, dotted.key, name, names))]
fn bare(name: &str) {
    traced::record!(bare = name.len(), dotted.key = 1, names = 1);
}

#[test]
fn a_late_field_is_recorded_in_the_functions_own_span() {
    let tree = recorded(|| {
        query("select");
        leaf(&[1]);
        nested().unwrap();
        bare("Ada");
    });
    assert_eq!(
        tree,
        "query rows=6 plan.kind=[\"scan\"] any text=6\n\
         leaf sum=2\n\
         nested outer=1\n  \
           inside inner=1\n  \
           inside inner=2\n\
         bare name=\"Ada\" bare=3 dotted.key=1 names=1\n"
    );
}

#[traced(fields(left = field::Empty, right = Empty))]
async fn later(n: u32) -> u32 {
    traced::record!(left = n);
    tokio::task::yield_now().await;
    traced::record!(right = std::future::ready(n + 1).await);
    n
}

#[traced(fields(n = Empty))]
fn future(n: u32) -> impl Future<Output = u32> {
    async move {
        traced::record!(n);
        n
    }
}

#[test]
fn a_late_field_of_a_future() {
    let tree = recorded_async(async {
        later(1).await;
        future(3).await;
    });
    assert_eq!(tree, "later left=1 right=2\nfuture n=3\n");
}

/// As one that a server spawns: values that wait are no reason for the future to stay on its thread.
#[traced(fields(first = Empty, second = Empty, third = Empty))]
async fn waiting(of: &str) -> Result<(), std::num::ParseIntError> {
    async fn wait(n: u32) -> u32 {
        tokio::task::yield_now().await;
        n
    }
    traced::record!(first = wait(1).await, second = %wait(2).await);
    traced::record!(third = ?[wait(of.parse()?).await]);
    Ok(())
}

#[test]
fn late_values_may_wait_in_a_future_that_is_send() {
    fn sent<T: Send>(future: T) -> T {
        future
    }
    let tree = recorded_async(async {
        sent(waiting("3")).await.unwrap();
        sent(waiting("x")).await.unwrap_err();
    });
    let [ok, failed] = tree.lines().collect::<Vec<_>>()[..] else { panic!("{tree}") };
    assert_eq!(ok, "waiting first=1 second=2 third=[3]");
    assert!(failed.starts_with("waiting first=1 second=2 failed"), "{failed}");
}

#[traced(fields(n = Empty))]
fn counting(count: &std::cell::Cell<u32>) {
    traced::record!(
        n = {
            count.set(count.get() + 1);
            count.get()
        }
    );
}

#[test]
fn late_values_are_evaluated_once_and_only_while_recording() {
    let count = std::cell::Cell::new(0);
    counting(&count);
    assert_eq!(count.get(), 0);
    assert_eq!(recorded(|| counting(&count)), "counting n=1\n");
    assert_eq!(count.get(), 1);
}
