//! Rust source as tokens, as far as the arrow test needs them: words, signs, `::`, strings.
//!
//! Comments go; strings stay one token, except in attributes such as `#[serde(with = "crate::a")]`,
//! where a string is a path; items under `#[cfg(test)]` go. Anything not understood is kept, so a
//! surprise makes the test stricter, not blind.

/// A word, a sign, `::`, or a string (`"` and its text), with its line from 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

/// What is left of a source file without tests.
pub struct Source {
    pub tokens: Vec<Token>,
    /// Names of out-of-line test modules: `#[cfg(test)] mod tests;`.
    pub test_modules: Vec<String>,
}

/// The tokens of `text` outside tests.
pub fn source(text: &str) -> Source {
    without_tests(&paths_in_attributes(lex(text)))
}

/// All tokens of `text`.
pub fn lex(text: &str) -> Vec<Token> {
    let chars: Vec<char> = text.chars().collect();
    let (mut at, mut line, mut tokens) = (0, 1, Vec::new());
    while at < chars.len() {
        let (end, text) = next(&chars, at);
        if let Some(text) = text {
            tokens.push(Token { text, line });
        }
        line += chars[at..end.min(chars.len())]
            .iter()
            .filter(|&&c| c == '\n')
            .count();
        at = end;
    }
    tokens
}

/// Where the lexeme at `at` ends, and its token unless it is white space or a comment.
fn next(chars: &[char], at: usize) -> (usize, Option<String>) {
    let here = |k: usize| chars.get(at + k).copied().unwrap_or('\0');
    match (here(0), here(1)) {
        ('/', '/') => (skip(chars, at, |c| c != '\n'), None),
        ('/', '*') => (block_comment_end(chars, at), None),
        (':', ':') => (at + 2, Some("::".into())),
        ('"', _) => quoted(chars, at),
        // A lifetime's quote is dropped and leaves a word; a character leaves nothing.
        ('\'', '\\') => (skip(chars, at + 3, |c| c != '\'') + 1, None),
        ('\'', _) => (if here(2) == '\'' { at + 3 } else { at + 1 }, None),
        (c, _) if is_word(c) => word(chars, at),
        (c, _) if c.is_whitespace() => (at + 1, None),
        (c, _) => (at + 1, Some(c.into())),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn skip(chars: &[char], from: usize, keep_on: impl Fn(char) -> bool) -> usize {
    (from..chars.len())
        .find(|&k| !keep_on(chars[k]))
        .unwrap_or(chars.len())
}

/// A word; or what `r`, `br`, `cr` introduce: a raw string, or a raw identifier without its `r#`.
fn word(chars: &[char], at: usize) -> (usize, Option<String>) {
    let end = skip(chars, at, is_word);
    let word: String = chars[at..end].iter().collect();
    if matches!(word.as_str(), "r" | "br" | "cr") {
        let open = skip(chars, end, |c| c == '#');
        if chars.get(open) == Some(&'"') {
            return raw_string(chars, open, open - end);
        }
        if open > end {
            return (open, None);
        }
    }
    (end, Some(word))
}

/// The raw string whose quote is at `open`, closed by a quote and `hashes` hashes.
fn raw_string(chars: &[char], open: usize, hashes: usize) -> (usize, Option<String>) {
    let closes = |k: usize| {
        chars[k] == '"' && (1..=hashes).all(|h| chars.get(k + h).is_some_and(|&c| c == '#'))
    };
    let close = (open + 1..chars.len())
        .find(|&k| closes(k))
        .unwrap_or(chars.len());
    (
        close + 1 + hashes,
        Some(chars[open..close].iter().collect()),
    )
}

fn quoted(chars: &[char], open: usize) -> (usize, Option<String>) {
    let mut close = open + 1;
    while close < chars.len() && chars[close] != '"' {
        close += if chars[close] == '\\' { 2 } else { 1 };
    }
    let close = close.min(chars.len());
    (close + 1, Some(chars[open..close].iter().collect()))
}

fn block_comment_end(chars: &[char], at: usize) -> usize {
    let (mut depth, mut k) = (0, at);
    while k < chars.len() {
        match (chars[k], chars.get(k + 1)) {
            ('/', Some('*')) => (depth, k) = (depth + 1, k + 2),
            ('*', Some('/')) => (depth, k) = (depth - 1, k + 2),
            _ => k += 1,
        }
        if depth == 0 {
            break;
        }
    }
    k
}

/// Does `tokens` at `at` read `texts`?
pub fn reads(tokens: &[Token], at: usize, texts: &[&str]) -> bool {
    texts
        .iter()
        .enumerate()
        .all(|(k, text)| tokens.get(at + k).is_some_and(|t| t.text == *text))
}

/// The position after the group that opens at `at`: after the matching bracket of any kind.
fn group_end(tokens: &[Token], at: usize) -> usize {
    let mut depth = 0;
    for (k, token) in tokens.iter().enumerate().skip(at) {
        match token.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return k + 1;
        }
    }
    tokens.len()
}

/// Strings in attributes other than `doc` replaced by the tokens they hold.
fn paths_in_attributes(tokens: Vec<Token>) -> Vec<Token> {
    let mut result = Vec::new();
    let mut attribute_end = 0;
    for (k, token) in tokens.iter().enumerate() {
        if reads(&tokens, k, &["#", "["]) && !reads(&tokens, k + 2, &["doc"]) {
            attribute_end = group_end(&tokens, k + 1);
        }
        match token.text.strip_prefix('"') {
            Some(inner) if k < attribute_end => {
                result.extend(lex(inner).into_iter().map(|t| Token {
                    line: token.line,
                    ..t
                }));
            }
            _ => result.push(token.clone()),
        }
    }
    result
}

const ITEMS: [&str; 13] = [
    "mod",
    "use",
    "fn",
    "impl",
    "const",
    "static",
    "struct",
    "enum",
    "type",
    "trait",
    "unsafe",
    "async",
    "macro_rules",
];

fn without_tests(tokens: &[Token]) -> Source {
    let mut kept = Source {
        tokens: Vec::new(),
        test_modules: Vec::new(),
    };
    let mut at = 0;
    while at < tokens.len() {
        if let Some(item) = test_item(tokens, at) {
            if reads(tokens, item, &["mod"]) && reads(tokens, item + 2, &[";"]) {
                kept.test_modules.push(tokens[item + 1].text.clone());
            }
            at = item_end(tokens, item);
        } else {
            kept.tokens.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// The item keyword that `#[cfg(test)]` at `at` stands before, past other attributes and `pub`.
fn test_item(tokens: &[Token], at: usize) -> Option<usize> {
    if !reads(tokens, at, &["#", "[", "cfg", "(", "test", ")", "]"]) {
        return None;
    }
    let mut item = at + 7;
    while reads(tokens, item, &["#", "["]) {
        item = group_end(tokens, item + 1);
    }
    if reads(tokens, item, &["pub"]) {
        item += 1;
        if reads(tokens, item, &["("]) {
            item = group_end(tokens, item);
        }
    }
    tokens
        .get(item)
        .filter(|t| ITEMS.contains(&t.text.as_str()))
        .map(|_| item)
}

/// The position after the first `;` or `{...}` outside round and square brackets.
fn item_end(tokens: &[Token], item: usize) -> usize {
    let mut at = item;
    while at < tokens.len() {
        match tokens[at].text.as_str() {
            ";" => return at + 1,
            "{" => return group_end(tokens, at),
            "(" | "[" => at = group_end(tokens, at),
            _ => at += 1,
        }
    }
    at
}
