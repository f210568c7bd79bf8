//! Reads Rust as tokens and paths: as much of the language as the test of the architecture needs.

/// What of a file is code and what is comment, in lines as in the file; texts and characters are blanked.
pub(crate) struct Split {
    /// The code, without comments and without what stands in quotes.
    pub(crate) code: String,
    /// The comments.
    pub(crate) comments: String,
}

/// Takes the comments and quotes out of a file.
pub(crate) fn split(text: &str) -> Split {
    let mut split = Split { code: String::new(), comments: String::new() };
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let Some((len, is_comment)) = piece(rest) else {
            // A name is taken whole, so that the `r` at its end does not begin a raw text.
            let word = rest.find(|c| !is_word(c)).unwrap_or(rest.len()).max(first.len_utf8());
            split.code.push_str(&rest[..word]);
            split.comments.push(if first == '\n' { '\n' } else { ' ' });
            rest = &rest[word..];
            continue;
        };
        for character in rest[..len].chars() {
            let blank = if character == '\n' { '\n' } else { ' ' };
            split.code.push(blank);
            split.comments.push(if is_comment { character } else { blank });
        }
        rest = &rest[len..];
    }
    split
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The length of the comment or quote that `text` begins with, and whether it is a comment.
fn piece(text: &str) -> Option<(usize, bool)> {
    if text.starts_with("//") {
        return Some((text.find('\n').unwrap_or(text.len()), true));
    }
    if text.starts_with("/*") {
        return Some((block(text), true));
    }
    let prefix = text.find(|c| !matches!(c, 'b' | 'c' | 'r')).filter(|&len| len <= 2)?;
    let (letters, quote) = text.split_at(prefix);
    let hashes = quote.find(|c| c != '#')?;
    if letters.ends_with('r') && quote[hashes..].starts_with('"') {
        let end = format!("\"{}", "#".repeat(hashes));
        let body = prefix + hashes + 1;
        return Some((text[body..].find(&end).map_or(text.len(), |at| body + at + end.len()), false));
    }
    if quote.starts_with('"') {
        return Some((prefix + quoted(quote, '"'), false));
    }
    let is_character = quote.starts_with("'\\") || quote.chars().nth(2) == Some('\'');
    (quote.starts_with('\'') && is_character).then(|| (prefix + quoted(quote, '\''), false))
}

/// The length of a block comment; such comments nest.
fn block(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        match text.as_bytes().get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") if depth == 1 => return at + 2,
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    text.len()
}

/// The length of a text or character that ends with `quote`.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = true;
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A word or a sign, and its line from 1.
pub(crate) struct Token<'a> {
    /// The word, `::`, or one character.
    pub(crate) text: &'a str,
    /// Its line.
    pub(crate) line: usize,
}

impl Token<'_> {
    fn is_name(&self) -> bool {
        self.text.starts_with(is_word)
    }
}

/// The tokens of code without comments and quotes.
pub(crate) fn tokens(code: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            let len = match first {
                _ if is_word(first) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
                ':' if rest.starts_with("::") => 2,
                _ => first.len_utf8(),
            };
            tokens.push(Token { text: &rest[..len], line: number + 1 });
            rest = rest[len..].trim_start();
        }
    }
    tokens
}

/// A path such as `crate::blob::Name`, each name of a group by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path {
    /// Its names; `*` for all of a module.
    pub(crate) names: Vec<String>,
    /// Its line.
    pub(crate) line: usize,
    /// How many modules of the file it stands in.
    pub(crate) depth: usize,
}

/// All paths of a file: those of `use`, and those in the code that have more than one name.
pub(crate) fn paths(tokens: &[Token<'_>]) -> Vec<Path> {
    let mut paths = Vec::new();
    let mut blocks: Vec<bool> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let depth = blocks.iter().filter(|is_module| **is_module).count();
        let before = if at == 0 { "" } else { tokens[at - 1].text };
        match tokens[at].text {
            "use" => at = tree(tokens, at + 1, &Path { names: Vec::new(), line: 0, depth }, &mut paths),
            "{" => {
                let is_module = at >= 2 && tokens[at - 2].text == "mod";
                blocks.push(is_module);
                at += 1;
            }
            "}" => {
                blocks.pop();
                at += 1;
            }
            _ if tokens[at].is_name() && before != "::" && before != "." => {
                let root = Path { names: Vec::new(), line: 0, depth };
                let mut found = Vec::new();
                at = plain(tokens, at, root, &mut found);
                paths.extend(found.into_iter().filter(|path| path.names.len() > 1));
            }
            _ => at += 1,
        }
    }
    paths
}

/// Reads a path of the code, without groups; returns where it ends.
fn plain(tokens: &[Token<'_>], start: usize, mut path: Path, paths: &mut Vec<Path>) -> usize {
    path.line = tokens[start].line;
    let mut at = start;
    path.names.push(tokens[at].text.to_owned());
    at += 1;
    while tokens.get(at).is_some_and(|token| token.text == "::") && tokens.get(at + 1).is_some_and(Token::is_name) {
        path.names.push(tokens[at + 1].text.to_owned());
        at += 2;
    }
    paths.push(path);
    at
}

/// Reads what `use` brings in, below `path`; returns where it ends.
fn tree(tokens: &[Token<'_>], start: usize, path: &Path, paths: &mut Vec<Path>) -> usize {
    let mut path = path.clone();
    let mut at = start;
    while let Some(token) = tokens.get(at) {
        path.line = token.line;
        match token.text {
            "::" => at += 1,
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token.text != "}") {
                    at = tree(tokens, at, &path, paths);
                    at += usize::from(tokens.get(at).is_some_and(|token| token.text == ","));
                }
                return at + 1;
            }
            "as" => at += 2,
            "*" => {
                path.names.push("*".to_owned());
                at += 1;
            }
            _ if token.is_name() => {
                path.names.push(token.text.to_owned());
                at += 1;
            }
            _ => break,
        }
    }
    paths.push(path);
    at
}

/// A function with a body.
pub(crate) struct Function {
    /// Its name.
    pub(crate) name: String,
    /// From its first line to its last.
    pub(crate) lines: usize,
    /// How many parameters it has, with `self`.
    pub(crate) parameters: usize,
}

/// All functions of a file.
pub(crate) fn functions(tokens: &[Token<'_>]) -> Vec<Function> {
    let starts = (0..tokens.len()).filter(|&at| tokens[at].text == "fn");
    starts.filter_map(|start| function(&tokens[start..])).collect()
}

/// The function whose `fn` is the first token.
fn function(tokens: &[Token<'_>]) -> Option<Function> {
    let name = tokens.get(1).filter(|token| token.is_name())?;
    let open = 2 + generics(&tokens[2..]);
    let close = open + closing(&tokens[open..])?;
    let (mut depth, mut parameters, mut is_new) = (0_usize, 0, true);
    for (at, token) in tokens.iter().enumerate().take(close).skip(open + 1) {
        match token.text {
            "," if depth == 0 => is_new = true,
            _ if is_new => (parameters, is_new) = (parameters + 1, false),
            _ => {}
        }
        match token.text {
            "(" | "[" | "{" | "<" => depth += 1,
            ">" if matches!(tokens[at - 1].text, "-" | "=") => {}
            ")" | "]" | "}" | ">" => depth -= 1,
            _ => {}
        }
    }
    let mut body = close;
    while !matches!(tokens.get(body)?.text, "{" | ";") {
        body += if tokens[body].text == "[" { closing(&tokens[body..])? } else { 1 };
    }
    let end = body + closing(&tokens[body..])?;
    let lines = tokens[end].line - tokens[0].line + 1;
    Some(Function { name: name.text.to_owned(), lines, parameters })
}

/// How many tokens the parameters in angle brackets take, with which `tokens` may begin.
fn generics(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "<" => depth += 1,
            ">" if matches!(tokens[at - 1].text, "-" | "=") => {}
            ">" if depth == 1 => return at + 1,
            ">" => depth -= 1,
            _ if depth == 0 => return 0,
            _ => {}
        }
    }
    0
}

/// How far the bracket that closes the first token is from it; nothing if the first token opens nothing.
fn closing(tokens: &[Token<'_>]) -> Option<usize> {
    let mut depth = 0_usize;
    tokens
        .iter()
        .position(|token| {
            match token.text {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0
        })
        .filter(|at| *at > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<String> {
        paths(&tokens(&split(text).code)).into_iter().map(|path| path.names.join("::")).collect()
    }

    #[test]
    fn comments_and_quotes_are_no_code() {
        let text = "a // b::c\n/* d::e /* f::g */ */ \"h::i \\\" j::k\" 'l' r#\"m::n\"# b'\\'' &'o str; let r = p;";
        assert_eq!(split(text).code.split_whitespace().collect::<Vec<_>>().join(" "), "a &'o str; let r = p;");
        assert_eq!(split(text).comments.trim(), "// b::c\n/* d::e /* f::g */ */");
        assert_eq!(split("a\n/*\n*/\nb").code.lines().count(), 4);
    }

    #[test]
    fn a_group_is_one_path_for_each_of_its_names() {
        assert_eq!(read("use a::{b::{self, C as D}, e::*};"), ["a::b::self", "a::b::C", "a::e::*"]);
        assert_eq!(read("use {a, ::b};\nc::d::<E>();"), ["a", "b", "c::d"]);
        assert_eq!(read("x.y::<Z>(); <a::B as c::D>::e()"), ["a::B", "c::D"]);
    }

    #[test]
    fn a_path_knows_the_modules_that_it_stands_in() {
        let text = "mod tests { fn f() { super::x::y(); } } fn g() { super::z(); }";
        let depths: Vec<_> = paths(&tokens(text)).iter().map(|path| path.depth).collect();
        assert_eq!(depths, [1, 0]);
    }

    #[test]
    fn a_function_is_measured() {
        let text =
            "fn a() {}\nfn b<T: Fn(u8) -> u8>(self, x: [u8; 2], y: F<A, B>,) -> [u8; 1] {\n if x {}\n}\nfn c(x: u8);";
        let found: Vec<_> = functions(&tokens(text)).into_iter().map(|it| (it.name, it.lines, it.parameters)).collect();
        assert_eq!(found, [("a".to_owned(), 1, 0), ("b".to_owned(), 3, 3)]);
    }
}
