//! A shop's logo: foreign SVG, admitted only as plain shapes and drawn on a picture of its own.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, roxmltree};

const BYTES_MAX: usize = 64 * 1024;
const ELEMENTS_MAX: usize = 1_000;
const DEPTH_MAX: usize = 24;

/// Shapes, their groups and their paint. What reads files, repeats other parts, or costs without bound is not here.
const ELEMENTS: [&str; 17] = [
    "svg",
    "g",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "defs",
    "linearGradient",
    "radialGradient",
    "stop",
    "clipPath",
    "title",
    "desc",
    "metadata",
];
/// Attributes that cost without bound.
const REFUSED_ATTRIBUTES: [&str; 6] =
    ["stroke-dasharray", "filter", "mask", "marker-start", "marker-mid", "marker-end"];

/// Whether the logo may be drawn; otherwise the code of what is wrong.
pub(super) fn check(text: &str) -> Result<(), &'static str> {
    if text.len() > BYTES_MAX {
        return Err("too_large");
    }
    // Without a DTD there are no entities, and so nothing that grows while it is parsed.
    let document = roxmltree::Document::parse(text).map_err(|_| "not_svg")?;
    if document.root_element().tag_name().name() != "svg" {
        return Err("not_svg");
    }
    let elements = document.descendants().filter(roxmltree::Node::is_element);
    for (count, element) in elements.enumerate() {
        if count >= ELEMENTS_MAX || element.ancestors().count() > DEPTH_MAX {
            return Err("too_complex");
        }
        if !is_admitted(element) {
            return Err("element_refused");
        }
    }
    usvg::Tree::from_xmltree(&document, &options()).map(|_| ()).map_err(|_| "not_svg")
}

/// The logo within a square of `side` pixels, proportions kept. `None` when it was not [`check`]ed and is no SVG.
pub(super) fn draw(text: &str, side: u16) -> Option<Pixmap> {
    let document = roxmltree::Document::parse(text).ok()?;
    let tree = usvg::Tree::from_xmltree(&document, &options()).ok()?;
    let (width, height, side_px) = (tree.size().width(), tree.size().height(), f32::from(side));
    let scale = side_px / width.max(height);
    let middle = |length: f32| (side_px - length * scale) / 2.0;
    let mut pixmap = Pixmap::new(u32::from(side), u32::from(side))?;
    let place = Transform::from_scale(scale, scale).post_translate(middle(width), middle(height));
    resvg::render(&tree, place, &mut pixmap.as_mut());
    Some(pixmap)
}

fn is_admitted(element: roxmltree::Node<'_, '_>) -> bool {
    let refused = |name: &str| REFUSED_ATTRIBUTES.contains(&name);
    let plain = |attribute: roxmltree::Attribute<'_, '_>| {
        let (name, value) = (attribute.name(), attribute.value());
        let styled = name == "style" && REFUSED_ATTRIBUTES.iter().any(|refused| value.contains(refused));
        !refused(name) && !styled && name != "href"
    };
    ELEMENTS.contains(&element.tag_name().name()) && element.attributes().all(plain)
}

/// Options by which no file and no embedded picture is read.
pub(super) fn options() -> usvg::Options<'static> {
    let image_href_resolver = usvg::ImageHrefResolver {
        resolve_data: Box::new(|_, _, _| None),
        resolve_string: Box::new(|_, _| None),
    };
    usvg::Options { image_href_resolver, ..usvg::Options::default() }
}
