//! The argument `cancel`.

use traced::traced;

use crate::recorder::recorded_async;

#[traced(cancel = error)]
async fn must_end() {
    std::future::pending::<()>().await;
}

#[traced]
async fn may_be_dropped() {
    std::future::pending::<()>().await;
}

#[traced(cancel = error)]
fn returned() -> impl Future<Output = ()> {
    std::future::pending()
}

#[test]
fn a_dropped_future_has_failed_if_that_is_said() {
    let tree = recorded_async(async {
        tokio::select! {
            biased;
            () = must_end() => {}
            () = may_be_dropped() => {}
            () = returned() => {}
            () = tokio::task::yield_now() => {}
        }
    });
    assert_eq!(
        tree,
        "must_end cancelled, an error\nmay_be_dropped cancelled\nreturned cancelled, an error\n"
    );
}
