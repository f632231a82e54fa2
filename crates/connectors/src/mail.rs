//! Letters by SMTP.

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::time::Duration;

/// A server that does not answer is not waited for longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that sends letters for us.
#[derive(Clone)]
pub struct Mail {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// Why there is no mail, or a letter was not sent; without secrets.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The address of the server.
    #[error(
        "the server must be given as smtps://user:password@host or smtp://user:password@host?tls=required"
    )]
    Server,
    /// The address of the sender or of the receiver.
    #[error("«{0}» is not an address of mail")]
    Address(String),
    /// The letter cannot be written.
    #[error("the letter cannot be written: {0}")]
    Letter(String),
    /// The server refused it, or did not answer.
    #[error("the mail server: {0}")]
    Sending(String),
}

impl Mail {
    /// By the server at `url`, as `from`: `Samovar <noreply@example.org>`.
    pub fn new(url: &str, from: &str) -> Result<Self, MailError> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| MailError::Server)?;
        let transport = builder.timeout(Some(PATIENCE)).build();
        Ok(Self { transport, from: mailbox(from)? })
    }

    /// Sends a letter of plain text.
    pub async fn send(&self, to: &str, subject: &str, text: &str) -> Result<(), MailError> {
        let letter = Message::builder()
            .from(self.from.clone())
            .to(mailbox(to)?)
            .subject(subject)
            .header(ContentType::TEXT_PLAIN)
            .body(text.to_owned())
            .map_err(|error| MailError::Letter(error.to_string()))?;
        self.transport.send(letter).await.map(drop).map_err(|error| MailError::Sending(error.to_string()))
    }
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mail")
    }
}

fn mailbox(text: &str) -> Result<Mailbox, MailError> {
    text.parse().map_err(|_| MailError::Address(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_and_a_sender_are_needed() {
        assert!(Mail::new("smtps://user:secret@mail.example.org", "Самовар <noreply@example.org>").is_ok());
        assert!(Mail::new("smtp://localhost:2525", "noreply@example.org").is_ok());
        assert!(matches!(Mail::new("https://example.org", "noreply@example.org"), Err(MailError::Server)));
        assert!(matches!(Mail::new("smtp://localhost", "nobody"), Err(MailError::Address(_))));
    }
}
