//! Tests of whole figures: the SVG read back, the PNG decoded.

use super::*;
use proptest::prelude::*;
use roxmltree::Document;

fn curve(points: Vec<(f64, f64)>) -> Series {
    Series {
        name: "loss".to_owned(),
        points,
        ..Series::default()
    }
}

fn chart(series: Vec<Series>) -> Chart {
    Chart {
        title: "a chart".to_owned(),
        x: Axis::new("epoch", Scale::Log),
        y: Axis::new("loss", Scale::Log),
        series,
        levels: vec![Level {
            name: "bound 4√(d+1) = 22.271".to_owned(),
            y: 22.271,
        }],
        marks: vec![200.0],
    }
}

fn decay(n: usize) -> Vec<(f64, f64)> {
    (1..=n).map(|k| (k as f64, 100.0 / k as f64)).collect()
}

fn every_panel() -> Figure {
    let banded = Series {
        band: decay(50).iter().map(|&(_, y)| (y / 2.0, y * 2.0)).collect(),
        ..curve(decay(50))
    };
    let dots = Series {
        style: Style::Dots,
        colour: 1,
        ..banded.clone()
    };
    let tinted = |text: &str, tone| Field {
        text: text.to_owned(),
        tone,
    };
    let grid = Grid {
        title: "a table".to_owned(),
        heading: vec!["architecture".to_owned(), "generalises".to_owned()],
        rows: vec![
            vec!["no bias".into(), tinted("yes", Tone::Good)],
            vec!["bias".into(), tinted("no", Tone::Bad)],
            vec![tinted("LN", Tone::Doubtful)],
        ],
    };
    let heat = Heat {
        title: "a map".to_owned(),
        x_label: "scale".to_owned(),
        y_label: "width".to_owned(),
        value_label: "accuracy".to_owned(),
        columns: vec!["0.01".to_owned(), "1".to_owned()],
        rows: vec!["4".to_owned(), "500".to_owned()],
        values: vec![vec![0.5, 1.0], vec![f64::NAN]],
        range: None,
        decimals: 3,
    };
    Figure {
        title: "everything & <more>".to_owned(),
        note: "A note of some length, with every word in it. ".repeat(12),
        columns: 2,
        panels: vec![
            Panel::Chart(chart(vec![banded])),
            Panel::Chart(chart(vec![dots, curve(decay(7))])),
            Panel::Grid(grid),
            Panel::Heat(heat),
            Panel::Blank,
        ],
    }
}

fn alone(chart: Chart) -> Figure {
    Figure {
        title: String::new(),
        note: String::new(),
        columns: 1,
        panels: vec![Panel::Chart(chart)],
    }
}

/// The attribute of all elements that have it.
fn attributes<'a>(document: &'a Document<'_>, element: &str, name: &str) -> Vec<&'a str> {
    let elements = document
        .descendants()
        .filter(|n| n.has_tag_name(("http://www.w3.org/2000/svg", element)));
    elements.filter_map(|n| n.attribute(name)).collect()
}

/// The vertices of the paths drawn in the colour of curve 0.
fn vertices(svg: &str) -> Vec<(f64, f64)> {
    let document = Document::parse(svg).unwrap();
    let colour = colour::curve(0);
    let group = document
        .descendants()
        .find(|n| n.has_attribute("clip-path"))
        .unwrap();
    let paths = group
        .children()
        .filter(|n| n.attribute("stroke") == Some(colour));
    let data: String = paths.filter_map(|n| n.attribute("d")).collect();
    let pairs = data.split(['M', 'L']).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (x, y) = pair.split_once(' ').unwrap();
            (x.parse().unwrap(), y.parse().unwrap())
        })
        .collect()
}

#[test]
fn same_figure_same_bytes() {
    let (first, second) = (every_panel().svg(), every_panel().svg());
    assert_eq!(first, second);
    let mut other = every_panel();
    other.title.push('!');
    assert_ne!(other.svg(), first);
}

#[test]
fn is_xml_without_broken_numbers() {
    let svg = every_panel().svg();
    let document = Document::parse(&svg).unwrap();
    assert!(!svg.contains("NaN") && !svg.contains("inf\""));
    assert!(attributes(&document, "path", "d").len() > 50);
}

/// Straight lines map data to pixels, so three points in geometric progression on logarithmic axes
/// are equally spaced pixels, and equal pixels come from equal data.
#[test]
fn path_vs_data() {
    let mut plain = chart(vec![curve(vec![(1.0, 1.0), (10.0, 100.0), (100.0, 1e4)])]);
    plain.levels.clear();
    plain.marks.clear();
    let found = vertices(&alone(plain).svg());
    assert_eq!(found.len(), 3);
    let step = |k: usize| (found[k + 1].0 - found[k].0, found[k + 1].1 - found[k].1);
    let ((a, b), (c, d)) = (step(0), step(1));
    assert!(
        (a - c).abs() < 0.03 && (b - d).abs() < 0.03 && a > 100.0 && b < -50.0,
        "{found:?}"
    );
}

#[test]
fn level_vs_curve() {
    let level = chart(vec![curve(vec![(1.0, 22.271), (10.0, 22.271)])]);
    let svg = alone(level).svg();
    let y = vertices(&svg)[0].1;
    let document = Document::parse(&svg).unwrap();
    let dashed = document
        .descendants()
        .filter(|n| n.attribute("stroke-dasharray") == Some("6 3"));
    let data: Vec<&str> = dashed.filter_map(|n| n.attribute("d")).collect();
    assert!(
        data.iter().any(|d| d.contains(&format!(" {y}L"))),
        "{y} {data:?}"
    );
}

#[test]
fn odd_data_is_drawn() {
    let odd: Vec<Vec<(f64, f64)>> = vec![
        vec![],
        vec![(1.0, 1.0)],
        vec![
            (f64::NAN, 1.0),
            (1.0, f64::NAN),
            (f64::INFINITY, f64::NEG_INFINITY),
        ],
        vec![(1.0, 0.0), (2.0, -1.0), (3.0, 5.0)],
        vec![(1.0, 1e308), (2.0, -1e308), (3.0, 5e-324)],
        vec![(1.0, 7.0), (2.0, 7.0), (2.0, 7.0)],
    ];
    for points in odd {
        for scale in [Scale::Linear, Scale::Log] {
            for style in [Style::Line, Style::Dashed, Style::Dots] {
                let series = Series {
                    band: points
                        .iter()
                        .map(|&(_, y)| (y - 1.0, y + f64::NAN))
                        .collect(),
                    style,
                    ..curve(points.clone())
                };
                let mut panel = chart(vec![series]);
                (panel.x.scale, panel.y.scale) = (scale, scale);
                let svg = alone(panel).svg();
                assert!(!svg.contains("NaN") && !svg.contains("inf "), "{points:?}");
                Document::parse(&svg).unwrap();
            }
        }
    }
}

#[test]
fn a_gap_breaks_the_path_and_a_lone_point_is_a_dot() {
    let points = vec![
        (1.0, 1.0),
        (2.0, 1.0),
        (3.0, f64::NAN),
        (4.0, 1.0),
        (5.0, 1.0),
        (6.0, 0.0),
        (7.0, 1.0),
    ];
    let svg = alone(chart(vec![curve(points)])).svg();
    let document = Document::parse(&svg).unwrap();
    let colour = colour::curve(0);
    let paths = document
        .descendants()
        .filter(|n| n.attribute("stroke") == Some(colour));
    let starts: Vec<usize> = paths
        .filter_map(|n| n.attribute("d"))
        .map(|d| d.matches('M').count())
        .collect();
    assert_eq!(starts, [1, 2], "the legend, then two pieces");
    assert_eq!(attributes(&document, "circle", "r").len(), 1);
}

#[test]
fn a_million_points_are_thinned() {
    let svg = alone(chart(vec![curve(decay(1_000_000))])).svg();
    assert!(svg.len() < 200_000, "{}", svg.len());
    assert!(vertices(&svg).len() > 500);
}

#[test]
fn figures_without_panels() {
    for panels in [
        vec![],
        vec![Panel::Blank],
        vec![Panel::Grid(Grid::default())],
        vec![Panel::Chart(Chart::default())],
    ] {
        for columns in [0, 1, 9] {
            let figure = Figure {
                title: String::new(),
                note: String::new(),
                columns,
                panels: panels.clone(),
            };
            Document::parse(&figure.svg()).unwrap();
        }
    }
}

/// Frames, read from the SVG, of charts in one row start at one height and keep apart.
#[test]
fn panels_do_not_overlap() {
    let svg = every_panel().svg();
    let document = Document::parse(&svg).unwrap();
    let frames = document
        .descendants()
        .filter(|n| n.attribute("fill") == Some("none") && n.has_attribute("height"));
    let of = |name: &str| -> Vec<f64> {
        frames
            .clone()
            .map(|n| n.attribute(name).unwrap().parse().unwrap())
            .collect()
    };
    let (x, y, width) = (of("x"), of("y"), of("width"));
    assert_eq!(y[0], y[1]);
    assert!(x[0] + width[0] < x[1]);
}

#[test]
fn tables_hold_every_cell() {
    let svg = every_panel().svg();
    let document = Document::parse(&svg).unwrap();
    let texts: Vec<&str> = document.descendants().filter_map(|n| n.text()).collect();
    for cell in [
        "architecture",
        "generalises",
        "no bias",
        "yes",
        "bias",
        "no",
        "LN",
    ] {
        assert!(texts.contains(&cell), "{cell}");
    }
}

#[test]
fn heat_maps_print_their_numbers() {
    let svg = every_panel().svg();
    let document = Document::parse(&svg).unwrap();
    let texts: Vec<&str> = document.descendants().filter_map(|n| n.text()).collect();
    assert!(texts.contains(&"0.500") && texts.contains(&"1.000"));
    let grey = attributes(&document, "rect", "fill")
        .into_iter()
        .filter(|&fill| fill == colour::NOTHING);
    assert_eq!(grey.count(), 2, "NaN and the missing one");
}

#[test]
fn picture_vs_svg() {
    let figure = every_panel();
    let svg = figure.svg();
    let root = Document::parse(&svg).unwrap();
    let size = |name| {
        root.root_element()
            .attribute(name)
            .unwrap()
            .parse::<f64>()
            .unwrap()
    };
    let pixels = resvg::tiny_skia::Pixmap::decode_png(&figure.png().unwrap()).unwrap();
    assert_eq!(f64::from(pixels.width()), 2.0 * size("width").ceil());
    assert_eq!(f64::from(pixels.height()), 2.0 * size("height").ceil());
    // white paper, and dark text where the title stands: the font was found
    assert_eq!(
        pixels.pixel(0, 0).map(|p| (p.red(), p.alpha())),
        Some((255, 255))
    );
    let title = (28..200).flat_map(|x| (30..60).map(move |y| (x, y)));
    let dark = title.filter(|&(x, y)| pixels.pixel(x, y).is_some_and(|p| p.red() < 90));
    assert!(dark.count() > 200);
}

#[test]
fn saved_vs_drawn() {
    let directory = tempfile::tempdir().unwrap();
    let figure = every_panel();
    let stem = directory.path().join("figures/1a.b");
    let paths = figure.save(&stem).unwrap();
    let names: Vec<_> = paths
        .iter()
        .map(|p| p.file_name().unwrap().to_str().unwrap())
        .collect();
    assert_eq!(names, ["1a.b.png", "1a.b.svg", "1a.b.csv"]);
    let read: Vec<_> = paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    assert_eq!(
        read,
        [
            figure.png().unwrap(),
            figure.svg().into_bytes(),
            figure.csv().into_bytes()
        ]
    );
}

proptest! {
    #[test]
    fn any_text_is_xml(text in any::<String>()) {
        let mut panel = chart(vec![curve(decay(3))]);
        panel.series[0].name = text.clone();
        panel.x.label = text.clone();
        let svg = Figure { title: text.clone(), note: text, ..alone(panel) }.svg();
        prop_assert!(Document::parse(&svg).is_ok());
    }
}
