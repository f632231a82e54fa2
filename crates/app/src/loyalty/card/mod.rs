//! The loyalty card as a picture: the shop's design, the holder's name and number, a QR for the till.
//!
//! Nothing here reads a database, a clock or a file: the same design and face are the same bytes, so a picture is
//! made once and kept under [`CardDesign::fingerprint`].

mod design;
mod ground;
mod lettering;
mod logo;
mod number;
mod picture;
mod poster;
mod qr;
#[cfg(test)]
mod tests;

pub use design::{Background, CardDesign, Colours, DesignProblem, Logo, Ornament, QrPlace};
pub use ground::Ground;
pub use number::{CardNumber, NotACardNumber};
pub use picture::{Balance, CardError, CardFace, HEIGHT, WIDTH, draw};
pub use poster::{POSTER_HEIGHT, POSTER_WIDTH, PosterFace, poster};
pub(crate) use qr::plain as plain_qr;
