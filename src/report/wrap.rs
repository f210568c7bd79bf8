//! Decides where a line of a text report ends that would be wider than a terminal.

/// The width that a terminal has at least.
const WIDTH: usize = 80;

/// How much of a line stands before the name of a fact: the numbers of lines have four digits at the most, as a rule.
const MARGIN: usize = 7;

/// What is said of a fact called `name`, on lines that are not wider than a terminal. Only spaces are broken at.
pub(super) fn wrap(name: &str, text: &str) -> String {
    let room = WIDTH.saturating_sub(MARGIN + name.len() + ": ".len());
    let lines = text.split('\n').map(|line| wrap_line(line, room));
    lines.collect::<Vec<_>>().join("\n")
}

fn wrap_line(line: &str, room: usize) -> String {
    let mut wrapped = String::new();
    let mut used = 0;
    for word in line.split(' ') {
        let width = word.chars().count();
        if !wrapped.is_empty() {
            let fits = used + 1 + width <= room;
            wrapped.push(if fits { ' ' } else { '\n' });
            used = if fits { used + 1 } else { 0 };
        }
        wrapped.push_str(word);
        used += width;
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_at_spaces_alone() {
        assert_eq!(wrap_line("one two three", 7), "one two\nthree");
        assert_eq!(wrap_line("one two three", 6), "one\ntwo\nthree");
        assert_eq!(wrap_line("unbreakable word", 3), "unbreakable\nword");
        assert_eq!(wrap_line("", 3), "");
        assert_eq!(wrap("can", "a\nb c"), "a\nb c");
    }
}
