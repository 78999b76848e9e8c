//! Durations and times as people read them.

/// Three digits and a unit, both aligned: ` 34.2 ms`, `  182 ms`, ` 1.20 s `.
pub(super) fn aligned(nanos: u64) -> String {
    let (number, unit) = split(nanos);
    format!("{number:>5} {unit:<2}")
}

/// Three digits and a unit: `34.2 ms`.
pub(super) fn short(nanos: u64) -> String {
    let (number, unit) = split(nanos);
    format!("{number} {unit}")
}

fn split(nanos: u64) -> (String, &'static str) {
    if nanos < 1000 {
        return (nanos.to_string(), "ns");
    }
    let nanos = u128::from(nanos);
    for (unit, size) in [("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000)] {
        let rounded = |parts: u128| (nanos * parts + size / 2) / size;
        let (hundredths, tenths, whole) = (rounded(100), rounded(10), rounded(1));
        if hundredths < 1000 {
            return (format!("{}.{:02}", hundredths / 100, hundredths % 100), unit);
        }
        if tenths < 1000 {
            return (format!("{}.{}", tenths / 10, tenths % 10), unit);
        }
        if whole < 1000 || unit == "s" {
            return (whole.to_string(), unit);
        }
    }
    (String::new(), "")
}

/// `2026-11-03 10:15:30.120Z`.
pub(super) fn utc(nanos: u64) -> String {
    let (seconds, millis) = (nanos / 1_000_000_000, nanos / 1_000_000 % 1000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = date(days);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}.{millis:03}Z",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// The date of a day since the Unix epoch. Years begin in March here, so that the leap day is their last:
/// <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_three_digits() {
        let shown = [
            (0, "0 ns"),
            (999, "999 ns"),
            (1_000, "1.00 µs"),
            (12_345, "12.3 µs"),
            (999_499, "999 µs"),
            (999_500, "1.00 ms"),
            (9_994_999, "9.99 ms"),
            (9_995_000, "10.0 ms"),
            (182_000_000, "182 ms"),
            (1_204_000_000, "1.20 s"),
            (125_000_000_000, "125 s"),
            (86_400_000_000_000, "86400 s"),
            (u64::MAX, "18446744074 s"),
        ];
        for (nanos, text) in shown {
            assert_eq!(short(nanos), text);
        }
        assert_eq!(
            [aligned(34_200_000), aligned(1_200_000_000), aligned(7)],
            [" 34.2 ms", " 1.20 s ", "    7 ns"]
        );
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(utc(0), "1970-01-01 00:00:00.000Z");
        assert_eq!(utc(951_782_400_000_000_000), "2000-02-29 00:00:00.000Z");
        assert_eq!(utc(1_793_700_930_120_999_999), "2026-11-03 10:15:30.120Z");
        assert_eq!(utc(u64::MAX), "2554-07-21 23:34:33.709Z");
    }
}
