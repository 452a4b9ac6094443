//! Results of checks as JUnit XML, for the test pages of continuous integration.
//!
//! `testsuites > testsuite > testcase`, a case that did not pass holding one `failure`, `error` or
//! `skipped`; every level carries its counts and its time. The elements and attributes are those that
//! the readers of Jenkins, GitLab and GitHub's report actions agree on.
//! XML 1.0 cannot hold most control characters, so they are written as Rust writes them: `\u{1b}`.
//! Tied to `written_vs_read`.

use quick_junit::{NonSuccessKind, Report, SerializeError, TestCase, TestCaseStatus, TestSuite};
use std::time::Duration;

/// Checks that belong together, as those of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suite {
    /// What they belong to.
    pub name: String,
    /// The checks.
    pub checks: Vec<Check>,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What is checked.
    pub name: String,
    /// The group that readers file it under.
    pub classname: String,
    /// How long it took.
    pub time: Duration,
    /// How it ended.
    pub outcome: Outcome,
}

/// How a check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It holds.
    Passed,
    /// It does not hold.
    Failed {
        /// Why, in one sentence.
        message: String,
        /// Everything there is to say, in lines.
        details: String,
    },
    /// It was not made.
    Skipped {
        /// Why.
        message: String,
    },
    /// It could not be made.
    Error {
        /// Why.
        message: String,
    },
}

/// The XML of a report called `name`.
///
/// # Errors
/// None that is known; the writer's signature allows for one.
pub fn junit(name: &str, suites: &[Suite]) -> Result<String, SerializeError> {
    let mut report = Report::new(line(name));
    report.add_test_suites(suites.iter().map(suite));
    let checks = suites.iter().flat_map(|suite| &suite.checks);
    report.set_time(total(checks)).to_string()
}

fn suite(suite: &Suite) -> TestSuite {
    let mut written = TestSuite::new(line(&suite.name));
    written.add_test_cases(suite.checks.iter().map(case));
    written.set_time(total(&suite.checks));
    written
}

fn case(check: &Check) -> TestCase {
    let mut case = TestCase::new(line(&check.name), status(&check.outcome));
    case.set_classname(line(&check.classname));
    case.set_time(check.time);
    case
}

fn status(outcome: &Outcome) -> TestCaseStatus {
    let (mut status, message) = match outcome {
        Outcome::Passed => return TestCaseStatus::success(),
        Outcome::Failed { message, details } => {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
            status.set_description(lines(details));
            (status, message)
        }
        Outcome::Skipped { message } => (TestCaseStatus::skipped(), message),
        Outcome::Error { message } => {
            let status = TestCaseStatus::non_success(NonSuccessKind::Error);
            (status, message)
        }
    };
    status.set_message(line(message));
    status
}

fn total<'a>(checks: impl IntoIterator<Item = &'a Check>) -> Duration {
    let times = checks.into_iter().map(|check| check.time);
    times.fold(Duration::ZERO, Duration::saturating_add)
}

/// Text for an attribute, where a reader would turn a line break into a space.
fn line(text: &str) -> String {
    escape(text, |_| false)
}

/// Text for the inside of an element.
fn lines(text: &str) -> String {
    escape(text, |c| c == '\n')
}

/// Control characters and the two code points that XML excludes, as Rust writes them.
fn escape(text: &str, keep: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if keep(c) || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')) {
            escaped.push(c);
        } else {
            escaped.extend(c.escape_default());
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use roxmltree::{Document, Node};

    fn text() -> impl Strategy<Value = String> {
        let nasty = prop::sample::select(vec![
            "<&>\"'",
            "]]>",
            "<!--",
            "\u{0}\u{1b}[31m",
            "\u{9b}1m\u{7f}",
            "a\nb\r\n\tc",
            "\u{ffff}",
            "f(x) = 31^(1/4)",
            "&amp;&#0;",
            " ",
        ]);
        let part = prop_oneof![nasty.prop_map(String::from), any::<String>()];
        prop::collection::vec(part, 0..4).prop_map(|parts| parts.concat())
    }

    fn outcome() -> impl Strategy<Value = Outcome> {
        prop_oneof![
            Just(Outcome::Passed),
            (text(), text()).prop_map(|(message, details)| Outcome::Failed { message, details }),
            text().prop_map(|message| Outcome::Skipped { message }),
            text().prop_map(|message| Outcome::Error { message }),
        ]
    }

    fn suites() -> impl Strategy<Value = Vec<Suite>> {
        let time = (0u64..100_000).prop_map(Duration::from_millis);
        let check =
            (text(), text(), time, outcome()).prop_map(|(name, classname, time, outcome)| Check {
                name,
                classname,
                time,
                outcome,
            });
        let checks = prop::collection::vec(check, 0..4);
        let suite = (text(), checks).prop_map(|(name, checks)| Suite { name, checks });
        prop::collection::vec(suite, 0..4)
    }

    fn attribute<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
        node.attribute(name)
            .unwrap_or_else(|| panic!("{name} is missing in {node:?}"))
    }

    fn time(node: Node) -> Duration {
        Duration::try_from_secs_f64(attribute(node, "time").parse().unwrap()).unwrap()
    }

    fn named<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Vec<Node<'a, 'i>> {
        node.descendants()
            .filter(|inner| inner.has_tag_name(name))
            .collect()
    }

    /// The counts of a node are those of the elements in it.
    fn has_its_counts(node: Node) {
        let kinds = [
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ];
        for (count, tag) in kinds {
            assert_eq!(
                attribute(node, count),
                named(node, tag).len().to_string(),
                "{count}"
            );
        }
        let times: Duration = named(node, "testcase").into_iter().map(time).sum();
        assert!(time(node).abs_diff(times) < Duration::from_micros(1));
    }

    fn read_check(node: Node) -> Check {
        let results: Vec<Node> = node.children().filter(Node::is_element).collect();
        let outcome = match results.as_slice() {
            [] => Outcome::Passed,
            [result] => {
                let message = attribute(*result, "message").to_owned();
                match result.tag_name().name() {
                    "failure" => {
                        let details = result.text().unwrap_or_default().to_owned();
                        Outcome::Failed { message, details }
                    }
                    "skipped" => Outcome::Skipped { message },
                    "error" => Outcome::Error { message },
                    other => panic!("{other}"),
                }
            }
            more => panic!("{more:?}"),
        };
        let text = |name: &str| attribute(node, name).to_owned();
        Check {
            name: text("name"),
            classname: text("classname"),
            time: time(node),
            outcome,
        }
    }

    /// What a reader is to see: control characters spelled out.
    fn spelled(check: &Check) -> Check {
        let outcome = match &check.outcome {
            Outcome::Passed => Outcome::Passed,
            Outcome::Failed { message, details } => Outcome::Failed {
                message: line(message),
                details: lines(details),
            },
            Outcome::Skipped { message } => Outcome::Skipped {
                message: line(message),
            },
            Outcome::Error { message } => Outcome::Error {
                message: line(message),
            },
        };
        Check {
            name: line(&check.name),
            classname: line(&check.classname),
            outcome,
            ..check.clone()
        }
    }

    proptest! {
        /// By another parser, which refuses what is not XML 1.0.
        #[test]
        fn written_vs_read(name in text(), suites in suites()) {
            let xml = junit(&name, &suites).unwrap();
            let document = Document::parse(&xml).unwrap();
            let root = document.root_element();
            prop_assert!(root.has_tag_name("testsuites"));
            prop_assert_eq!(attribute(root, "name"), line(&name));
            has_its_counts(root);
            let read: Vec<Node> = root.children().filter(Node::is_element).collect();
            prop_assert_eq!(read.len(), suites.len());
            for (node, suite) in read.into_iter().zip(&suites) {
                prop_assert!(node.has_tag_name("testsuite"));
                prop_assert_eq!(attribute(node, "name"), line(&suite.name));
                has_its_counts(node);
                let checks: Vec<Check> = named(node, "testcase").into_iter().map(read_check).collect();
                let spelled: Vec<Check> = suite.checks.iter().map(spelled).collect();
                prop_assert_eq!(checks, spelled);
            }
        }
    }

    #[test]
    fn control_characters_are_spelled_out() {
        assert_eq!(line("a\u{1b}[0m\n\u{ffff}é"), r"a\u{1b}[0m\n\u{ffff}é");
        assert_eq!(lines("a\r\n\tb"), "a\\r\n\\tb");
    }
}
