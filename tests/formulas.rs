//! Formulas of the documentation: TeX becomes MathML that a browser shows by itself, and is well formed.

use flatproof_math::tex;

fn parsed(html: &str) -> roxmltree::Document<'_> {
    roxmltree::Document::parse(html).expect("well-formed MathML")
}

#[test]
fn a_formula_is_a_tree_of_mathml() {
    let html = tex!(r"\frac{2}{n} \sum_{i=1}^n \lVert \nabla f(x_i) \rVert^2");
    let document = parsed(html);
    let math = document
        .root_element()
        .first_element_child()
        .expect("one child");
    assert!(math.has_tag_name("math") && math.attribute("display") == Some("block"));
    for tag in ["mfrac", "munderover", "msub", "msup"] {
        assert!(
            math.descendants().any(|node| node.has_tag_name(tag)),
            "{tag}"
        );
    }
    assert!(math.descendants().all(|node| !node.has_tag_name("merror")));
}

#[test]
fn hashes_and_roots() {
    let html = tex!(r#"\sqrt{\frac1n} = \text{"root"}"#);
    assert!(
        parsed(html)
            .descendants()
            .any(|node| node.has_tag_name("msqrt"))
    );
    assert!(html.contains("\"root\"") || html.contains("&quot;root&quot;"));
}

/// Nothing is fetched when a page is shown.
#[test]
fn nothing_points_elsewhere() {
    let html = tex!(r"\begin{cases} a & b \\ c & \tfrac12 \end{cases}");
    assert!(!html.contains("http") && !html.contains("<script") && !html.contains("src="));
}
