//! Where the instructions go, by callgrind.

use std::collections::BTreeMap;
use std::path::Path;

use kit::To;

use crate::process::{self, Sink};
use crate::{Error, count, plan};

/// Prints the functions that take most, by themselves, of the caller's thread and of the others.
pub(crate) fn profile(case: &str) -> Result<(), Error> {
    process::build(&["sink", "peer-traced"])?;
    let output = if case == "road" {
        let sink = Sink::start()?;
        count::profile(count::road(To::Http(sink.address.clone())), "profile-road")?
    } else {
        let case = plan::ours()
            .find(|it| format!("{it:?}") == case)
            .ok_or_else(|| format!("{:?}, or road", plan::ours().collect::<Vec<_>>()))?;
        count::profile(count::bursts(case), &format!("profile-{case:?}"))?
    };
    let mut threads: Vec<_> = std::fs::read_dir(output.parent().ok_or("no folder")?)?
        .filter_map(|file| Some(file.ok()?.path()))
        .filter(|path| path.to_string_lossy().contains("out-"))
        .collect();
    threads.sort();
    for thread in threads {
        print(&thread)?;
    }
    Ok(())
}

/// One thread's functions: of the lines of a function, which may be in many files, the sum, for each span.
fn print(thread: &Path) -> Result<(), Error> {
    let text =
        process::command("callgrind_annotate").args(["--auto=no", "--threshold=99"]).arg(thread).output()?;
    let text = String::from_utf8_lossy(&text.stdout);
    let mut functions = BTreeMap::<String, f64>::new();
    for line in text.lines() {
        let Some((cost, place)) = line.split_once("%)") else { continue };
        let Some(cost) = cost.split_whitespace().next() else { continue };
        let Ok(cost) = cost.replace(',', "").parse::<f64>() else { continue };
        let place = place.split(" [/").next().unwrap_or(place).trim();
        let function =
            place.split_once(".rs:").or(place.split_once(".c:")).map_or(place, |(_, function)| function);
        *functions.entry(function.to_owned()).or_default() += cost / count::PROFILED;
    }
    let mut functions: Vec<_> = functions.into_iter().collect();
    functions.sort_by(|one, other| other.1.total_cmp(&one.1));
    println!("== {}: instructions for each span", thread.file_name().unwrap_or_default().display());
    for (function, cost) in functions.iter().take(26).take_while(|(_, cost)| *cost >= 1.0) {
        println!("{cost:8.0}  {}", function.chars().take(150).collect::<String>());
    }
    Ok(())
}
