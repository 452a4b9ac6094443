//! Formulas in documentation: `#[doc = flatproof_math::tex!(r"R^2 = \lVert x \rVert^2 + 1")]` puts a line of
//! mathematics where a line of text would stand.
//!
//! TeX becomes MathML while the crate compiles, and browsers show MathML by themselves: the pages need no
//! script, no font and no network. TeX that does not parse is a compile error. Tied to the tests in
//! flatproof's `tests/formulas.rs`.

use proc_macro::{Literal, TokenStream, TokenTree};
use pulldown_latex::config::{DisplayMode, RenderConfig};
use pulldown_latex::{Parser, Storage, push_mathml};

/// The string `<div><math display="block">...</math></div>` of a displayed formula, given as a raw string
/// literal of TeX.
#[proc_macro]
pub fn tex(input: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = input.into_iter().collect();
    let rendered = match tokens.as_slice() {
        [TokenTree::Literal(literal)] => raw_text(&literal.to_string())
            .ok_or("tex! takes a raw string: tex!(r\"...\")".into())
            .and_then(|tex| display(&tex)),
        _ => Err("tex! takes one raw string".into()),
    };
    match rendered {
        Ok(html) => TokenTree::Literal(Literal::string(&html)).into(),
        Err(sentence) => {
            let message = Literal::string(&sentence);
            format!("::core::compile_error!({message})")
                .parse()
                .unwrap_or_default()
        }
    }
}

/// What stands between the quotes of `r"..."` or `r#"..."#`.
fn raw_text(literal: &str) -> Option<String> {
    let hashes = literal.strip_prefix('r')?.trim_matches('#');
    Some(hashes.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

/// A `div` keeps Markdown from looking for emphasis in the formula.
fn display(tex: &str) -> Result<String, String> {
    let storage = Storage::new();
    if let Some(Err(error)) = Parser::new(tex, &storage).find(Result::is_err) {
        return Err(error.to_string());
    }
    let config = RenderConfig {
        display_mode: DisplayMode::Block,
        ..RenderConfig::default()
    };
    let mut html = String::from("<div>");
    push_mathml(&mut html, Parser::new(tex, &storage), config).map_err(|e| e.to_string())?;
    html.push_str("</div>");
    Ok(html)
}
