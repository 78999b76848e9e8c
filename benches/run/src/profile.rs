//! Where the instructions go, by callgrind.

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
        println!("== {}", thread.display());
        let text = process::command("callgrind_annotate").arg("--auto=no").arg(&thread).output()?;
        let text = String::from_utf8_lossy(&text.stdout);
        for line in text.lines().filter(|line| line.contains("%)")).take(31) {
            let (line, _) = line.split_once(" [/").unwrap_or((line, ""));
            println!("{}", line.chars().take(180).collect::<String>());
        }
    }
    Ok(())
}
