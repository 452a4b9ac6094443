//! Every name of the language against the field it reads, and refusals.

use super::*;
use crate::network::{Bias, Layer, SimBn, SimLn};
use crate::scalar::text::{evaluate, parse};

fn numbers(values: &[i64]) -> Vec<Radical> {
    values.iter().map(|v| Radical::from_int(*v)).collect()
}

/// Two samples (1, 2) and (-1, 1), labels 5 and 2.
fn scene(network: Network<Radical>) -> Scene {
    let x = vec![numbers(&[1, 2]), numbers(&[-1, 1])];
    let data = Dataset {
        x,
        y: numbers(&[5, 2]),
    };
    Scene::new(BTreeMap::new(), Some(data), Some(network))
}

fn rows() -> Vec<Vec<Radical>> {
    vec![numbers(&[1, 1, 1]), numbers(&[0, 2, -1])]
}

fn deep() -> Scene {
    let hidden = vec![Layer::Dense(vec![numbers(&[1, 2]), numbers(&[3, -4])])];
    scene(Network::Bias(Bias {
        first: rows(),
        hidden,
        last: numbers(&[7, 8]),
    }))
}

#[test]
fn names_vs_fields() {
    let is = |scene: &Scene, text: &str, wanted: &str| {
        assert_eq!(evaluate(text, scene), Ok(parse(wanted).unwrap()), "{text}");
    };
    let deep = deep();
    // first layer at (1, 2): 4, 3; at (-1, 1): 1, 1; second: 10, 0 and 3, -1
    for (text, wanted) in [
        ("n", "2"),
        ("d", "2"),
        ("m", "2"),
        ("D", "3"),
        ("x[1,2]", "2"),
        ("y[2]", "2"),
        ("R[1]", "sqrt(6)"),
        ("W1[2,2]", "2"),
        ("b1[2]", "-1"),
        ("W[2,1,2]", "2"),
        ("W[2,2,1]", "3"),
        ("WD[2]", "8"),
        ("h[1,1]", "4"),
        ("h[2,2]", "1"),
        ("h[1,1,2]", "10"),
        ("h[2,2,2]", "0"),
        ("f[1]", "70"),
        ("prediction(-1, 1)", "21"),
        ("sum(i: f[i] - y[i])", "84"),
    ] {
        is(&deep, text, wanted);
    }
    let bn = scene(Network::SimBn(SimBn {
        first: rows(),
        gamma: numbers(&[2, 3]),
        last: numbers(&[1, 1]),
    }));
    // a_1^2 = (16 + 1)/2, a_2^2 = (9 + 1)/2
    is(&bn, "a[1]^2", "17/2");
    is(&bn, "gamma[2]*h[1,2]/a[2]", "9/sqrt(5)");
    is(
        &bn,
        "f[1] - gamma[1]*W2[1]*h[1,1]/a[1] - gamma[2]*W2[2]*h[1,2]/a[2]",
        "0",
    );
    let ln = scene(Network::SimLn(SimLn {
        first: rows(),
        last: numbers(&[1, 1]),
        eps: parse("1/2").unwrap(),
    }));
    is(&ln, "eps*f[1]", "7/10");
}

/// Off the interpolating thetas the sharpness of batch norm is the definition's.
#[test]
fn sharpness_vs_definition() {
    let bn = scene(Network::SimBn(SimBn {
        first: rows(),
        gamma: numbers(&[2, 3]),
        last: numbers(&[1, 1]),
    }));
    let (Some(net), Some(data)) = (&bn.network, &bn.data) else {
        panic!()
    };
    assert_eq!(bn.sharpness(), Ok(&mse_trace(net, data).unwrap()));
    let closed = mean_twice(bn.squared_gradients().unwrap()).unwrap();
    assert_ne!(bn.sharpness(), Ok(&closed));
}

#[test]
fn wrong_names_and_kinks_are_told_apart() {
    let trouble = |text: &str| evaluate(text, &deep()).unwrap_err();
    for text in [
        "x[0,1]",
        "x[3,1]",
        "h[1,3]",
        "h[1,1,3]",
        "W[1,1,1]",
        "W[3,1,1]",
        "W[2,1,3]",
        "gamma[1]",
        "prediction(1)",
    ] {
        assert_eq!(trouble(text).trouble, Trouble::Name, "{text}");
    }
    let kinked = scene(Network::Bias(Bias {
        first: vec![numbers(&[1, 1, 0])],
        hidden: vec![],
        last: numbers(&[1]),
    }));
    let error = evaluate("sharpness", &kinked).unwrap_err();
    assert_eq!(error.trouble, Trouble::Undefined);
    assert!(error.message.starts_with("kink: "), "{error}");
}

#[test]
fn definitions_are_expressions_with_names() {
    let mut scene = deep();
    for (head, body) in [
        ("r", "n + 1"),
        ("v[i, k]", "r*x[i,k] + i"),
        ("s[l]", "if(l = 1, 5, l = 2, -r)"),
    ] {
        scene.define(head, body).unwrap();
    }
    let is = |text: &str, wanted: i64| {
        assert_eq!(
            evaluate(text, &scene),
            Ok(Radical::from_int(wanted)),
            "{text}"
        );
    };
    is("v[2,1]", -1);
    is("sum(i: v[i,2])", 3 * 2 + 1 + 3 + 2);
    is("s[1] + s[2]", 2);
    is("prediction(x[1,1], x[1,2])", 70);
    let trouble = |text: &str| evaluate(text, &scene).unwrap_err();
    assert_eq!(trouble("s[3]").trouble, Trouble::Undefined);
    assert!(trouble("v[1]").message.contains("write v[i, k]"));
    assert!(trouble("r[1]").message.contains("r has no index"));
    let mut scene = deep();
    assert!(scene.define("r[i, i]", "1").is_err() && scene.define("r[1]", "1").is_err());
    scene.define("a", "b").unwrap();
    scene.define("b", "a").unwrap();
    assert!(scene.define("b", "1").is_err());
    assert_eq!(evaluate("a", &scene).unwrap_err().trouble, Trouble::Limit);
}

/// Two orthogonal inputs, one neuron each: `J J^T` is diagonal, with `||grad f||^2 = 9 + 9 . 2` on it.
#[test]
fn gram_and_multiplicity_of_a_diagonal_matrix() {
    let x = vec![numbers(&[1, 0]), numbers(&[-1, 0])];
    let data = Dataset {
        x,
        y: numbers(&[9, 9]),
    };
    let first = vec![numbers(&[3, 0, 0]), numbers(&[-3, 0, 0])];
    let net = Network::Bias(Bias {
        first,
        hidden: vec![],
        last: numbers(&[3, 3]),
    });
    let scene = Scene::new(BTreeMap::new(), Some(data), Some(net));
    let is = |text: &str, wanted: i64| {
        assert_eq!(
            evaluate(text, &scene),
            Ok(Radical::from_int(wanted)),
            "{text}"
        );
    };
    is("gram[1,1]", 27);
    is("gram[1,2]", 0);
    is("sum(i: gram[i,i]) - sharpness", 0);
    is("multiplicity(27)", 2);
    is("multiplicity(28)", 0);
}
