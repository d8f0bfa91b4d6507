//! How a server is told to end.

use super::ServeError;

/// Ctrl-C, or the system's wish that this process end. From [`Signals::hear`] on neither kills it.
pub struct Signals {
    #[cfg(unix)]
    heard: Vec<tokio::signal::unix::Signal>,
}

impl Signals {
    /// Begins to listen.
    ///
    /// # Errors
    /// [`ServeError::System`].
    pub fn hear() -> Result<Self, ServeError> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::SignalKind;
            Ok(Self { heard: vec![heard(SignalKind::interrupt())?, heard(SignalKind::terminate())?] })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Ends with its terminal too. A server that is to outlive it (`nohup`) must not ask for this.
    ///
    /// # Errors
    /// [`ServeError::System`].
    #[cfg_attr(not(unix), allow(unused_mut, reason = "only unix has another signal to add"))]
    pub fn or_hangup(mut self) -> Result<Self, ServeError> {
        #[cfg(unix)]
        self.heard.push(heard(tokio::signal::unix::SignalKind::hangup())?);
        Ok(self)
    }

    /// Returns when one has come.
    pub async fn wait(&mut self) {
        #[cfg(unix)]
        std::future::poll_fn(|context| {
            let come = self.heard.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
            if come { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
        #[cfg(not(unix))]
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(unix)]
fn heard(kind: tokio::signal::unix::SignalKind) -> Result<tokio::signal::unix::Signal, ServeError> {
    tokio::signal::unix::signal(kind).map_err(|error| ServeError::System(error.to_string()))
}
